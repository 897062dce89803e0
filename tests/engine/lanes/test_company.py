"""Lanes share a step but nothing else: threads, chunks, neighbours and failures leave a trajectory alone."""

import numpy as np
import pytest

from ldnsim.engine import Status
from ldnsim.engine.events import EventKind
from ldnsim.engine.lanes.plan import groups

from .conftest import case, gap, solve

TIMES = np.linspace(0.0, 24.0, 25)
DOSES = [(0.0, EventKind.ADD, 0, 3.0), (12.0, EventKind.ADD, 0, 3.0)]


@pytest.mark.parametrize(("method", "width"), [("rodas5p", 8), ("fast", 16)])
def test_bits_do_not_depend_on_threads_or_chunks(method, width):
    c = case("dosed", n=101)
    one = solve(c, TIMES, DOSES, method=method, rtol=1e-5, threads=1)
    for threads in (2, 4):
        many = solve(c, TIMES, DOSES, method=method, rtol=1e-5, threads=threads)
        assert np.array_equal(one.values, many.values)
        assert np.array_equal(one.last_state, many.last_state)
        assert np.array_equal(one.steps, many.steps)
    for first in range(0, 101, 2 * width):
        some = slice(first, first + 2 * width)
        chunk = solve(c, TIMES, DOSES, some=some, method=method, rtol=1e-5)
        assert np.array_equal(chunk.values, one.values[some])


def test_alone_or_among_others_a_subject_is_the_same():
    c = case("dosed", n=33)
    together = solve(c, TIMES, DOSES, rtol=1e-6).values
    for i in (0, 9, 32):
        alone = solve(c, TIMES, DOSES, some=slice(i, i + 1), rtol=1e-6).values
        assert gap(alone, together[i : i + 1]) < 1e-5


@pytest.mark.parametrize("n", [1, 7, 8, 9, 17])
def test_part_filled_groups(n):
    c = case("dosed", n=n)
    found = solve(c, TIMES, DOSES, rtol=1e-6)
    assert found.finished.all()
    assert gap(found.values, solve(c, TIMES, DOSES, method="rodas5p-scalar", rtol=1e-9).values) < 1e-5


def test_no_group_crosses_the_end_of_a_block():
    start, count = groups(23, 10, 8)
    assert start.tolist() == [0, 8, 10, 18, 20]
    assert count.tolist() == [8, 2, 8, 2, 3]
    start, count = groups(20, 1, 8)
    assert start.tolist() == [0, 8, 16]
    assert count.tolist() == [8, 8, 4]


def test_an_impossible_parameter_fails_alone():
    c = case("dosed", n=24)
    healthy = solve(c, TIMES, DOSES, rtol=1e-6)
    for bad, broken in ((np.nan, 3), (0.0, 11)):  # not a number; a volume of 0
        c.constants[broken, c.program.constants.index("V")] = bad
    c.constants = c.program.constants_of(c.constants[:, : len(c.program.parameters)])
    found = solve(c, TIMES, DOSES, rtol=1e-6)
    failed = np.flatnonzero(~found.finished)
    assert failed.tolist() == [3, 11]
    assert (found.status[failed] == Status.NON_FINITE).all()
    assert (found.fail_time[failed] == 0.0).all()
    assert np.isnan(found.fail_time[found.finished]).all()
    assert np.isnan(found.values[failed][:, :, 1:]).all()
    well = found.finished
    assert gap(found.values[well], healthy.values[well]) < 1e-5
    assert np.array_equal(found.values[16:], healthy.values[16:])  # a group without a failure: the same bits
    assert (found.steps[:16] <= 1.1 * healthy.steps[:16]).all()


def explosive(n):
    from .conftest import MODELS

    MODELS["explosion"] = "y' = c*y*y; w' = -w; y = 1; w = 1; c = 0.01;"
    return case("explosion", n=n, spread=0.0)


def test_a_trajectory_that_explodes_leaves_its_time_and_state():
    c = explosive(n=8)
    c.constants[5, c.program.constants.index("c")] = 0.5  # infinite at t = 2
    found = solve(c, np.linspace(0.0, 4.0, 9), rtol=1e-6)
    assert np.flatnonzero(~found.finished).tolist() == [5]
    assert found.status[5] in (Status.STEP_UNDERFLOW, Status.NON_FINITE)
    assert found.fail_time[5] == pytest.approx(2.0, rel=1e-4)
    assert found.last_state[5].max() > 1e3
    y = c.program.outputs.index("y")
    assert np.allclose(found.values[5, y, :4], 1.0 / (1.0 - 0.5 * np.array([0.0, 0.5, 1.0, 1.5])), rtol=1e-5)
    assert np.isnan(found.values[5, y, 5:]).all()
    others = np.arange(8) != 5
    assert np.allclose(found.values[others, y, -1], 1.0 / (1.0 - 0.04), rtol=1e-5)


@pytest.mark.parametrize("own_times", [False, True])
@pytest.mark.parametrize("method", ["rodas5p", "tsit5"])
@pytest.mark.parametrize("broken", [0, 3])
@pytest.mark.kind("failed-neighbour")
def test_what_was_written_before_one_fails_stays(broken, method, own_times):
    c = explosive(n=5)
    c.constants[broken, c.program.constants.index("c")] = 0.5  # infinite at t = 2
    times = np.array([0.0, 0.5, 1.0, 1.5, 3.0, 3.5, 4.0])
    rows = np.array([times * (1 + 0.05 * k) for k in range(5)])  # few are past the failure, others long before
    if own_times:
        rows[broken] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.9]
    how = {"times_row": np.arange(5)} if own_times else {}
    found = solve(c, rows if own_times else times, method=method, rtol=1e-7, **how)
    assert np.flatnonzero(~found.finished).tolist() == [broken]
    times = rows if own_times else np.tile(times, (5, 1))
    exact = 1.0 / (1.0 - np.where(np.arange(5) == broken, 0.5, 0.01)[:, None] * times)
    seen = (np.arange(5) != broken)[:, None] | (times < 2.0)
    y = found.values[:, c.program.outputs.index("y")]
    assert np.allclose(y[seen], exact[seen], rtol=1e-5)
    assert np.isnan(y[~seen]).all()


@pytest.mark.parametrize("method", ["rodas5p", "tsit5", "fast"])
@pytest.mark.parametrize("n", [3, 8, 11])
@pytest.mark.kind("edge-of-a-formula")
def test_where_a_formula_ends_one_ends_alone(method, n):
    from .conftest import MODELS

    MODELS["edge"] = "P' = c; L' = log(1 - P); P = 0; L = 0; c = 0.01;"
    c = case("edge", n=n, spread=0.0)
    c.constants[1, c.program.constants.index("c")] = 0.31
    found = solve(c, np.linspace(0.0, 12.0, 9), method=method, rtol=1e-5)
    assert np.flatnonzero(~found.finished).tolist() == [1]
    assert found.status[1] == Status.NON_FINITE
    assert found.fail_time[1] == pytest.approx(1 / 0.31, rel=1e-5)


def test_too_many_steps_hit_the_one_that_needs_them():
    from .conftest import MODELS

    MODELS["wave"] = "x' = v; v' = -q*x*(1 + 0.01*x*x); x = 1; v = 0; q = 1;"
    c = case("wave", n=8, spread=0.0)
    c.constants[2, c.program.constants.index("q")] = 4e4
    found = solve(c, np.linspace(0.0, 30.0, 4), rtol=1e-5, max_steps=3000)
    assert np.flatnonzero(~found.finished).tolist() == [2]
    assert found.status[2] == Status.TOO_MANY_STEPS
    assert 0.0 < found.fail_time[2] < 30.0


def test_the_limit_of_steps_holds_without_rejections_too():
    c = case("linear", n=8, spread=0.0)
    found = solve(c, np.linspace(0.0, 500.0, 3), method="tsit5", rtol=1e-6, max_steps=40)
    assert (found.status == Status.TOO_MANY_STEPS).all()
    assert (found.steps + found.rejected <= 41).all()


def test_all_lanes_may_fail():
    c = case("dosed", n=3)
    c.constants[:] = np.nan
    found = solve(c, TIMES, DOSES, pilot=None)
    assert not found.finished.any()


def test_the_pilot_learns_how_large_states_become():
    c = case("dosed", n=2)
    found = solve(c, TIMES, DOSES, outputs=np.empty(0, int), rtol=1e-6)
    course = solve(c, np.linspace(0.0, 24.0, 2001), DOSES, outputs=[0, 1, 2], rtol=1e-6)
    assert np.allclose(found.peak, np.abs(course.values).max(axis=2), rtol=1e-2)
