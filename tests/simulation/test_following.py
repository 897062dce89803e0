"""Readouts of models that swing, jump or bend by themselves, between the usual nodes."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.simulation import following

SWING = "model swing(); w = {w}; x' = v; v' = -w*w*x; x = 1; v = 0; end"
JUMP = "model jump(); x' = -k*x; x = 1; k = 0.1; at x < 0.5: x = x + 10; end"
DECAY = np.exp(-0.5), np.exp(-1.9)
CASES = {
    "24 cycles": (SWING.format(w=2 * np.pi), {"cmax(x)": 1.0, "time_above(x, 0.5)": 8.0, "cmin(x)": -1.0}),
    "480 cycles": (SWING.format(w=40 * np.pi), {"cmax(x)": 1.0, "time_above(x, 0.5)": 8.0, "auc(x)": 0.0}),
    "an event of the model": (
        "model kick(); x' = -0.1*x; x = 1; at time >= 5: x = x + 10; end",
        {
            "cmax(x)": DECAY[0] + 10,
            "cmin(x)": DECAY[0],
            "auc(x)": 10 * (1 - DECAY[0] + (DECAY[0] + 10) * (1 - DECAY[1])),
        },
    ),
    "an event of its state": (JUMP, {"cmax(x)": 10.5, "cmin(x)": 0.5}),
    "a switch": (
        "model switch(); u := piecewise(1, time < 5, 0); x' = u - 0.5*x; x = 0; end",
        {"cmax(x)": 2 * (1 - np.exp(-2.5)), "auc(u)": 5.0, "cmax(u)": 1.0, "cmin(u)": 0.0},
    ),
}


@pytest.mark.kind("rough-courses")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kept", [False, True])
def test_readouts_see_what_happens_between_the_usual_nodes(case, kept):
    text, right = CASES[case]
    model = ldn.Model.from_antimony(text)
    if kept:
        found = ldn.summarize(ldn.simulate(model, None, duration=24, rtol=1e-8), list(right))
    else:
        found = ldn.simulate(model, None, duration=24, metrics=list(right), rtol=1e-8)
    for name, value in right.items():
        assert float(found[name]) == pytest.approx(value, rel=3e-4, abs=3e-4), name


@pytest.mark.kind("rough-courses", sibling="each subject jumps at a time of its own")
def test_subjects_are_followed_each_and_in_any_company():
    model = ldn.Model.from_antimony(JUMP)
    people = pd.DataFrame({"k": np.random.default_rng(1).uniform(0.05, 0.5, 400)})
    how = {"duration": 24, "metrics": ["cmax(x)", "cmin(x)"]}
    every = ldn.simulate(model, None, subjects=people, **how)
    assert every["cmax(x)"].values == pytest.approx(10.5, rel=1e-5)
    assert every["cmin(x)"].values == pytest.approx(0.5, rel=1e-5)
    some = ldn.simulate(model, None, subjects=people.iloc[16:32], **how)
    assert (some["cmax(x)"].values == every["cmax(x)"].values[16:32]).all()
    swept = ldn.sweep(model, {"k": people.k[:40].tolist()}, chunk=16, **how)
    assert swept["cmax(x)"].values.ravel() == pytest.approx(10.5, rel=1e-4)


@pytest.mark.kind("rough-courses", sibling="an infusion in the equations, or a rate that an event changes")
@pytest.mark.parametrize("T", [0.7, 2.37, 8.13])
@pytest.mark.parametrize("k", [0.1, 0.35, 1.0])
@pytest.mark.parametrize(
    "text",
    [
        "A' = piecewise(10, time < T, 0) - k*A; A = 0; k = 1; T = 1",
        "R = 10; A' = R - k*A; A = 0; k = 1; T = 1; at (time > T): R = 0",
        "R = 10; A' = R - k*A; A = 0; k = 1; T = 1; top = 1; at (A > top): R = 0",
    ],
    ids=["piecewise", "event", "state"],
)
def test_a_bend_is_as_sharp_as_it_is(text, k, T):
    top = 10.0 / k * (1.0 - np.exp(-k * T))
    own = {"k": k, "T": T, "top": top}
    model = ldn.Model.from_antimony(text).with_parameters(**{n: own[n] for n in own if f"{n} =" in text})
    asked = ["cmax(A, 0, 24)", "tmax(A, 0, 24)", "auc(A, 0, 24)"]
    found = ldn.simulate(model, None, duration=24, metrics=asked, rtol=1e-8)
    area = 10.0 / k * (T - (1.0 - np.exp(-k * T)) / k) + top / k * (1.0 - np.exp(-k * (24.0 - T)))
    assert float(found["cmax(A, 0, 24)"]) == pytest.approx(top, rel=5e-4)  # it was 7e-3 too low
    assert float(found["tmax(A, 0, 24)"]) == pytest.approx(T, rel=3e-3)
    assert float(found["auc(A, 0, 24)"]) == pytest.approx(area, rel=1e-5)


@pytest.mark.kind("rough-courses", sibling="more cycles than nodes may be")
def test_courses_that_nodes_cannot_follow_are_said_to_be(monkeypatch):
    model = ldn.Model.from_antimony(SWING.format(w=40 * np.pi))
    monkeypatch.setattr(following, "_EACH", 1000)
    with pytest.warns(UserWarning, match="1 of 1 courses turn faster than the nodes"):
        ldn.simulate(model, None, duration=24, metrics=["cmax(x)"])


def test_a_store_holds_the_nodes_that_memory_would(monkeypatch, tmp_path):
    model = ldn.Model.from_antimony(JUMP)
    people = pd.DataFrame({"k": np.linspace(0.05, 0.5, 40)})
    kept = ldn.simulate(model, None, duration=24, subjects=people)
    monkeypatch.setattr("ldnsim.simulation.stream.SLAB_BYTES", 1.0)
    stored = ldn.simulate(model, None, duration=24, subjects=people, store=tmp_path / "run.zarr")
    found = [ldn.summarize(ds, ["cmax(x)"])["cmax(x)"].values for ds in (kept, stored)]
    assert found[0] == pytest.approx(10.5, rel=1e-4)
    np.testing.assert_array_equal(*found)
    for one, other in zip(kept["node_time"].values, stored["node_time"].values, strict=True):
        np.testing.assert_array_equal(np.unique(one), np.unique(other))  # the last is repeated up to the longest


def test_smooth_courses_keep_the_usual_nodes():
    model = ldn.Model.from_antimony(
        "model oral(); G' = -ka*G; C' = ka*G - k*C; G = 0; C = 0; ka = 2; k = 0.2; end"
    )
    ds = ldn.simulate(model, ldn.Regimen.every(1.0, ii=12, n=6, cmt="G"))
    usual = ldn.simulate(ldn.load_model("naltrexone_pk"), ldn.Regimen.every(1.0, ii=12, n=6))
    assert ds.sizes["node"] < 1.2 * usual.sizes["node"]


def test_subjects_that_are_looked_at_each_at_their_own_times_stay_so_in_any_pieces(monkeypatch, tmp_path):
    model, night = ldn.load_model("naltrexone_pk"), ldn.Regimen.daily(4.5, days=3, at="22:00")
    people = pd.DataFrame({"tlag": np.repeat([0.1, 0.5, 1.0, 2.0], 16)})
    whole = ldn.summarize(ldn.simulate(model, night, subjects=people))
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    cut = ldn.summarize(ldn.simulate(model, night, subjects=people))
    monkeypatch.setattr("ldnsim.simulation.stream.SLAB_BYTES", 1.0)
    stored = ldn.simulate(model, night, subjects=people.iloc[:49], store=tmp_path / "run.zarr")
    for name in whole.data_vars:
        np.testing.assert_array_equal(whole[name], cut[name])
        np.testing.assert_array_equal(whole[name][:49], ldn.summarize(stored)[name])


def test_a_store_takes_smooth_and_rough_courses_in_any_order(monkeypatch, tmp_path):
    model = ldn.Model.from_antimony(JUMP)
    monkeypatch.setattr("ldnsim.simulation.stream.SLAB_BYTES", 1.0)
    for name, rates in (("up", [0.001] * 16 + [0.2] * 16), ("down", [0.2] * 16 + [0.001] * 16)):
        people = pd.DataFrame({"k": rates})
        ds = ldn.simulate(model, None, duration=24, subjects=people, store=tmp_path / f"{name}.zarr")
        found = ldn.summarize(ds, ["cmax(x)"])["cmax(x)"].values
        assert found == pytest.approx(np.where(np.array(rates) > 0.1, 10.5, 1.0), rel=1e-4)


SHARP = {
    "endotoxin": (ldn.Regimen.single(2, drug="lps", formulation="iv"), "C_tnf_alpha", "cmax", 24),
    "an opioid into a vein": (ldn.Regimen.single(0.2, drug="fentanyl_iv", formulation="iv"), "pupil", "cmin", 24),
    "withdrawal that sets in": (
        ldn.Regimen.parse("4.5 mg at bedtime + tramadol 50 mg every 6 h at 22:00", days=2),
        "withdrawal",
        "cmax",
        70,
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.kind("rough-courses", sibling="courses of the shipped models, under a challenge or an opioid")
@pytest.mark.parametrize("case", SHARP)
def test_shipped_models_are_followed_too(case):
    regimen, variable, reduce, end = SHARP[case]
    model = ldn.load_model("ldn")
    people = ldn.posterior(model, n=200, seed=1).iloc[:64]
    readout = ldn.Readout(variable, reduce, (0, end))
    found = readout.picked(ldn.simulate(model, regimen, subjects=people, metrics=[readout], duration=end))
    dense = ldn.simulate(model, regimen, subjects=people, outputs=[variable], every=0.002, duration=end)
    course = dense[variable].sel(time=slice(0, end))
    np.testing.assert_allclose(
        found, course.max("time") if reduce == "cmax" else course.min("time"), rtol=2e-3, atol=2e-4
    )


def test_what_nobody_reads_is_not_looked_into(monkeypatch):
    def never(*_):
        raise AssertionError("nodes were added where nobody reads")

    monkeypatch.setattr(following, "filled", never)
    model, year = ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=84, at="22:00")
    ends = [ldn.Readout("tnf_alpha", "at", level=hour) for hour in (0, 2016)]
    found = ldn.simulate(model, year, metrics=ends)
    assert float(found["at(tnf_alpha, 2016)"]) < float(found["at(tnf_alpha, 0)"])


STEEP = "model steep(); x' = -k*x; y' = x^4/(x^4 + 1) - y; x = 0; y = 0; k = 0.4; p := 1/(1 + exp(-60*(y - 0.3))); end"
TOGETHER = {
    "regimens of one length": {"a": (3, 12, 8, 0), "b": (2, 24, 4, 5)},
    "regimens of other lengths": {"a": (3, 12, 8, 0), "b": (2, 24, 2, 5), "c": (7, 9, 5, 1.3)},
    "more regimens than share their steps": {f"r{k}": (1 + k, 10 + k, 3 + k % 4, 0.4 * k) for k in range(11)},
}


def _apart(ds):
    """Largest difference between a course and its nodes, where both stand at one time."""
    most, met = 0.0, 0
    for name in map(str, ds.trace.values):
        nodes = ds.last_interval.sel(trace=name, drop=True)
        at = ds.node_time.broadcast_like(nodes).transpose(*nodes.dims).values.reshape(-1, ds.sizes["node"])
        course = ds[name].values.reshape(-1, ds.sizes["time"])
        for own, times, values in zip(course, at, nodes.values.reshape(at.shape), strict=True):
            _, here, there = np.intersect1d(ds.time.values, times, return_indices=True)
            alone = np.diff(times, prepend=-1.0)[there] > 1e-3  # not the one beside a jump
            most = max(most, np.abs(own[here] - values[there])[alone].max(initial=0.0))
            met += alone.sum()
    assert met
    return most


@pytest.mark.kind("rough-courses", sibling="several regimens, whose courses share their steps")
@pytest.mark.parametrize("case", TOGETHER)
@pytest.mark.parametrize("subjects", [None, pd.DataFrame({"k": np.linspace(0.2, 0.6, 11)})])
def test_nodes_that_are_added_are_of_the_same_course(case, subjects):
    model = ldn.Model.from_antimony(STEEP)
    several = {
        name: ldn.Regimen.every(mg, ii, n, cmt="x", at=at) for name, (mg, ii, n, at) in TOGETHER[case].items()
    }
    ds = ldn.simulate(model, several, subjects=subjects, every=0.1)
    assert _apart(ds) == 0.0
    if subjects is None:
        ldn.summarize(ds, ["cmax(p)"])


@pytest.mark.kind("rough-courses", sibling="an opioid with and without naltrexone, compared")
@pytest.mark.parametrize("word", ["4.5 mg at bedtime", "3 mg every other day at bedtime"])
def test_an_opioid_alone_and_beside_naltrexone_are_summarized_together(word):
    opioid = "tramadol 50 mg every 6 h from 08:00"
    both = {
        "a": ldn.Regimen.parse(f"{word} + {opioid}", days=14),
        "b": ldn.Regimen.parse(opioid, days=14),
    }
    with pytest.warns(UserWarning, match="precipitate"):
        ds = ldn.simulate(ldn.load_model("ldn"), both)
    assert np.isfinite(ldn.summarize(ds).withdrawal_peak).all()


WEEKS = ldn.Regimen.parse("50 mg at 22:00 for 14 days + tramadol 37.5 mg every 8 h from 22:00 for 42 days")


@pytest.mark.filterwarnings("ignore:naltrexone together")
@pytest.mark.kind("rough-courses", sibling="an opioid that goes on for weeks after the last dose")
def test_weeks_that_have_many_nodes_anyway_are_followed_without_a_warning():
    model, over = ldn.load_model("ldn"), (13 * 24, 42 * 24)
    wanted = [ldn.Readout(v, r, over) for v in ("withdrawal", "opioid_effect") for r in ("cmax", "cmin", "auc")]
    found = ldn.simulate(model, WEEKS, metrics=wanted)
    ldn.summarize(ldn.simulate(model, WEEKS))
    dense = ldn.simulate(model, WEEKS, every=0.01, outputs=["withdrawal", "opioid_effect"]).sel(time=slice(*over))
    for readout in wanted:
        course = dense[readout.variable]
        right = course.integrate("time") if readout.reduce == "auc" else getattr(course, readout.reduce[1:])("time")
        assert float(readout.picked(found)) == pytest.approx(float(right), rel=2e-3, abs=2e-5), readout.name


def test_room_for_nodes_does_not_depend_on_the_company(monkeypatch):
    monkeypatch.setattr(following, "_EACH", 70)
    short, long = np.linspace(0.0, 24.0, 41), np.linspace(0.0, 48.0, 161)

    def course(times):
        return np.sin(4 * np.pi * times)[:, None, :]

    def nodes(*rows):
        times = np.stack([np.append(row, np.full(161 - row.size, row[-1])) for row in rows])
        found = following.followed(times, course(times), np.ones(len(rows)), lambda _, at: course(at), 1)
        return np.unique(found.times[0])

    alone = following.followed(short[None], course(short[None]), np.ones(1), lambda _, at: course(at), 1)
    np.testing.assert_array_equal(nodes(short, long), np.unique(alone.times[0]))
    assert short.size < np.unique(alone.times[0]).size <= 2 * short.size
