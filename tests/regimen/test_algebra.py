"""Regimens as values: sums, shifts, missed days, equality, tables and back."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldnsim import InputError, Regimen
from ldnsim.regimen import Record

AMOUNTS = st.sampled_from([0.0, 0.5, 1.5, 4.5, 50.0])
TIMES = st.integers(0, 400).map(lambda k: k * 0.25)
DOSED = st.sampled_from(
    [{}, {"cmt": 2}, {"cmt": "A_gut"}, {"drug": "oxycodone"}, {"formulation": "sublingual"}]
)
SPEEDS = st.sampled_from([{}, {"rate": 2.5}, {"duration": 3.0}])


@st.composite
def trains(draw):
    n, ii = draw(st.integers(1, 20)), draw(st.sampled_from([6.0, 12.0, 24.0, 48.0]))
    more = (
        draw(DOSED)
        | draw(SPEEDS)
        | {"lag": draw(st.sampled_from([0.0, 0.5])), "F": draw(st.sampled_from([1.0, 0.7]))}
    )
    return Regimen.every(draw(AMOUNTS), ii=ii, n=n, at=draw(TIMES), **more)


@st.composite
def records(draw):
    evid = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 4]))
    extra = tuple(
        (k, draw(st.sampled_from([1.0, 2.5]))) for k in draw(st.sets(st.sampled_from(["CL", "WT"])))
    )
    fields = {
        "time": draw(TIMES),
        "evid": evid,
        "cmt": draw(st.sampled_from([1, 2, "A"])),
        "extra": tuple(sorted(extra)),
    }
    if evid in (1, 4):
        fields |= {
            "amt": draw(st.sampled_from([1.0, 100.0])),
            "rate": draw(st.sampled_from([0.0, 8.333333333333334, -1.0])),
        }
        fields |= {"ii": draw(st.sampled_from([12.0, 24.0])), "addl": draw(st.integers(0, 5))}
        fields |= {"ss": draw(st.integers(0, 2)), "lag": draw(st.sampled_from([0.0, 0.1])), "F": 0.61}
    return Record(**fields)


regimens = st.lists(trains(), min_size=1, max_size=3).map(sum) | st.lists(
    records(), min_size=1, max_size=6
).map(lambda rows: Regimen(sorted(rows, key=lambda r: r.time)))


def effect(regimen):
    """What is given when, whatever the rows."""
    return sorted((d.time, *map(str, d.what)) for d in regimen.doses)


@pytest.mark.filterwarnings("ignore:record .* gives the dose of record")
@settings(deadline=None)
@given(regimens)
def test_tables_come_back_exactly(regimen):
    table = regimen.to_records()
    again = Regimen.from_records(table)
    assert again == regimen
    assert hash(again) == hash(regimen)
    assert again.to_records().equals(table)
    assert list(again.to_records().dtypes) == list(table.dtypes)


@pytest.mark.filterwarnings("ignore:record .* gives the dose of record")
@settings(deadline=None, max_examples=50)
@given(regimens)
def test_csv_comes_back_exactly(regimen):
    text = regimen.to_records().to_csv(index=False)
    assert Regimen.from_records(pd.read_csv(io.StringIO(text))) == regimen


@settings(deadline=None)
@given(regimens, st.sampled_from([0.0, 6.0, 24.0, 100.5]), st.sampled_from([0.0, 12.0, 0.25]))
def test_shifts_add_and_undo(regimen, a, b):
    assert regimen.shift(hours=a).shift(hours=b) == regimen.shift(hours=a + b)
    assert regimen.shift(hours=a).shift(hours=-a) == regimen


@settings(deadline=None)
@given(trains(), trains(), trains())
def test_sums_commute_and_associate_in_effect(a, b, c):
    assert effect(a + b) == effect(b + a)
    assert effect((a + b) + c) == effect(a + (b + c))
    assert len((a + b).doses) == len(a.doses) + len(b.doses)
    assert effect((a + b).shift(hours=3)) == effect(a.shift(hours=3) + b.shift(hours=3))


@settings(deadline=None)
@given(st.lists(trains(), min_size=1, max_size=3).map(sum), st.data())
def test_skip_removes_exactly_the_doses_of_those_days(regimen, data):
    first = regimen.doses[0].time
    day = {d.time: int(d.time // 24 - first // 24) + 1 for d in regimen.doses}
    missed = data.draw(st.sets(st.sampled_from(sorted(set(day.values())))))
    left = [e for e in effect(regimen) if day[e[0]] not in missed]
    assert effect(regimen.skip(days=missed)) == left


def test_the_empty_regimen_is_neutral():
    regimen = Regimen.daily(4.5, days=3)
    assert regimen + Regimen() == Regimen() + regimen == regimen
    assert sum([regimen, regimen.shift(hours=12)]) == regimen + regimen.shift(hours=12)
    assert Regimen().end == 0.0
    assert Regimen().last_dose is None
    assert Regimen.from_records(Regimen().to_records()) == Regimen()


def test_a_regimen_is_a_value():
    regimen = Regimen.daily(4.5, days=3)
    with pytest.raises(AttributeError):
        regimen.records = ()
    assert {regimen: 1}[Regimen.daily(4.5, days=3)] == 1
    assert regimen != Regimen.daily(4.5, days=4)
    assert regimen != "a text"
    with pytest.raises(TypeError):
        regimen + 3


def test_days_are_calendar_days_from_the_first_dose():
    late = Regimen.daily(4.5, days=4, at="22:00")
    twice = (late + late.shift(hours=12)).skip(days=[2])
    assert [d.time for d in twice.doses] == [22.0, 58.0, 70.0, 82.0, 94.0, 106.0]
    assert late.shift(hours=240).skip(days=[1]) == late.skip(days=[1]).shift(hours=240)


def test_a_missed_dose_keeps_the_interval():
    regimen = Regimen.daily(4.5, days=3).skip(days=[2])
    assert [(r.time, r.ii, r.addl) for r in regimen.records] == [(0.0, 24.0, 0), (48.0, 24.0, 0)]
    assert regimen.end == 72.0


def test_missing_a_steady_states_later_dose():
    left = Regimen.daily(4.5, days=3, at="22:00", ss=True).skip(days=[2])
    assert [(r.time, r.ss, r.lag) for r in left.records] == [(0.0, 1, 22.0), (70.0, 0, 0.0)]


def test_a_skipped_reset_and_dose_still_resets():
    records = [Record(0, 1, 1), Record(24, 1, 1, evid=4, ii=24, addl=1)]
    left = Regimen(records).skip(days=[2])
    assert [(r.time, r.evid, r.amt) for r in left.records] == [(0.0, 1, 1.0), (24.0, 3, 0.0), (48.0, 1, 1.0)]


def test_doses_cancelled_by_a_reset_do_not_count():
    regimen = Regimen([Record(0, 1, 1, ii=12, addl=9), Record(30, evid=3), Record(40, 1, 1)])
    assert [d.time for d in regimen.doses] == [0.0, 12.0, 24.0, 40.0]
    assert [d.time for d in regimen.skip(days=[1]).doses] == [24.0, 40.0]


def test_resets_come_before_doses_of_the_other_at_one_time():
    steady, plain = Regimen.daily(4.5, days=2, ss=True), Regimen.daily(10, days=2, drug="oxycodone")
    for both in (steady + plain, plain + steady):
        assert [r.ss for r in both.records] == [1, 0]


def what_remains(regimen):
    """Amounts at 12 h that no reset of the same time wipes, in their order."""
    left = []
    for r in (r for r in regimen.records if r.time == 12.0):
        left = [] if r.resets else left
        left += [r.amt] if r.is_dose else []
    return left


DOSE, RESET = Record(12, 100, "C"), Record(12, evid=3)
OTHERS = {
    "before": Regimen([Record(0, 1, "C")]),
    "at the same time": Regimen([Record(12, 1, "C")]),
    "observed at the same time": Regimen([Record(12, evid=0), Record(12, 1, "C"), Record(12, evid=0)]),
}


@pytest.mark.kind("sum-and-reset")
@pytest.mark.parametrize("other", OTHERS)
def test_a_sum_does_not_revive_a_wiped_dose(other):
    wiped, other = Regimen([DOSE, RESET]), OTHERS[other]
    for both in (wiped + other, other + wiped):
        assert what_remains(both) == [d.amt for d in other.doses if d.time == 12.0]


@pytest.mark.kind("sum-and-reset", sibling="two resets and doses at one time")
def test_two_resets_at_one_time_wipe_neither_dose():
    one, two = (Regimen([Record(12, 7, "C"), Record(12, amt, "C", evid=4)]) for amt in (10.0, 20.0))
    assert what_remains(one + two) == [10.0, 20.0]
    assert what_remains(two + one) == [20.0, 10.0]
    assert what_remains(one) == [10.0]


@pytest.mark.kind("sum-and-reset", sibling="a reset and a steady state at one time")
def test_a_reset_does_not_wipe_a_steady_state_of_the_same_time():
    steady = Regimen([Record(12, 5, "C", ii=24, ss=1)])
    reset = Regimen([Record(12, 3, "C"), Record(12, 8, "C", evid=4)])
    for both in (steady + reset, reset + steady):
        assert [(r.evid, r.ss, r.amt) for r in both.records] == [(1, 0, 3), (3, 0, 0), (1, 1, 5), (1, 0, 8)]


@pytest.mark.kind("sum-and-reset", sibling="an observation before a dose stays before it")
def test_troughs_stay_troughs_in_a_sum():
    trough = Regimen([Record(12, evid=0), DOSE])
    for both in (trough + OTHERS["at the same time"], OTHERS["at the same time"] + trough):
        assert [r.evid for r in both.records] == [0, 1, 1]


REFUSED = {
    "a day without a dose": (lambda r: r.skip(days=[9]), "days=[9]: no dose falls on it"),
    "day 0": (lambda r: r.skip(days=[0]), "days=0: must be a whole number >= 1"),
    "a number of days": (lambda r: r.skip(days=3), "days=3: must be a list"),
    "before time 0": (lambda r: r.shift(hours=-1), "hours=-1.0: must be >= 0"),
    "no number": (lambda r: r.shift(hours=float("nan")), "hours=nan"),
    "the steady dose": (lambda r: Regimen.daily(1, days=3, ss=True).skip([1]), "days=1: holds the dose"),
    "two steady states": (
        lambda r: Regimen.daily(1, days=3, ss=True) + Regimen.daily(2, days=3, ss=True),
        "ss=1: in both regimens",
    ),
    "a steady state that wipes": (
        lambda r: r + Regimen.daily(2, days=3, ss=True).shift(hours=24),
        "ss=1: at 24 h would wipe earlier doses",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_name_value_and_rule(case):
    act, words = REFUSED[case]
    with pytest.raises(InputError) as error:
        act(Regimen.daily(4.5, days=3))
    assert words in str(error.value)


def test_missing_the_last_days_keeps_the_end():
    week = Regimen.daily(4.5, days=7, at="22:00")
    left = week.skip(days=[6, 7])
    assert left.end == week.end
    assert len(left.doses) == 5
    assert [d.time for d in left.missed] == [142.0, 166.0]
    assert "5 doses over 7 days" in repr(left)
    assert "day 6, 22:00: missed x 2 every 24 h" in repr(left)
    assert Regimen.from_records(left.to_records()) == left
    assert left.period == week.period
