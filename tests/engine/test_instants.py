"""Times that rounding sets apart: every clock is followed to its end, alone and in company, to the same answers."""

import signal
import threading
import time

import numpy as np
import pytest

from ldnsim.codegen import program
from ldnsim.engine import Events, Status
from ldnsim.engine.compiled import JIT
from ldnsim.engine.events import EventKind
from ldnsim.engine.instants import numbered, width
from ldnsim.engine.methods import METHODS
from ldnsim.engine.solve import integrate
from ldnsim.model import Model

RTOL = 1e-6
ALONE = [m.name for m in METHODS.values() if m.family == "scalar" or m.scipy]
TOGETHER = [m.name for m in METHODS.values() if m.lanes]
MODEL = "model m(); G' = -ka*G; C' = ka*G - vm*C/(1 + C); G = 0; C = 0; ka = 1.1; vm = 0.5; end"
JUMPING = MODEL.replace("ka*G - vm", "ka*G + piecewise(0.1, time > 24, 0) - vm")


@pytest.fixture(scope="module", params=[MODEL, JUMPING], ids=["smooth", "jumping"])
def pair(request):
    """A gut and a plasma, smooth or with rates that jump at 24 h."""
    model = Model.from_antimony(request.param)
    return program(model), model.values


def run(pair, events, times, method, n=1, **options):
    """Integrate `n` trajectories of the pair under rows of events."""
    p, values = pair
    constants = p.constants_of(np.repeat(values[None], n, axis=0))
    options = {"rtol": 1e-5 if method == "fast" else RTOL, "threads": 1} | options
    return integrate(p.system, p.initial_state(constants), constants, events, times, method=method, **options)


def clocks(n, seed):
    """Rows of 4 to 6 events near an instant that the 8 clocks of a group share: doses, infusions, a reset."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.choice([0.0, 22.0, 24.0, 671.3], (n // 8, 1)), 8, axis=0)
    gap = lambda k: np.exp(rng.uniform(np.log(np.spacing(700.0)), np.log(1e-6), (n, k)))  # noqa: E731
    start = shared + gap(1) * rng.integers(0, 2, (n, 1))
    time = np.hstack([start, start + np.cumsum(gap(4) * rng.integers(0, 2, (n, 4)), axis=1)])
    time = np.hstack([time, time[:, -1:] + 1.0])  # the infusion's end
    kind = np.tile(
        [EventKind.ADD, EventKind.ADD, EventKind.RESET, EventKind.ADD, EventKind.RATE, EventKind.RATE], (n, 1)
    )
    kind[::2, 2] = EventKind.ADD
    value = rng.uniform(0.5, 2.0, (n, 6))
    value[:, 5] = -value[:, 4]
    return Events(np.arange(n), time, kind, np.zeros((n, 6)), value)


def gap(a, b):
    """Difference in units of the larger of the value and a thousandth of the largest of its course."""
    return float((np.abs(a - b) / (np.abs(b) + 1e-3 * np.abs(b).max(axis=-1, keepdims=True))).max())


@pytest.mark.kind("close-times")
@pytest.mark.skipif(not JIT, reason="lanes need a compiler")
def test_ten_thousand_clocks_alone_and_in_company_give_the_same_answers(pair):
    n = 5_000  # of each of the two models
    events = clocks(n, seed=11)
    times = np.array([0.0, 1.0, 22.0, 22.5, 23.0, 24.0, 25.0, 30.0, 671.3, 672.0])
    alone = run(pair, events, times, "tsit5-scalar", n)
    together = run(pair, events, times, "rodas5p", n)
    assert alone.finished.all()
    assert together.finished.all()
    assert gap(together.values, alone.values) <= 10 * RTOL


@pytest.mark.kind("close-times", sibling="an infusion that is hardly longer than rounding")
@pytest.mark.parametrize("method", ALONE + TOGETHER)
def test_a_short_infusion_brings_its_whole_dose(pair, method):
    if method in TOGETHER and not JIT:
        pytest.skip("lanes need a compiler")
    lengths = (np.spacing(22.0), 1e-13, 1e-11, 1e-9)
    for length in lengths[:3] if METHODS[method].scipy else lengths:  # LSODA begins too carefully for 1e-9 h
        end = 22.0 + length
        amount = 3.0
        rate = amount / (end - 22.0)
        events = Events.of([(22.0, EventKind.RATE, 0, rate), (end, EventKind.RATE, 0, -rate)], 9)
        found = run(pair, events, [22.0, 22.5], method, 9)
        given = run(pair, Events.of([(22.0, EventKind.ADD, 0, amount)], 9), [22.0, 22.5], method, 9)
        assert found.finished.all()
        assert gap(found.values[..., 1:], given.values[..., 1:]) <= 1e-4


@pytest.mark.kind("close-times", sibling="an output that rounding puts before a dose")
@pytest.mark.parametrize("method", ALONE + TOGETHER)
def test_an_output_shows_what_happens_at_its_instant(pair, method):
    if method in TOGETHER and not JIT:
        pytest.skip("lanes need a compiler")
    late = 24.0 + np.array([np.spacing(24.0), 1e-13, 1e-11])
    for dose in late:
        events = Events.of([(24.0, EventKind.ADD, 0, 1.0), (dose, EventKind.ADD, 0, 2.0)], 9)
        found = run(pair, events, [23.0, 24.0], method, 9)
        assert found.values[:, 0, -1] == pytest.approx(3.0, rel=1e-9)
    events = Events.of([(24.0 + 1e-9, EventKind.ADD, 0, 2.0)], 9)
    assert (run(pair, events, [23.0, 24.0, 25.0], method, 9).values[:, 0, 1] == 0.0).all()


@pytest.mark.kind("close-times", sibling="a lane that fails at a time that rounding sets apart")
@pytest.mark.skipif(not JIT, reason="lanes need a compiler")
@pytest.mark.parametrize("method", TOGETHER)
def test_a_lane_that_fails_neither_restarts_its_mates_nor_raises_the_limit(pair, method):
    p, values = pair
    events = Events.of([(22.0, EventKind.ADD, 0, 1.0), (22.0 + 1e-14, EventKind.ADD, 0, 1.0)], 8)
    well = run(pair, events, [21.0, 30.0], method, 8)
    constants = p.constants_of(np.repeat(values[None], 8, axis=0))
    y0 = p.initial_state(constants)
    y0[3, 1] = -1.0  # C/(1 + C) divides by 0
    found = integrate(
        p.system, y0, constants, events, [21.0, 30.0], method=method, rtol=1e-5, threads=1, max_steps=500,
        pilot=(y0[:1], constants[:1]),
    )  # fmt: skip
    assert np.flatnonzero(~found.finished).tolist() == [3]
    assert gap(np.delete(found.values, 3, axis=0), np.delete(well.values, 3, axis=0)) <= 1e-3
    assert (found.steps + found.rejected <= 500).all()


@pytest.mark.skipif(not JIT, reason="lanes need a compiler")
def test_a_lane_that_was_held_up_is_run_alone_and_keeps_the_limit():
    model = Model.from_antimony("model wave(); x' = v; v' = -q*x*(1 + 0.01*x*x); x = 1; v = 0; q = 1; end")
    p = program(model)
    constants = p.constants_of(np.repeat(model.values[None], 8, axis=0))
    constants[2, p.constants.index("q")] = 4e4
    how = {"method": "rodas5p", "rtol": 1e-5, "threads": 1, "max_steps": 3000}
    found = integrate(p.system, p.initial_state(constants), constants, None, [0.0, 30.0], **how)
    assert found.status.tolist() == [0, 0, Status.TOO_MANY_STEPS, 0, 0, 0, 0, 0]
    assert (found.steps + found.rejected <= 3000).all()
    alone = integrate(p.system, p.initial_state(constants[:1]), constants[:1], None, [0.0, 30.0], **how)
    assert gap(found.values[:1], alone.values) <= 1e-4


@pytest.mark.alone
@pytest.mark.kind("deaf-runs")
@pytest.mark.parametrize("method", ["tsit5-scalar", *TOGETHER])
@pytest.mark.parametrize("n", [1, 64])
def test_a_run_that_is_broken_off_ends_promptly(method, n):
    if method in TOGETHER and not JIT:
        pytest.skip("lanes need a compiler")
    model = Model.from_antimony("model wave(); x' = v; v' = -1e10*x; x = 1; v = 0; end")
    p = program(model)
    constants = p.constants_of(np.repeat(model.values[None], n, axis=0))
    how = {"method": method, "rtol": 1e-5, "threads": 2, "atol": 1e-9}
    arguments = p.system, p.initial_state(constants), constants, None
    integrate(*arguments, [0.0, 1e-4], **how)  # compiles
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    began, before = [], threading.enumerate()

    def interrupt():
        began.append(time.perf_counter())
        signal_main()

    threading.Timer(0.5, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        integrate(*arguments, [0.0, 1e6], max_steps=10**12, **how)
    assert began
    own = [t for t in threading.enumerate() if t not in before]
    for thread in own:
        thread.join(10.0)
    assert not any(thread.is_alive() for thread in own)


def signal_main():
    """What Ctrl-C does."""
    import _thread

    _thread.interrupt_main()


def test_an_instant_is_as_wide_as_said():
    assert width(0.0) == width(1.0) == 2.0**-40
    assert width(24.0) == pytest.approx(2.2e-11, rel=0.01)
    t = 24.0
    later = t + 0.9 * width(t)
    assert numbered([t, later, 25.0, t + 1e-9, 0.0, 1e-13]) == {
        0.0: 0, 1e-13: 0, t: 1, later: 1, t + 1e-9: 2, 25.0: 3,
    }  # fmt: skip
