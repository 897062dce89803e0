"""Where a rule of regimens ends: the very values from which the other side of it holds."""

import numpy as np
import pytest

from ldnsim import InputError, Regimen
from ldnsim.engine.instants import width
from ldnsim.regimen import Feedback, Record, kept
from ldnsim.regimen.asked import once_or_repeated
from ldnsim.regimen.record import MOST_DOSES, OBSERVATION, OTHER, count
from ldnsim.regimen.schedule import instants, one_cycle, trimmed
from ldnsim.regimen.window import _is_later, deciding, interval_ends, whole_cycles, window_of

SEEN, GIVEN = Record(5, evid=OBSERVATION), Record(5, 1, 1)
HEAVY = Record(5, evid=OBSERVATION, extra=(("WT", 90.0),))
HAIR = 4.0 * width(5.0)


@pytest.mark.parametrize(
    ("records", "hairs"),
    [
        ([SEEN, GIVEN], [1, 0]),  # what is seen before a dose of its instant is what was there before
        ([GIVEN, SEEN], [0, 0]),
        ([SEEN, SEEN, GIVEN], [1, 1, 0]),
        ([SEEN, GIVEN, SEEN, GIVEN], [2, 1, 1, 0]),
        ([SEEN, HEAVY], [1, 0]),  # other covariates
        ([SEEN, SEEN], [0, 0]),
        ([GIVEN, GIVEN], [0, 0]),
        ([GIVEN, HEAVY], [0, 0]),
        ([], []),
    ],
)
def test_records_of_one_time_are_a_hair_apart_where_an_observation_stands_before_another_kind(records, hairs):
    assert instants(records) == pytest.approx([5.0 - HAIR * n for n in hairs], rel=1e-15, abs=0)


def test_nothing_acts_before_the_start():
    early = [Record(0, evid=OBSERVATION), Record(0, 1, 1), Record(7, 1, 1)]
    assert instants(early) == (0.0, 4.0 * width(0.0), 7.0 + 4.0 * width(0.0))


@pytest.mark.parametrize(
    ("reset", "doses"), [(30.0, 2), (30.0 + 1e-6, 3), (18.0, 1), (7.0, 1), (6.0, 1), (114.0, 9), (115.0, 10)]
)
def test_doses_from_a_reset_on_are_cancelled(reset, doses):
    first, _ = trimmed([Record(6, 1, 1, ii=12, addl=9), Record(reset, evid=3)])
    assert first.addl == doses - 1


@pytest.mark.parametrize(("last", "doses"), [(20.0, 2), (19.9, 1), (31.9, 2), (32.0, 3), (500.0, 4)])
def test_doses_after_the_last_record_of_a_period_are_not_given(last, doses):
    rows = [
        {"time": 8, "amt": 1, "ii": 12, "addl": 3},
        {"time": last, "evid": 0},
        {"time": 0, "amt": 1, "evid": 4},
    ]
    with pytest.warns(UserWarning, match="starts again"):
        regimen = Regimen.from_records(rows)
    assert len(regimen.doses) == doses + 1


def test_most_doses_are_still_some():
    assert count("n", MOST_DOSES) == MOST_DOSES
    with pytest.raises(InputError, match=f"n={MOST_DOSES + 1}: must be at most"):
        count("n", MOST_DOSES + 1)


def test_a_change_of_covariates_is_no_missed_dose():
    assert not Record(5, evid=OTHER).is_missed
    assert Record(5, evid=OTHER, ii=24).is_missed


def test_a_dose_that_sets_a_steady_state_is_one_like_those_that_follow():
    train = Record(0, 4.5, 1, ii=24, addl=3, ss=1, lag=22)
    assert Regimen([train, Record(118, 4.5, 1, ii=24, addl=3)]).period == 24.0
    assert Regimen([train, Record(118, 4.5, 1, ii=24, addl=3, lag=1)]).period is None


@pytest.mark.parametrize(
    ("at", "lag", "first"), [(20, 2, 22.0), (22, 1.5, 23.5), (0, 0, 0.0), (22, 2, None), (24, 0, None)]
)
def test_a_steady_state_has_its_doses_and_their_lag_in_the_first_interval(at, lag, first):
    if first is None:
        with pytest.raises(InputError, match=r"at=\d+: must lie in the first interval \(24 h\) with ss=True"):
            Regimen.daily(1, days=3, at=at, lag=lag, ss=True)
    else:
        assert Regimen.daily(1, days=3, at=at, lag=lag, ss=True).doses[0].time == first


def test_a_rule_of_titration_at_its_limit():
    up = Feedback(1.0, 0.5, 4.5, 7, "tone", 0.2, above=False)
    assert up.next([1.0, 1.0, 1.0], [0.3, 0.2, 0.1]).tolist() == [1.5, 1.5, 1.0]
    for wrong in (None, "none", [0.1]):
        with pytest.raises(InputError, match="reading="):
            up.next([1.0, 1.0], wrong)
    assert [d.amt for d in up.regimen([0.0]).doses] == [0.0] * 7
    with pytest.raises(InputError, match="doses="):
        up.regimen([0.0, -0.1])


def test_a_text_as_long_as_may_be_is_kept(monkeypatch):
    regimens = {"a": Regimen.single(4.5)}
    text = kept.as_text(regimens)
    for room, is_kept in ((len(text), True), (len(text) - 1, False)):
        monkeypatch.setattr(kept, "_LONGEST", room)
        assert (kept.from_text(kept.as_text(regimens)) is not None) == is_kept


def test_words_without_an_interval_are_a_single_dose_where_no_length_is_told():
    def made(words, days=None):
        return once_or_repeated("regimen", words, None, days)

    assert made("4.5 mg at 22:00") == Regimen.daily(4.5, days=1, at="22:00")
    assert made("4.5 mg at 22:00", 3) == Regimen.daily(4.5, days=3, at="22:00")
    both = Regimen.single(50, at="08:00") + Regimen.daily(4.5, days=1, at="22:00")
    assert made("50 mg once at 08:00 + 4.5 mg at 22:00") == both
    assert made("4.5 mg nightly for 2 days") == Regimen.daily(4.5, days=2, at="22:00")
    assert made(Regimen.single(1)) == Regimen.single(1)
    for words in ("4.5 mg nightly", "4.5 mg every 12 h from 08:00 + 1 mg once at 22:00"):
        with pytest.raises(InputError, match="does not say for how long"):
            made(words)
    with pytest.raises(InputError, match="regimen=None: must be a Regimen or its words"):
        made(None)


def test_columns_of_units_and_of_one_subject_are_no_columns_of_numbers():
    row = {"time": 0, "amt": 4.5}
    plain = Regimen.from_records([row])
    assert Regimen.from_records([row | {"time_unit": "h", "dose_unit": "mg"}]) == plain
    with pytest.raises(InputError, match="time_unit='min': is a unit in which times are not read"):
        Regimen.from_records([row | {"time_unit": "min"}])
    both = [row | {"patient": "a"}, row | {"patient": "a", "time": 24}]
    with pytest.warns(UserWarning, match="no numbers in the columns 'patient'"):
        assert Regimen.from_records(both) == plain + plain.shift(hours=24)


def test_twelve_rows_are_shown_and_days_are_counted_from_the_first_where_no_dose_is():
    rows = [Record(30.0 * k, float(k), 1) for k in range(1, 14)]
    assert "more" not in repr(Regimen(rows[:12]))
    assert repr(Regimen(rows)).endswith("... 1 more")
    assert repr(Regimen([Record(30, evid=3), Record(60, evid=3)])).splitlines()[1:] == [
        "  day 1, 06:00: reset",
        "  day 2, 12:00: reset",
    ]


def test_a_cycle_begins_with_what_ends_it():
    tenths = Regimen.every(1, ii=0.1, n=5, at=0.3, cmt=1)  # 0.3 is a rounding less than three tenths
    assert [d.time for d in one_cycle(tenths.records, 0.1)] == [0.0]
    assert [d.time for d in one_cycle(Regimen.every(1, ii=6, n=8, at=26, cmt=1).records, 6.0)] == [2.0]


def test_a_time_is_later_by_more_than_a_rounding():
    assert [bool(_is_later(t, 0.0)) for t in (-1.0, 0.0, 1e-6, 2e-6)] == [False, False, False, True]
    assert _is_later(np.array([7.0, 8.0]), 7.0).tolist() == [False, True]


def test_what_the_window_of_a_pattern_rests_on():
    evening = Regimen.daily(4.5, days=3, at="22:00", cmt=1)
    assert window_of(evening, 22.0)[:3] == (0.0, 22.0, 0.0)  # the dose of the end is not of the run
    assert window_of(Regimen([Record(22, 4.5, 1)]), 46.0) == window_of(evening, 46.0)._replace(until=46.0)
    none, some = Regimen.daily(0, days=2, at=8, cmt=1), Regimen.daily(1, days=1, at=22, cmt=1)
    assert [d.amt for d in deciding((none + some).doses)] == [1.0]
    assert len(deciding(none.doses)) == 2
    assert [whole_cycles(c, room) for c, room in ((24, 24.0), (5, 25.0), (5, 24.0), (36, 72.0))] == [
        24,
        25,
        24,
        72,
    ]


def test_intervals_of_doses_that_are_taken_due_or_of_one_instant():
    doses = Regimen([Record(0, 1, 1), Record(0, 2, 1), Record(20, 1, 1), Record(26, 1, 1, ii=6)]).doses
    np.testing.assert_array_equal(interval_ends(doses, (), 40.0), [20.0, np.nan, 26.0, 32.0])
    np.testing.assert_array_equal(interval_ends(doses, (), 30.0), [20.0, np.nan, 26.0, np.nan])


@pytest.mark.parametrize("intervals", [(24, 12), (12, 24)])
def test_of_doses_at_one_instant_the_shortest_interval_counts_everywhere(intervals):
    regimen = Regimen([*(Record(0, 1, 1, ii=ii) for ii in intervals), Record(48, 1, 1)])
    np.testing.assert_array_equal(interval_ends(regimen.doses, (), 40.0), [12.0, np.nan, np.nan])
    assert window_of(regimen, 40.0)[:2] == (0.0, 12.0)


def test_doses_that_begin_and_end_a_period_apart_have_no_common_one():
    def beside(ii, later, n=4):
        return (Regimen.every(1, ii=ii, n=n, cmt=1) + Regimen.every(2, ii=ii, n=n, at=later, cmt=1)).period

    assert beside(24, 23.5) == 24.0
    assert beside(24, 24.0, n=1) is None
    assert beside(24.0 * 366, 5.0, n=1) == 24.0 * 366
    assert beside(24.0 * 367, 5.0, n=1) is None


def test_masses_are_read_in_the_units_people_write():
    assert Regimen.parse("4500 ug at 22:00", days=1) == Regimen.daily(4.5, days=1, at="22:00")
    assert Regimen.parse("0.05 g at 22:00", days=1) == Regimen.daily(50.0, days=1, at="22:00")
    assert Regimen.parse("12 mcg once at 08:00").doses[0].amt == 0.012


@pytest.mark.kind("subjects-under-another-name")
@pytest.mark.parametrize("labels", [(1, 2), (1.5, 2)])
@pytest.mark.parametrize("name", ["patient", "USUBJID", "#ID"])
def test_several_subjects_in_a_column_of_another_name_are_not_one(name, labels):
    rows = [{"time": 24 * k, "amt": 4.5, name: label} for k, label in enumerate(labels)]
    with pytest.raises(InputError, match=f"records='{name}': is no column of ids"):
        Regimen.from_records(rows)


def test_a_rule_may_decide_every_day_and_regimens_are_summed():
    assert Feedback(1.0, 0.5, 4.5, 1, "tone", 0.2).regimen([1.0, 1.5]) == Regimen.titration([(1.0, 1), (1.5, 1)], at="22:00")
    parts = [Regimen.single(1, at=k) for k in (8, 20)]
    assert sum(parts) == parts[0] + parts[1]
    with pytest.raises(TypeError):
        1 + parts[0]


@pytest.mark.kind("subjects-under-another-name", sibling="words, which are no covariate and are not left out before")
@pytest.mark.parametrize("labels", [("a", "b"), ("1", "b")])
def test_several_subjects_named_in_words_are_not_one(labels):
    test_several_subjects_in_a_column_of_another_name_are_not_one("subject", labels)
