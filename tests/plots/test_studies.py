"""Loops, ladders, waits, fronts and visits show the numbers they are given, and refuse the rest."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim import plots


def named(axis, gid):
    return [c for c in axis.get_lines() if c.get_gid() == gid]


def test_a_portrait_is_the_last_cycle_with_its_hours_marked(two):
    _, axis = plots.phase_portrait(two)
    for k, loop in enumerate(c for c in axis.get_lines() if c.get_label() in two.regimen.values):
        end = min(float(two.marks.sel(mark="interval_end")[k]), float(two.time[-1]))
        last = two.isel(regimen=k).sel(time=slice(end - 24 - 1e-6, end + 1e-6))
        assert np.array_equal(loop.get_xdata(), last.mu_occupancy_peripheral)
        assert np.array_equal(loop.get_ydata(), last.opioid_tone)
        marks = named(axis, "hours")[k]
        assert len(marks.get_xdata()) == 4
    assert {t.get_text() for t in axis.texts if t.get_text()} == {"00:00", "06:00", "12:00", "18:00"}
    with pytest.raises(ValueError, match="every=0"):
        plots.phase_portrait(two, every=0)
    with pytest.raises(KeyError, match="y='tone'"):
        plots.phase_portrait(two, y="tone")


def test_a_portrait_uses_the_fine_nodes_of_a_result_and_closes():
    ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=20, at="22:00"))
    _, axis = plots.phase_portrait(ds)
    loop = axis.get_lines()[0]
    start, end = (float(ds.marks.sel(mark=f"interval_{end}")) for end in ("start", "end"))
    nodes = ds.node_time.values[(ds.node_time.values >= start - 1e-6) & (ds.node_time.values <= end + 1e-6)]
    assert len(loop.get_xdata()) == len(nodes) > 40
    assert loop.get_xdata()[0] == pytest.approx(loop.get_xdata()[-1], abs=0.01)


def schedules():
    time = np.arange(0.0, 22 + 24 * 4 + 0.5)
    tone = np.where(time <= 22, 1.0, np.where(time <= 70, 0.7, 1.4))
    rows = [{"time": 22.0, "amt": a, "ii": 24.0, "addl": n} for a, n in ((1.5, 1), (4.5, 1))]
    rows[1]["time"] = 70.0
    return xr.Dataset(
        {
            "opioid_tone": (
                ("regimen", "time"),
                np.stack([tone, tone]),
                {"units": "1", "long_name": "tone, fold of 1"},
            )
        },
        {"regimen": ["a", "b"], "time": ("time", time, {"units": "h"})},
        {"regimen": json.dumps({"a": rows, "b": rows})},
    )


def test_a_ladder_has_the_doses_as_steps_and_the_largest_change_of_each_day():
    _, (above, below) = plots.titration_ladder(schedules())
    step = above.patches[0].get_data()
    assert step.values.tolist() == [1.5, 1.5, 4.5, 4.5]
    assert step.edges.tolist() == [22.0, 46.0, 70.0, 94.0, 118.0]
    assert below.get_lines()[0].get_ydata() == pytest.approx([-30.0, -30.0, 40.0, 40.0])  # a fall lies below 0
    assert "(% of baseline)" in below.get_ylabel()


def test_a_missed_dose_is_a_step_to_zero():
    regimen = ldn.Regimen.daily(4.5, days=4, at="22:00").skip([2])
    ds = ldn.simulate(ldn.load_model("ldn"), regimen, outputs=["opioid_tone"])
    _, (above, _) = plots.titration_ladder(ds)
    assert above.patches[0].get_data().values.tolist() == [4.5, 0.0, 4.5, 4.5]


def test_a_ladder_of_a_rule_that_listens_shows_the_doses_taken():
    model = ldn.load_model("ldn")
    rule = "from 1.5 mg raise by 1.5 mg each 7 days to 3 mg unless max withdrawal > 0.2; hold"
    found = ldn.titrate(model, rule, days=14, subjects=ldn.population(model, n=3, seed=7))
    _, (above, _) = plots.titration_ladder(found)
    step = above.patches[0].get_data()
    assert step.values.tolist() == found.dose.median("subject").values.tolist()
    assert np.diff(step.edges).tolist() == [168.0, 168.0]
    assert step.edges[0] == 22.0


def test_a_ladder_refuses_what_does_not_tell_the_doses(two):
    with pytest.raises(ValueError, match="does not tell the doses"):
        plots.titration_ladder(two)
    mixed = schedules()
    rows = json.loads(mixed.attrs["regimen"])
    rows["b"][0]["drug"], rows["b"][1]["drug"] = "naltrexone", "oxycodone"
    rows["b"][0]["formulation"] = "capsule"
    rows["b"][1]["formulation"] = "oral"
    with pytest.raises(ValueError, match="must be doses of one drug"):
        plots.titration_ladder(mixed.assign_attrs(regimen=json.dumps(rows)))


@pytest.fixture(scope="module")
def waits():
    model = ldn.load_model("ldn")
    there = ldn.washout(model, "oxycodone", dose=30, days=10, draws=20)
    return there, ldn.washout(model, "oxycodone", dose=4.5, days=10, direction="ldn_to_opioid", draws=20)


def test_both_waits_are_marked_where_they_are(waits):
    there, back = waits
    _, axes = plots.washout(there, back)
    assert named(axes[0], "wait")[0].get_xdata()[0] == pytest.approx(float(there.wait) / 24)
    assert named(axes[1], "wait")[0].get_xdata()[0] == pytest.approx(float(back.wait) / 24)  # days in both
    tolerated = axes[0].get_lines()[0]
    assert np.array_equal(tolerated.get_ydata(), 100 * there.tolerated)
    assert axes[0].get_xlim()[1] >= float(there.wait_high) / 24
    assert plots.washout(back)[1].shape == (1,)


def test_waits_of_few_draws_are_marked_without_an_interval():
    model = ldn.load_model("ldn")
    for how in ({"dose": 30}, {"dose": 4.5, "direction": "ldn_to_opioid"}):
        few = ldn.washout(model, "oxycodone", days=3, draws=4, **how)
        _, axes = plots.washout(few)
        (mark,) = named(axes[0], "wait")
        assert mark.get_xdata()[0] == pytest.approx(float(few.wait) / 24)
        assert mark.get_label().endswith(": median")
        assert np.isfinite([*axes[0].get_xlim(), *axes[0].get_ylim()]).all()


def test_an_endless_wait_ends_in_an_arrow_and_stays_on_the_page(waits):
    endless = waits[0].copy()
    endless["wait_high"] = endless["wait_high"] * 0 + np.inf
    _, axes = plots.washout(endless)
    assert np.isfinite(axes[0].get_xlim()).all()
    assert any(c.get_marker() == ">" for c in axes[0].get_lines())
    with pytest.raises(ValueError, match="is no result of washout"):
        plots.washout(waits[0].drop_vars("wait"))


def test_a_front_has_what_it_beats_behind_it():
    table = pd.DataFrame({"dose": [1.0, 3.0], "rebound": [2.0, 1.0], "hours": [0.0, 4.0]})
    table.attrs = {"goals": {"rebound": "max", "hours": "max"}, "units": {"rebound": "h", "hours": "h"}}
    tried = pd.DataFrame({"dose": [1, 2, 9.0], "rebound": [2, 0.5, 3.0], "hours": [0, 1, 9.0]})
    _, axis = plots.pareto(table, tried.assign(feasible=[True, True, False]))
    front, *others = axis.get_lines()
    assert sorted(front.get_xdata()) == [1.0, 2.0]
    assert [sorted(o.get_xdata()) for o in others] == [[0.5, 2.0], [3.0]]
    assert axis.get_xlabel() == "rebound\n(h, more is better)"
    assert {"1 mg", "3 mg"} <= {t.get_text() for t in axis.texts}
    with pytest.raises(ValueError, match="must be two metrics"):
        plots.pareto(table.drop(columns="hours").assign(), goals=("rebound",))
    with pytest.raises(ValueError, match="is no column"):
        plots.pareto(table, goals=("rebound", "pain"))
    with pytest.raises(ldn.InputError, match="candidates='rebound': is no column of the table: odd"):
        plots.pareto(table, pd.DataFrame({"odd": [1.0]}))


def test_optimize_keeps_all_it_tried():
    goals = {"change_il6": "min", "hours_blocked_peripheral": "min"}
    found = ldn.optimize(
        ldn.load_model("ldn"), goals, {"dose": (0.5, 6)}, days=3, candidates=6, generations=2
    )
    assert len(found.candidates) == found.evaluated
    assert found.candidates["feasible"].all()
    assert set(found.table["dose"]) <= set(found.candidates["dose"])
    assert found.table.attrs["goals"] == goals
    assert found.table.attrs["units"]["change_il6"] == "%"


def ramp():
    time = np.arange(0.0, 73.0)
    values = {"opioid_tone": time / 72, "mu_occupancy_peripheral": time / 144}
    return xr.Dataset(
        {n: ("time", v, {"units": "1", "long_name": f"{n}, fold of 1"}) for n, v in values.items()},
        {"time": time},
    )


@pytest.mark.parametrize(
    ("window", "span", "share"),
    [
        ((10.5, 20.5), (10.5, 20.5), 11),
        (("09:00", "12:00"), (57.0, 60.0), 41),
        (("22:00", "02:00"), (46.0, 50.0), 33),
    ],
)
def test_a_window_is_where_it_was_set_and_tells_the_mean_of_occupancy(window, span, share):
    _, axes = plots.study_view(ramp(), {"visit": window})
    patch = next(p for p in axes[0].patches if p.get_gid() == "window")
    assert (patch.get_x(), patch.get_x() + patch.get_width()) == pytest.approx(span)
    assert axes[0].texts[0].get_text() == f"visit\n{share} %"


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ({}, "must be a dict"),
        ([("09:00", "10:00")], "must be a dict"),
        ({"v": 9}, r"windows\['v'\]=9: must be \(start, stop\)"),
        ({"v": ("09:00", 12)}, "two clock times or two numbers"),
        ({"v": (12, 12)}, "must start before it stops"),
        ({"v": (70, 80)}, "outside the run, 0 to 72 h"),
        ({"v": ("9 am", "10:00")}, "must be a clock time"),
    ],
)
def test_a_window_that_cannot_be_marked_is_refused(windows, words):
    with pytest.raises(ValueError, match=words):
        plots.study_view(ramp(), windows)


def test_axes_can_be_handed_in_for_each(two, waits):
    fig, mine = plt.subplots(2, 1)
    assert plots.washout(*waits, ax=mine)[0] is fig
    more, others = plt.subplots(2, 3)
    assert plots.titration_ladder(schedules(), ax=others[:, 0])[1].tolist() == others[:, 0].tolist()
    assert plots.study_view(two, {"v": (30, 40)}, ax=others[:, 1])[0] is more
    assert plots.phase_portrait(two, ax=others[0, 2]) == (more, others[0, 2])
    assert plt.get_fignums() == [fig.number, more.number]
