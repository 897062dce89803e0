"""Rules of studies without a run: limits of verdicts, where a search ends, and what is read of a course."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.errors import InputError
from ldnsim.study import cytokines, dose_search, optimise_search, phases, registry, verdicts, waits
from ldnsim.study.optimise_space import SearchVariable, Space, _variable
from ldnsim.study.statement import Claim

CLAIM = Claim("c", "a sentence", "somebody", holds="> 1", contradicts="a reading")


@pytest.mark.parametrize(
    ("holds", "met"),
    [
        ("< 2", "TFF"),
        ("<= 2", "TTF"),
        ("> 2", "FFT"),
        (">= 2", "FTT"),
        ("between 1 and 2", "TTF"),
        ("between 2 and 3", "FTT"),
        ("between 1.5 and 2.5", "FTF"),
    ],
)
def test_a_claim_is_met_up_to_its_limits(holds, met):
    found = replace(CLAIM, holds=holds).is_met(np.array([1.0, 2.0, 3.0]))
    assert "".join("FT"[int(x)] for x in found) == met
    assert not replace(CLAIM, holds=holds).is_met(np.array([np.nan])).any()


H, F, L, U, LEFT = verdicts.HOLDS, verdicts.FAILS, verdicts.LIKELY, verdicts.UNLIKELY, verdicts.OPEN


def less(x):
    return float(np.nextafter(x, 0.0))


def more(x):
    return float(np.nextafter(x, 2.0))


VERDICTS = [
    (H, {}, "holds"), (less(H), {}, "likely"), (L, {}, "likely"), (less(L), {}, "open"), (more(U), {}, "open"),
    (U, {}, "unlikely"), (more(F), {}, "unlikely"), (F, {}, "contradicted by a reading"),
    (H, {"a": H}, "holds"), (H, {"a": less(H)}, "holds only under scenario the default; not under a"),
    (less(H), {"a": H}, "holds only under scenario a"),
    (F, {"a": H}, "holds only under scenario a; else contradicted by a reading"),
    (more(F), {"a": H}, "holds only under scenario a"),
    (F, {"a": LEFT}, "contradicted by a reading; left open under a"), (F, {"a": less(LEFT)}, "contradicted by a reading"),
]  # fmt: skip


@pytest.mark.parametrize(("share", "others", "words"), VERDICTS)
def test_a_share_of_draws_has_its_word_up_to_its_limits(share, others, words):
    assert verdicts._verdict(CLAIM, share, others) == words


def test_a_claim_under_a_scenario_says_so():
    assert verdicts._verdict(replace(CLAIM, scenario="s"), H, {}) == "holds only under scenario s"
    assert (
        verdicts._verdict(replace(CLAIM, contradicts=""), F, {})
        == "contradicted by the model in all readings tried"
    )
    assert verdicts._verdict(replace(CLAIM, contradicts=""), F, {"a": LEFT}).startswith(
        "contradicted by the model; left open"
    )


def test_assumed_parameters_decide_from_a_strong_rank_correlation_on(monkeypatch):
    runs = SimpleNamespace(draws=lambda variant: None)
    for rhos, names in (
        ({"a": verdicts.STRONG, "b": -verdicts.STRONG, "c": less(verdicts.STRONG)}, ["a", "b"]),
        ({"a": less(verdicts.STRONG), "b": 0.0}, ["a"]),
        ({}, []),
    ):
        monkeypatch.setattr(
            verdicts, "deciding", lambda draws, values, rhos=rhos: pd.Series(rhos, dtype=float)
        )
        assert verdicts._deciding(CLAIM, np.zeros(3), runs) == names
    assert verdicts._deciding(replace(CLAIM, rests_on=("x",)), np.zeros(3), runs) == ["x"]


# ---- the doses that have a number ---------------------------------------------------------------------------
DOSES = np.array([1.0, 10.0, 100.0])
DRAWS = np.array(
    [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [1.0, 3.0, 1.0], [2.5, 3.0, 4.0], [0.0, 1.0, 1.5], [np.nan] * 3]
).T


@pytest.mark.parametrize(
    ("level", "doses"),
    [
        (2.0, [10.0, 10.0, 10**0.5, 0.0, np.inf, np.nan]),
        (2.5, [10**1.5, 10**0.5, 10**0.75, 0.0, np.inf, np.nan]),
        (3.0, [100.0, 1.0, 10.0, 10.0, np.inf, np.nan]),
        (1.5, [10**0.5, 10**1.5, 10**0.25, 0.0, 100.0, np.nan]),
    ],
)
def test_the_smallest_dose_with_a_number(level, doses):
    np.testing.assert_allclose(dose_search._first(DOSES, DRAWS, level), doses, rtol=1e-12)


def test_a_number_that_returns_is_told_of_and_the_best_dose_lies_within():
    with pytest.warns(UserWarning, match="more than one dose has the value 2 in 1 of 6 draws"):
        dose_search._warn_of_several(DOSES, DRAWS, [2.0])
    flat = np.array([[2.0] * 3, [2.0, 2.0, 9.0]]).T
    assert dose_search._best(DOSES, flat, [2.0]) == {}
    for target in ([2.0, 3.0], [1.0, 2.0]):
        found = dose_search._best(DOSES, flat, target)
        assert (found["best_share"], 1.0 < found["best_dose"] < 10.0) == (1.0, True)
    assert dose_search._best(DOSES, flat, [2.1, 3.0])["best_share"] == 0.5


def test_hours_of_a_day_are_from_nought_to_24_and_a_cut_number_may_be_longer():
    hours = ldn.Readout("C", "hours_above", level=1.0)
    for levels in ([0.0, 24.0], [24.0], [0.0]):
        dose_search._refuse_impossible(levels, levels, hours)
    for levels in ([-0.1, 3.0], [24.1]):
        with pytest.raises(InputError, match="hours of a day, 0 to 24"):
            dose_search._refuse_impossible(levels, levels, hours)
    dose_search._refuse_impossible([25.0], [25.0], ldn.Readout("C", "time_above", level=1.0))


def test_a_target_beyond_what_was_looked_for_is_refused():
    hours, cut = [[3.0, 5.0], [24.0, 24.0]], [[0.0, 0.0], [0.0, 1.0]]
    status = (("regimen", "subject"), [["finished"] * 2] * 2)
    ds = xr.Dataset(
        {"w": (("regimen", "subject"), hours), "status": status},
        {"w_censored": (("regimen", "subject"), cut)},
    )
    readout = SimpleNamespace(place=("w", ""))
    assert dose_search._values(ds, readout, 24.0).tolist() == hours
    with pytest.raises(InputError, match=r"target=24\.5: lies beyond the 24 h that w can be looked for"):
        dose_search._values(ds, readout, 24.5)
    some = ds.assign(w=ds.w.where(ds.w != 3.0))
    np.testing.assert_array_equal(dose_search._values(some, readout, 24.0), [[np.nan, 5.0], [np.nan, 24.0]])
    with pytest.raises(InputError, match="metric='w': has no number"):
        dose_search._values(ds.assign(w=ds.w * np.nan), readout, 24.0)


# ---- searches -------------------------------------------------------------------------------------------------


def test_a_variable_of_a_search_has_its_values_in_equal_shares():
    days = SearchVariable("days", 3.0, 5.0)
    assert [days.value(u) for u in (0.0, 0.33, 0.34, 0.66, 0.67, 1.0)] == [3, 3, 4, 4, 5, 5]
    some = SearchVariable("formulation", 0.0, 1.0, ("a", "b"))
    assert [some.value(u) for u in (0.0, 0.49, 0.5, 1.0)] == ["a", "a", "b", "b"]
    dose = SearchVariable("dose", 0.123456, 7.7)
    assert [dose.value(u) for u in (0.0, 0.5, 1.0)] == [0.123456, 3.912, 7.7]
    assert SearchVariable("at", 18.0, 30.0).value(0.3333) == 22.0


def test_a_variable_that_ends_at_its_bound_is_told_of_but_a_clock_time_of_a_day():
    def said(name, low, high, u, choices=()):
        return Space((SearchVariable(name, low, high, choices),), {}).at_bound(np.array([[u]]))

    assert "its lower bound 1:" in said("dose", 1.0, 5.0, 0.0)[0]
    assert "its upper bound 5:" in said("dose", 1.0, 5.0, 1.0)[0]
    assert (
        said("dose", 1.0, 5.0, 0.5)
        == said("at", 0.0, 24.0, 0.0)
        == said("formulation", 0, 1, 1.0, ("a", "b"))
        == ()
    )
    assert said("at", 0.0, 23.0, 0.0)


@pytest.mark.parametrize(
    "told", [(1.0,), (1.0, 2.0, 3.0), (2.0, 2.0), (3.0, 2.0), (0.0, np.inf), "12", ["a"], ("a", "b")]
)
def test_what_is_no_range_is_refused(told):
    with pytest.raises(InputError, match="over\\['dose'\\]="):
        _variable("dose", told)


class Judging:
    """Candidates whose loss is a line in what is varied."""

    def __init__(self, level, slope):
        self.space, self.known = SimpleNamespace(variables=(None,)), {}
        self.found = SimpleNamespace(losses=np.empty((0, 1)), violation=np.empty(0))
        self.judge = lambda x: self.judged(level + slope * x[:, :1])

    def judged(self, losses):
        self.known |= dict.fromkeys(range(len(self.known), len(self.known) + len(losses)))
        found = SimpleNamespace(losses=losses, violation=np.zeros(len(losses)))
        self.found.losses = np.concatenate([self.found.losses, losses])
        self.found.violation = np.concatenate([self.found.violation, found.violation])
        return found


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_losses_that_differ_by_less_than_a_share_of_their_size_tie(size):
    ties = "all candidates tie: nothing that was varied moves the goal"
    for slope, is_tie in ((0.0, True), (0.5 * optimise_search.TIE, True), (5.0 * optimise_search.TIE, False)):
        told = optimise_search.best(Judging(size, slope * size), 8, 2, 0)
        assert (told == ties) == is_tie


def test_a_front_keeps_what_nothing_beats_and_then_what_lies_apart():
    f = np.array([[0.0, 4.0], [1.0, 3.0], [1.1, 2.9], [2.0, 2.0], [4.0, 0.0], [3.0, 3.0], [4.0, 4.0]])
    v = np.zeros(7)
    assert sorted(optimise_search._fittest(f, v, 7)) == list(range(7))
    assert sorted(optimise_search._fittest(f, v, 6)) == [0, 1, 2, 3, 4, 5]
    assert sorted(optimise_search._fittest(f, v, 5)) == [0, 1, 2, 3, 4]
    assert sorted(optimise_search._fittest(f, v, 4)) in ([0, 1, 3, 4], [0, 2, 3, 4])
    assert sorted(optimise_search._fittest(f, v, 2)) == [0, 4]
    broken = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 1.0])
    assert sorted(optimise_search._fittest(f, broken, 6)) == [0, 1, 2, 3, 4, 6]
    assert optimise_search._apart(np.array([[0.0, 1.0], [1.0, 1.0], [4.0, 1.0]])).tolist() == [
        np.inf,
        1.0,
        np.inf,
    ]


def test_parents_and_trials_stay_where_neither_beats_the_other():
    f = np.array([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    g = np.array([[1.0, 1.0], [1.0, 3.0], [2.0, 1.0], [1.0, 2.0], [0.0, 0.0]])
    stays, comes = optimise_search._duel(f, np.zeros(5), g, np.array([0.0, 0.0, 0.0, 0.0, 1.0]))
    assert stays.tolist() == [False, True, True, True, True]
    assert comes.tolist() == [True, False, True, False, False]


def test_trials_stay_in_the_cube():
    x = np.random.default_rng(1).choice([0.0, 0.01, 0.99, 1.0], (60, 3))
    bred = optimise_search._bred(x, np.random.default_rng(2))
    assert ((bred >= 0) & (bred <= 1)).all()
    assert (bred != x).any(axis=1).mean() > 0.5


# ---- courses ---------------------------------------------------------------------------------------------------


def test_a_wait_ends_where_the_last_fall_below_nought_is():
    after = np.array([0.0, 2.0, 4.0, 6.0])
    courses = np.array(
        [[-1, -1, -1, -1], [1, -1, -1, -1], [1, -1, 3, -1], [1, 1, 1, 1], [0, -1, -1, -1], [-1, -1, -1, 0]]
    )
    assert waits._last_crossing(after, courses.astype(float)).tolist() == [0.0, 1.0, 5.5, np.inf, 0.0, np.inf]


def test_what_is_read_of_a_cytokine():
    times, course = (
        np.arange(6.0),
        np.array([2.0, 2.0, 2.0 + 10 * cytokines.ONSET, 12.0, 2.0 + 10 * cytokines.BACK, 2.0]),
    )
    read = {
        q: cytokines._read(q, times, course)
        for q in ("peak level", "peak over baseline", "peak time", "onset", "back")
    }
    assert read == {
        "peak level": 12.0,
        "peak over baseline": 6.0,
        "peak time": 3.0,
        "onset": 2.0,
        "back": 4.0,
    }


def test_doses_from_the_end_of_a_phase_on_are_left_out():
    regimen = ldn.Regimen.daily(4.5, days=10, at="22:00").shift(48)
    assert [len(phases.until(regimen, end).doses) for end in (72.0, 94.0, 94.1, 1000.0)] == [1, 1, 2, 10]


@pytest.mark.parametrize(
    ("study", "value"),
    [
        ({"at": 3.0}, 2.0 * (10.0 * np.exp(-0.3) + 1.0)),
        (
            {"over": 2.0},
            2.0 * (10.0 * np.exp(-0.1 * np.arange(0, 2.0 + registry.STEP / 2, registry.STEP)).mean() + 1.0),
        ),
        ({"at": 3.0, "against": "none"}, 2.0 * (10.0 * np.exp(-0.3) + 1.0)),
    ],
)
def test_a_registered_number_is_read_after_the_last_dose(study, value):
    model = ldn.Model.from_antimony(
        "model a; A' = -0.1*A; A = 0; C := A + 5*in_trial; in_trial = 0; k = 1; end"
    )
    usual = {
        "against": "",
        "variable": "C",
        "scale": 2.0,
        "shift": 1.0,
        "doses": [{"single": 10, "at": 7, "cmt": "A"}],
    }
    draws = pd.DataFrame({"k": [1.0, 1.1]})
    found = registry._values(model, usual | study, draws, None)
    np.testing.assert_allclose(found, value, rtol=1e-4)
