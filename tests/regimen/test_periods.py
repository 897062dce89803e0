"""Ids that come back, and clocks that start again."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import InputError, Regimen

TEXT = "model a\n C' = -k*C; C = 0; k = 0.1\n D := C*(1 + 0*time)\nend"
CROSSOVER = [
    {"time": 0, "amt": 50, "cmt": "C"},
    {"time": 10, "evid": 0},
    {"time": 24, "evid": 0},
    {"time": 0, "amt": 4.5, "evid": 4, "cmt": "C"},
    {"time": 10, "evid": 0},
    {"time": 24, "evid": 0},
]


@pytest.mark.kind("id-returns")
def test_an_id_that_comes_back_is_not_merged():
    with pytest.raises(InputError, match=r"id=1: comes back after another id \(record 2\)") as error:
        Regimen.from_records({"ID": [1, 2, 1], "TIME": [0, 0, 0], "AMT": [4.5, 4.5, 4.5]})
    assert "sort" not in str(error.value)


@pytest.mark.kind("id-returns", sibling="a label of text, at a later time")
def test_a_text_that_comes_back():
    rows = [{"id": i, "time": t, "amt": 1} for i, t in (("a", 0), ("b", 0), ("a", 24), ("b", 24))]
    with pytest.raises(InputError, match="id='a': comes back"):
        Regimen.from_records(rows)


@pytest.mark.kind("id-returns", sibling="stretches that follow one another stay one")
def test_records_of_one_id_together_are_one_subject():
    by_id = Regimen.from_records({"ID": ["b", "b", "a"], "TIME": [0, 24, 0], "AMT": [1, 1, 1]})
    assert {i: len(r.doses) for i, r in by_id.items()} == {"b": 2, "a": 1}


@pytest.mark.kind("restarted-clock")
def test_a_reset_and_dose_begins_a_period_with_its_own_clock():
    with pytest.warns(UserWarning, match=r"starts again at a reset \(record 3\).*midnight of 48 h"):
        regimen = Regimen.from_records(CROSSOVER)
    found = ldn.simulate(ldn.Model.from_antimony(TEXT), regimen, times="records", rtol=1e-9, outputs=["C"])
    alone = np.exp([-1.0, -2.4])
    np.testing.assert_allclose(found.C, [*50 * alone, *4.5 * alone], rtol=1e-7)
    assert [d.time for d in regimen.doses] == [0.0, 48.0]


@pytest.mark.kind(
    "restarted-clock", sibling="three periods, opened by evid 3, later doses of the first pending"
)
def test_pending_doses_end_with_their_period():
    first = [{"time": 0, "amt": 10, "cmt": "C", "ii": 12, "addl": 9}, {"time": 30.5, "evid": 0}]
    second = [{"time": 0, "evid": 3}, {"time": 8, "amt": 20, "cmt": "C"}, {"time": 18, "evid": 0}]
    with pytest.warns(UserWarning, match="record 2"):
        regimen = Regimen.from_records(first + second + second)
    assert [d.time for d in regimen.doses] == [0.0, 12.0, 24.0, 56.0, 80.0]
    found = ldn.simulate(ldn.Model.from_antimony(TEXT), regimen, times="records", rtol=1e-9, outputs=["C"])
    left = 10 * np.exp(-0.1 * np.array([30.5, 18.5, 6.5])).sum()
    np.testing.assert_allclose(found.C, [left, 20 * np.exp(-1), 20 * np.exp(-1)], rtol=1e-7)


@pytest.mark.kind("restarted-clock", sibling="several subjects, told of once")
def test_one_warning_for_all_subjects():
    rows = [{"id": i, **row} for i in ("a", "b", "c") for row in CROSSOVER]
    with pytest.warns(UserWarning, match=r"of ID a and 2 others starts again") as told:
        by_id = Regimen.from_records(rows)
    assert len(told) == 1
    assert len({str(r.records) for r in by_id.values()}) == 1


@pytest.mark.kind("restarted-clock", sibling="without a reset")
@pytest.mark.parametrize("evid", [0, 1, 2])
def test_a_clock_that_falls_without_a_reset_is_refused_without_harmful_advice(evid):
    row = {"time": 0, "evid": evid} | ({"amt": 4.5} if evid == 1 else {})
    with pytest.raises(InputError, match=r"time=0\.0: must not fall.*\(record 2\) of ID 5") as error:
        Regimen.from_records([{"id": 5, **r} for r in (*CROSSOVER[:2], row)])
    assert "sort" not in str(error.value)


def test_a_reset_at_a_later_time_stays_where_it_is():
    rows = [{"time": 0, "amt": 1}, {"time": 30, "amt": 2, "evid": 4}]
    assert [d.time for d in Regimen.from_records(rows).doses] == [0.0, 30.0]


def test_the_hour_of_the_day_is_kept():
    rows = [{"time": 22, "amt": 1}, {"time": 94, "evid": 0}, {"time": 22, "amt": 1, "evid": 4}]
    with pytest.warns(UserWarning, match="midnight of 96 h"):
        regimen = Regimen.from_records(rows)
    assert [d.time % 24 for d in regimen.doses] == [22.0, 22.0]
