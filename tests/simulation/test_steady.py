"""`steady_state` is where a long run ends up, and its metrics are those of the long run's last day."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.engine.status import Status
from ldnsim.simulation.steady import CyclePlan


@pytest.fixture(scope="module", params=["evening", "twice", "infusion"])
def regimens(request):
    """The same doses once, as `steady_state` takes them, and for so long that they are steady."""

    def evening(n):
        return ldn.Regimen.every(4.5, ii=24, n=n, cmt="A", at="22:00")

    return {
        "evening": (evening(1), evening(20)),
        "twice": (evening(1) + evening(1).shift(-12), evening(20) + evening(20).shift(-12)),
        "infusion": tuple(
            ldn.Regimen.every(4.5, ii=24, n=n, cmt="C", at="20:00", duration=7) for n in (1, 20)
        ),
    }[request.param]


def test_a_long_run_arrives_there(toy, regimens, people):
    once, long = regimens
    day = ldn.steady_state(toy, once, subjects=people)
    run = ldn.simulate(toy, long, subjects=people).sel(time=slice(18 * 24, 19 * 24))
    assert day.C.dims == ("subject", "time")
    np.testing.assert_array_equal(day.time, np.arange(25))
    np.testing.assert_allclose(day.C, run.C, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(day.C[:, 0], day.C[:, -1], rtol=1e-5, atol=1e-7)
    assert day.attrs["period"] == 24


def test_its_metrics_are_those_of_the_long_run(toy, regimens):
    once, long = regimens
    got, want = ldn.summarize(ldn.steady_state(toy, once)), ldn.summarize(ldn.simulate(toy, long))
    points = ["half_life_points", "half_life_start"]  # chosen anew
    xr.testing.assert_allclose(got.drop_vars(points), want.drop_vars(points), rtol=1e-4, atol=1e-4)


def test_what_has_no_steady_state_is_marked():
    text = "model grows()\n A' = -ke*A; C' = g - (1 - g)*C; A = 0; C = 0; ke = 0.2; g = 1\n il6 := 1 + C\nend"
    model = ldn.Model.from_antimony(text)  # g = 1 grows for ever
    once = ldn.Regimen.every(4.5, ii=24, n=1, cmt="A")
    with pytest.warns(ldn.SolverWarning, match="1 of 2 subjects have no steady state: C still changes by"):
        ds = ldn.steady_state(model, once, subjects=pd.DataFrame({"g": [0.5, 1.0]}))
    assert ds.status.values.tolist() == ["finished", "no steady state"]
    np.testing.assert_allclose(ds.C[0], 1.0, rtol=1e-6)
    assert ds.C[1].isnull().all()
    assert ldn.summarize(ds, ["mean(il6)"])["mean(il6)"].isnull().values.tolist() == [False, True]


def test_refusals(toy):
    with pytest.raises(ValueError, match="common period"):
        ldn.steady_state(toy, ldn.Regimen.titration([(1, 7), (2, 7)], cmt="A"))
    with pytest.raises(ValueError, match="regimen='dict of 0'"):
        ldn.steady_state(toy, {})
    with pytest.raises(KeyError, match="'C'"):
        ldn.steady_state(toy, ldn.Regimen.every(1, ii=24, n=1, cmt="A"), outputs=["c"])


def test_a_subject_whose_run_fails_is_told_of(toy, people, monkeypatch):
    solve = CyclePlan.run

    def spoilt(self, *asked):
        part = solve(self, *asked)
        part.status[0, 3] = Status.TOO_MANY_STEPS
        return part

    monkeypatch.setattr(CyclePlan, "run", spoilt)
    once = ldn.Regimen.every(4.5, ii=24, n=1, cmt="A")
    with pytest.warns(ldn.SolverWarning, match="1 of 21 trajectories did not finish.*'p3'") as told:
        ds = ldn.steady_state(toy, once, subjects=people)
    assert told[0].filename == __file__
    assert (ds.status != "finished").values.sum() == 1


def test_it_says_how_it_was_computed_as_a_simulation_does(toy, regimens):
    once, _ = regimens
    steady, run = ldn.steady_state(toy, once), ldn.simulate(toy, once)
    own = {name: steady.attrs[name] for name in ("why", "decision")}  # of a pilot that starts elsewhere
    assert steady.attrs == run.attrs | {"period": 24.0} | own


@pytest.mark.parametrize(("ii", "at"), [(6, 0), (12, 8), (36, 3)])
def test_hours_per_day_are_counted_over_whole_days(toy, ii, at):
    steady = ldn.summarize(ldn.steady_state(toy, ldn.Regimen.every(4.5, ii=ii, n=1, at=at, cmt="A")))
    run = ldn.summarize(ldn.simulate(toy, ldn.Regimen.every(4.5, ii=ii, n=720 // ii, at=at, cmt="A")))
    xr.testing.assert_allclose(steady, run, rtol=1e-4, atol=1e-4)
    assert float(steady.hours_blocked_asleep) <= 8
    assert float(steady.blockade_window) <= ii


def test_a_clock_that_acts_only_on_what_was_dosed_lengthens_the_period():
    text = "model clock()\n A' = -k*(1 + r*sin(2*3.14159265358979*time/24))*A; A = 0; k = 0.2; r = %g\nend"
    regimen = ldn.Regimen.every(1, ii=36, n=1, cmt="A")
    periods = [
        ldn.steady_state(ldn.Model.from_antimony(text % r), regimen).attrs["period"] for r in (0.0, 0.3)
    ]
    assert periods == [36.0, 72.0]


@pytest.mark.kind("at-rest")
def test_without_doses_it_is_a_day_at_rest():
    model = ldn.Model.from_antimony("model m\n A' = g - k*A; A = 1; g = 1; k = 0.5\nend")
    ds = ldn.steady_state(model, None, subjects=pd.DataFrame({"k": [0.5, 0.25]}))
    np.testing.assert_allclose(ds.A, [[2.0] * 25, [4.0] * 25], rtol=1e-6)


@pytest.mark.kind("at-rest", sibling="a regimen that holds no dose")
def test_a_regimen_without_doses_is_none(toy):
    seen = ldn.Regimen.from_records([{"time": 5, "evid": 0}])
    for none in (seen, ldn.Regimen()):
        np.testing.assert_array_equal(ldn.steady_state(toy, none).C, ldn.steady_state(toy, None).C)
    assert np.isfinite(ldn.summarize(ldn.steady_state(ldn.load_model("ldn"), None)).change_il6)


@pytest.mark.kind("path", sibling="a column of the records under steady_state")
def test_a_column_of_the_records_holds_in_it():
    model = ldn.Model.from_antimony("model m\n C' = -CL/V*C; C = 0; CL = 2; V = 20\nend")
    records = [{"time": 0, "amt": 100, "cmt": "C", "ii": 24, "addl": 3, "CL": 4.0}]
    ds = ldn.steady_state(model, ldn.Regimen.from_records(records), outputs=["C"], rtol=1e-9)
    assert float(ds.C[0]) == pytest.approx(100 / (1 - np.exp(-0.2 * 24)), rel=1e-6)


def test_an_opioid_beside_naltrexone_is_told_of():
    model = ldn.load_model("ldn")
    both = ldn.Regimen.daily(4.5, days=1) + ldn.Regimen.daily(10, days=1, drug="tramadol")
    with pytest.warns(UserWarning, match="together with tramadol"):
        ldn.steady_state(model, both, outputs=["withdrawal"])


UNSTEADY = {
    "a delay": ("at 5 after A > 1: B = 0", "has a delay"),
    "a start": ("E1: at A < 1e6, t0 = false: B = 0", "'E1' may fire because a run starts"),
    "time": ("at time > 30: k = 2", "depends on time"),
    "chance": ("E1: at A > 1, priority = 1: B = 0\n E2: at A > 1, priority = 1: B = 1", "chance may decide"),
}


@pytest.mark.kind("unsteady-events")
@pytest.mark.parametrize(("event", "why"), UNSTEADY.values(), ids=UNSTEADY)
def test_events_that_a_period_does_not_hold_are_refused(event, why):
    model = ldn.Model.from_antimony(f"model m\n A' = -k*A; A = 0; B' = A - B; B = 0; k = 0.2\n {event}\nend")
    with pytest.raises(ldn.InputError, match=f"{why}.*no steady state is found; simulate long enough"):
        ldn.steady_state(model, ldn.Regimen.every(2, ii=12, n=1, cmt="A"))


@pytest.mark.kind("unsteady-events", sibling="a dose at steady state within a run; a threshold is no problem")
def test_a_threshold_of_the_state_has_a_steady_state():
    text = "model m\n A' = -k*A; A = 0; B' = -0.1*B; B = 0; k = 0.2\n at A > 1: B = B + 1\nend"
    model, regimen = ldn.Model.from_antimony(text), ldn.Regimen.every(2, ii=24, n=40, cmt="A", at=6)
    day = ldn.steady_state(model, ldn.Regimen.every(2, ii=24, n=1, cmt="A", at=6), outputs=["B"])
    long = ldn.simulate(model, regimen, times=[24 * 39.0], outputs=["B"])
    assert float(day.B[0]) == pytest.approx(float(long.B[0]), rel=1e-5)
    late = ldn.Model.from_antimony(text.replace("at A > 1", "at 5 after A > 1"))
    with pytest.raises(ldn.InputError, match="has a delay"):
        ldn.simulate(late, ldn.Regimen.every(2, ii=24, n=2, cmt="A", ss=True))
