"""Subjects whose doses differ by a delay share their steps; the result is that of each alone."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.codegen import program
from ldnsim.engine.events import EventKind, Events
from ldnsim.simulation import dosing, plan
from ldnsim.simulation.alignment import Start, aligned
from ldnsim.simulation.pieces import GROUP

R = ldn.Regimen
OUT = ["plasma_naltrexone", "opioid_tone"]


def people(n=20, **fixed):
    lag = np.random.default_rng(1).uniform(0.05, 0.6, n)
    return pd.DataFrame({"tlag": lag, "ka": np.linspace(0.8, 1.6, n), **fixed})


def shifts(model, regimen, table, outputs=OUT):
    compiled = program(model)
    values = np.repeat(model.values[None], len(table), axis=0)
    for name in table:
        values[:, model.parameter_ids.index(name)] = table[name]
    constants = compiled.constants_of(values)
    events = dosing.events(compiled, model, [regimen], values)
    start = Start(compiled.initial_state(constants), constants)
    chosen = np.array([compiled.outputs.index(name) for name in outputs])
    return aligned(compiled.system, events, start, chosen, 8)


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


def test_a_group_gets_the_doses_of_its_first_subject(model):
    table = people()
    events, earlier = shifts(model, R.daily(4.5, days=3), table)
    for first in (0, 8, 16):
        group = slice(first, first + 8)
        assert len(set(events.row[group])) == 1
        np.testing.assert_allclose(earlier[group], table.tlag[group] - table.tlag[group].min(), atol=1e-12)


@pytest.mark.parametrize("days", [{"days": 3}, {"days": 9}])
def test_a_subject_is_the_same_alone_and_among_others(model, days):
    table, r = people(), R.daily(4.5, **days, at="22:00")
    how = {"duration": 72.0, "every": 0.5, "rtol": 1e-8}
    together = ldn.simulate(model, r, subjects=table, outputs=OUT, **how)
    for k in (0, 7, 13):
        alone = ldn.simulate(model, r, subjects=table.iloc[[k]], outputs=OUT, **how)
        for name in OUT:
            np.testing.assert_allclose(
                together[name][k], alone[name][0], rtol=1e-7, atol=1e-7 * float(alone[name].max())
            )


def test_how_subjects_are_cut_changes_no_bit(model):
    table, r = people(5 * GROUP), R.daily(4.5, days=3, at="22:00")
    table.loc[GROUP : 2 * GROUP - 1, "tlag"] = (
        0.2  # one group that has nothing to align, which may fill a piece
    )
    whole = ldn.simulate(model, r, subjects=table, outputs=OUT, threads=1)
    for cut in (slice(0, 2 * GROUP), slice(GROUP, 2 * GROUP), slice(2 * GROUP, 5 * GROUP)):
        part = ldn.simulate(model, r, subjects=table.iloc[cut], outputs=OUT, threads=2)
        for name in OUT:
            np.testing.assert_array_equal(whole[name][cut], part[name])


def test_before_the_first_dose_there_is_the_state_at_rest(model):
    table = people(8)
    ds = ldn.simulate(model, R.daily(4.5, days=1), subjects=table, outputs=OUT, times=np.linspace(0, 0.04, 5))
    np.testing.assert_allclose(
        ds.plasma_naltrexone, 0, atol=1e-25
    )  # exactly 0 where products are fused with sums
    np.testing.assert_allclose(ds.opioid_tone, 1, rtol=1e-14)


@pytest.mark.parametrize(
    ("fixed", "outputs"),
    [({"in_trial": 1.0}, OUT), ({"circadian_amplitude": 0.2}, OUT), ({}, ["day_cos"])],
    ids=["not at rest", "rates read the clock", "an output reads the clock"],
)
def test_who_does_not_wait_at_rest_keeps_his_own_doses(model, fixed, outputs):
    events, earlier = shifts(model, R.daily(4.5, days=3), people(**fixed), outputs)
    assert not earlier.any()
    assert len(set(events.row)) == len(events.row)


@pytest.mark.parametrize(
    ("pace", "more", "shared"),
    [
        ("k", "", True),
        ("k*(1 + 0.9*sin(time))", "", False),
        ("k*piecewise(1, time < 500, 2)", "", False),  # beyond the times that are tried
        ("k", "at (time > 30): A = 0", False),
        ("k*delay(A, 2)", "", False),
    ],
)
def test_what_is_nothing_before_its_dose_may_read_the_clock_after_it(pace, more, shared):
    model = ldn.Model.from_antimony(f"A' = -{pace}*A; A = 0; k = 0.3; {more}")
    compiled, n = program(model), GROUP
    constants = compiled.constants_of(np.repeat(model.values[None], n, axis=0))
    doses = 1.0 + np.arange(n)[:, None]
    events = Events(np.arange(n), doses, np.full_like(doses, EventKind.ADD), 0 * doses, np.ones_like(doses))
    earlier = aligned(compiled.system, events, Start(np.zeros((n, 1)), constants), np.array([0]), n)[1]
    assert earlier.any() == shared


def test_doses_that_differ_by_more_than_a_delay_are_not_shared(model):
    table = people()
    assert not shifts(model, R.daily(4.5, days=2, formulation="sublingual"), table)[1].any()
    mixed = R.daily(4.5, days=2) + R.daily(4.5, days=2, at="12:00", formulation="solution")
    assert not shifts(model, mixed, table)[1].any()
    table.loc[0, "tlag"] = (
        0.0  # his dose comes at the start, so nobody in his group can be looked at before it
    )
    assert not shifts(model, R.daily(4.5, days=2), table)[1][:8].any()


def test_several_regimens_at_once_are_those_one_by_one(model):
    table = people(2 * GROUP)
    regimens = {dose: R.daily(dose, days=3, at="22:00") for dose in (1.5, 4.5, 50.0)}
    many = ldn.simulate(model, regimens, subjects=table, outputs=OUT)
    for dose, r in regimens.items():
        one = ldn.simulate(model, {dose: r}, subjects=table, outputs=OUT)
        for name in OUT:
            np.testing.assert_allclose(many[name].sel(regimen=dose), one[name][0], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("regimens", [1, 2])
@pytest.mark.parametrize("n", [3, GROUP])
def test_delays_are_looked_for_among_all_subjects_of_each_regimen(model, monkeypatch, regimens, n):
    asked = []

    def looked(system, events, *rest):
        asked.append(len(events.row))
        return events, np.zeros(len(events.row))

    monkeypatch.setattr(plan, "aligned", looked)
    many = {f"{k}": R.daily(4.5, days=1, at=8 + k) for k in range(regimens)}
    ldn.simulate(model, many, subjects=people(n), times=[9.0], outputs=OUT, threads=1)
    assert sum(asked) == regimens * n
