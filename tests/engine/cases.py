"""Runs for the ledger: every method at loose tolerances, whose steps show, with events, triggers, delays and periods."""

from __future__ import annotations

import functools

import numpy as np

import ldnsim as ldn
from ldnsim.codegen import program
from ldnsim.engine import Events, instants, threads
from ldnsim.engine.breaks import with_breaks
from ldnsim.engine.events import EventKind
from ldnsim.engine.invariants import conserved_directions
from ldnsim.engine.methods import METHODS
from ldnsim.engine.periodic import periodic_state, recurrence
from ldnsim.engine.solve import integrate, prepare
from ldnsim.engine.status import Status
from ldnsim.engine.system import System

from ..ledger import constants_of, told
from ..model.texts import BODIES, text_of
from .lanes.conftest import MODELS, case, solve

TIMES = np.linspace(0.0, 24.3, 12)
A, M, S, R = EventKind.ADD, EventKind.MULTIPLY, EventKind.SET, EventKind.RATE
HAPPENS = {"nothing": None, "doses": [(0.0, A, 0, 3.0), (5.0, A, 0, 2.0), (5.0 + 1e-13, A, 0, 1.0), (12.0, M, 1,
    0.5), (13.0, S, 1, 0.2), (20.0, EventKind.RESET, 0, 0.0)], "infusions": [(2.0, R, 1, 0.4), (2.001, R, 1, -0.4),
    (3.0, R, 0, 1.0), (8.0, R, 0, -1.0), (8.0, A, 0, 1.0)],}  # fmt: skip
GIVEN = tuple(MODELS)  # tests of lanes add others
RUNS = [(name, method, what) for name in GIVEN for method in ("rodas5p-scalar", "tsit5-scalar", "rodas5p") for what
    in HAPPENS if (name, method) != ("stiff", "tsit5-scalar")]  # fmt: skip
RUNS += [
    (name, method, "doses")
    for name in ("linear", "dosed", "functions")
    for method in ("tsit5", "fast", "auto")
]
TRIGGERED = (
    "two assignments",
    "late",
    "late on the grid",
    "priority",
    "ties",
    "event on a size",
    "delays",
    "pieces",
    "periodic",
    "rated concentration",
)


def ran(name, method, what):
    """Courses of three people at a loose tolerance, how many steps they took, how they ended."""
    c = case(name, n=3)
    loose = 1e-5 if method == "fast" else 1e-3
    found = solve(c, TIMES, HAPPENS[what], method=method, rtol=loose)
    short = solve(c, TIMES[:2], HAPPENS[what], method=method, rtol=loose, max_steps=5)
    return [
        found.values,
        found.steps,
        found.rejected,
        found.status,
        found.fail_time,
        found.last_state,
        found.method,
        short.status,
        short.fail_time,
    ]


SMALL = {  # with known solutions, and such that come back
    "absorption": "A' = -ka*A; B' = ka*A - k*B; A = 1; B = 0; ka = 1.2; k = 0.2",
    "driven": "A' = -c*(A - cos(time)) - sin(time); B' = A*A - B; A = 1; B = 0; c = 1",
    "explosion": "A' = c*A*A; A = 1; c = 1",
    "chain": "A' = -c*A; B' = c*A - 0.003*B; A = 0; B = 0; c = 0.3",
    "closed": "flux := 2*A*B - 0.1*C; A' = -flux; B' = -flux; C' = flux; A = 1; B = 2; C = 0",
    "sudden": "x' = 1; y' = piecewise(1e5, x > 2, 1)*(1 - y) + piecewise(300, x > 3.3, 0); x = 0; y = 0",
    "edge": "A' = -1 - sqrt(A - 0.3); B' = ln(A); A = 1; B = 0",
    "resting": "A' = -0.3*A*A + 0.1; B' = 0; A = 1; B = 2",
    "row": "x0' = 0.5 - 0.2*x0*x0; x0 = 0; " + "; ".join(
        f"x{k}' = 0.3*x{k - 1} - 0.1*{k}*x{k}*x{k}; x{k} = 0" for k in range(1, 10)),
    "turned": "block := A^3/(1 + A^3); A' = -0.4*B*A; B' = 0.02*(1 - (1 - 0.8*block)*B); A = 0; B = 1",
}


@functools.cache
def systems():
    """Programs of the small systems."""
    return {n: program(ldn.Model.from_antimony(f"model {n}(); {text}; end")) for n, text in SMALL.items()}


def run_of(name, y0, values, times, **how):
    """Integrate a small system, a row of parameters a trajectory."""
    one = systems()[name]
    return integrate(one.system, y0, one.constants_of(np.atleast_2d(values)), None, times, **how)


def fitted_steps():
    """Steps that each method takes at many tolerances, alone and at a bound, up to where nothing is finite."""
    found = []
    for method in ("rodas5p-scalar", "tsit5-scalar"):
        for rtol in (1e-2, 1e-4, 1e-7):
            for c in (1.0, 300.0 if method[0] == "r" else 30.0):
                s = run_of("driven", [1.0, 0.0], [c], np.linspace(0, 6, 5), method=method, rtol=rtol)
                found.append([s.values, s.steps, s.rejected])
        s = run_of(
            "explosion", [1.0], [[1.0], [0.01]], np.linspace(0, 2, 5), method=method, rtol=1e-4, atol=1e-6
        )
        found += [s.values[1], s.status, np.round(s.fail_time, 2), s.steps]
        s = run_of("edge", [1.0, 0.0], np.empty((1, 0)), np.linspace(0, 3, 7), method=method, rtol=1e-4)
        found += [s.values, s.status, np.round(s.fail_time, 2), s.rejected > 9]
    two = [[1.2, 0.2], [0.5, 0.1]]
    ways = ({"method": "auto"}, {"t0": 0.5}, {"outputs": [1]}, {"dtype": "float32"}, {"block": 1})
    for how in (*ways, {"atol": 1e-3}, {"atol": [1e-3, 1.0]}):
        s = run_of("absorption", [1.0, 0.0], two, [1.0, 2.0, 7.0], rtol=1e-5, **how)
        found += [s.values, s.steps, s.method, s.why]
    return found


def rejected():
    """Steps across jumps that no time tells, with delays and triggers: how many there are, and how many too long ones."""
    found = []
    for method in ("rodas5p-scalar", "tsit5-scalar"):
        for rtol in (1e-2, 1e-3, 1e-5):
            s = run_of(
                "sudden",
                [0.0, 0.0],
                np.empty((1, 0)),
                [1.0, 2.5, 4.0],
                method=method,
                rtol=rtol,
                max_steps=2000,
            )
            found.append(
                [
                    s.values[:, 0],
                    s.status,
                    s.steps if method[0] == "r" else "",
                    s.rejected if method[0] == "r" else "",
                ]
            )
    for name in ("delays", "two assignments", "late", "priority", "event on a size", "pieces", "chain"):
        one = program(ldn.Model.from_antimony(text_of(BODIES[name])))
        c = one.constants_of(np.asarray(ldn.Model.from_antimony(text_of(BODIES[name])).values)[None])
        for rtol in (1e-2, 1e-4):
            s = integrate(one.system, one.initial_state(c), c, None, np.linspace(0, 6, 5), rtol=rtol, seed=1)
            found.append([s.values, s.steps, s.rejected, s.method, one.system.work])
    for name in GIVEN:
        c = case(name, n=2)
        events = Events.of([(5.0, A, 0, 2.0)], 2) if name != "stiff" else None
        p = prepare(c.system, c.y0, c.constants, events, TIMES, rtol=1e-4)
        found += [p.decision.atol, p.decision.why, p.decision.takeover, c.system.work, p.decision.method.name]
        found.append(
            prepare(
                c.system, 0 * c.y0, c.constants, None, TIMES, rtol=1e-4, method="rodas5p-scalar"
            ).decision.atol
        )
    return found


def triggered(name):
    """Courses of a model with triggers, delays or jumps, at a loose tolerance, of some people."""
    model = ldn.Model.from_antimony(text_of(BODIES[name]))
    people = {} if not model.parameter_ids else {"subjects": _people(model)}
    how = {"times": np.linspace(0, 6, 13), "rtol": 1e-4, "seed": 3}
    alone = "auto" if name == "delays" else "rodas5p-scalar"
    found = []
    for more in (people, {"method": alone}):
        ds, warned = told(ldn.simulate, model, None, **how, **more)
        found += [ds.drop_vars(["mark", "marks"], errors="ignore"), warned]
    return found


def _people(model):
    import pandas as pd

    return pd.DataFrame(
        {p: model.values[k] * np.array([1.0, 1.1, 0.9]) for k, p in enumerate(model.parameter_ids[:2])}
    )


def periods():
    """States that come back, by their closed forms and where there are none; what is conserved; recurrences."""
    found = []
    none = np.empty((2, 0))
    some = (
        ("chain", [[0.3], [1.0]], [0.0, 0.0], 10.0),
        ("closed", none, [1.0, 2.0, 0.0], 0.0),
        ("turned", none, [0.0, 1.0], 2.0),
        ("resting", none, [1.0, 2.0], 1.0),
        ("row", none, np.zeros(10), 2.0),
    )
    for name, values, y0, dose in some:
        one = systems()[name]
        constants = one.constants_of(np.asarray(values))
        events = Events.of([(6.0, A, 0, dose)], 2) if dose else Events.none(2)
        p = periodic_state(one.system, np.array([y0, y0]), constants, events, 24.0)
        moves = conserved_directions(one.system, np.array(y0), constants[0], np.ones(len(y0)))
        found += [p, [np.round(np.abs(m), 6) for m in moves]]
    return found


def lost():
    """Who fails of a group that shares its steps, alone and among others, and what becomes of these."""
    found = []
    rates = np.array([[1.0], [0.01], [0.3], [0.02], [2.0], [0.03], [0.05], [0.04], [0.015]])
    for method in ("rodas5p", "tsit5", "fast"):
        for some in (rates, rates[1:2], rates[[0, 4]], rates[1::2]):
            s = run_of("explosion", [1.0], some, np.linspace(0, 6, 4), method=method, rtol=1e-4, atol=1e-6)
            found += [s.values, s.status, np.round(s.fail_time, 1)]
        own = np.linspace([0.0, 0.3, 0.5, 2.0], [0.1, 1.5, 4.0, 9.0], 9)  # each is seen at times of its own
        s = run_of("absorption", [1.0, 0.0], np.linspace([0.5, 0.1], [1.5, 0.2], 9), own, method=method, rtol=1e-5,
            times_row=np.arange(9)[::-1])  # fmt: skip
        found += [s.values, s.steps]
        short = run_of("driven", [1.0, 0.0], [[1.0], [300.0], [20.0]], [6.0], method=method, rtol=1e-5, max_steps=60)
        found += [short.status, short.finished]
        for broken in ([0], [3, 5], [1, 8], [0, 1, 2, 7]):  # who cannot even start
            values = np.linspace([0.5, 0.1], [1.5, 0.2], 9)
            values[broken, 1] = np.nan
            s = run_of("absorption", [1.0, 0.0], values, [0.0, 1.0, 5.0], method=method, rtol=1e-5)
            found += [s.values, s.status, s.fail_time, s.steps, s.rejected]
    return found


def recurrences():
    """After how many periods equations are the same again, at rest and away from it; lags that come to look ahead."""
    found = []
    for name, y in (("driven", [0.0, 0.0]), ("driven", [0.3, -2.0]), ("chain", [1.0, 0.0]), ("sudden", [2.0, 0.5])):
        one = systems()[name]
        for values in ([1.0], [0.5], [2.0]):
            constants = one.constants_of(np.array([values if name != "sudden" else []]))
            for period in (np.pi, 2 * np.pi, 4 * np.pi / 3, 1.0, 24.0):
                found.append(recurrence(one.system, np.array([y]), constants, 3.0, period, 5))
    for lag in ("1.5 - time", "0.5*(time < 2)", "max(0, time - 1) - 0.2"):
        model = ldn.Model.from_antimony(f"x' = -delay(x, {lag}); x = 1; y' = x; y = 0")
        for method in ("rodas5p-scalar", "tsit5-scalar"):
            ds = told(ldn.simulate, model, None, times=[0.5, 1.0, 1.4, 2.0, 3.0], rtol=1e-6, method=method)
            found.append(ds if not hasattr(ds[0], "data_vars") else [ds[0].x, ds[0].y, ds[0].status, ds[1]])
    for how in ({}, {"observe": _two}, {"observe": _two, "n_outputs": 3}, {"n_constants": 2}):
        s = System.from_functions(_two, 2, **how)
        found.append([s.n_states, s.n_constants, s.n_outputs, s.output_states, s.name])
    return found


def _two(t, y, c, out):
    out[0], out[1] = y[1], -y[0]


def times():
    """Instants, their widths and edges; pieces of work; what is no event, no time and no tolerance."""
    t = np.array([0.0, 0.5, 1.0, 24.0, 1e6])
    found = [instants.width(t), instants.numbered([0.0, 1e-13, 1.0, 1.0 + 1e-13, 1.0 + 3e-12, 24.0]), [instants.shortest(
        x) for x in t], [instants.is_sliver(1.0, 1.0 + k * 1e-16) for k in (0, 2, 10, 20, 40)], [instants.jump_edge(
        a, b) for a, b in ((0, 1), (1, 1 + 1e-15), (5, 9), (9, 9 + 1e-14))]]  # fmt: skip
    found += [[m.name, m.family, m.order, m.dense, m.stiff, m.scipy] for m in METHODS.values()] + [
        [s.name, int(s), s.remedy] for s in Status
    ]
    found += [[getattr(threads, n) for n in dir(threads) if n.isupper()]]
    system = systems()["absorption"].system
    for how in (
        {"rtol": 0},
        {"rtol": 1e-13},
        {"rtol": 0.1},
        {"rtol": 0.11},
        {"max_steps": 0},
        {"max_steps": 1},
        {"dtype": "int"},
        {"threads": 0},
        {"block": 0},
        {"block": 3},
        {"method": "odd"},
        {"outputs": [2]},
        {"atol": -1},
        {"atol": [1, 2, 3]},
    ):
        found.append(
            told(
                lambda how=how: (
                    prepare(system, [1.0, 0.0], [1.2, 0.2], None, [1.0], **how).decision.method.name
                )
            )
        )
    for events in (
        [(-1.0, A, 0, 1.0)],
        [(1.0, A, 2, 1.0)],
        [(1.0, A, -1, 1.0)],
        [(np.nan, A, 0, 1.0)],
        [(1.0, A, 0, np.inf)],
        [(2.0, A, 0, 1.0), (1.0, A, 0, 1.0)],
        [(1.0, 77, 0, 1.0)],
    ):
        found.append(
            told(lambda e=events: integrate(system, [1.0, 0.0], [1.2, 0.2], Events.of(e, 1), [3.0]).values)
        )
    for wrong in ([2.0, 1.0], [np.nan], [[1.0], [2.0]], [], [-1.0]):
        found.append(told(lambda w=wrong: integrate(system, [1.0, 0.0], [1.2, 0.2], None, w).values))
    broken = case("truths", n=2)
    moved = with_breaks(broken.system, broken.constants, Events.of([(3.0, A, 0, 1.0)], 2), 0.0, 24.0)
    return [*found, moved.time, moved.kind, moved.row]


TOLERANCES = {
    f"{name}, {method}, {what}": 0.1
    if method == "fast"
    else 1e-3
    if method in ("rodas5p", "tsit5", "auto")
    else 1e-5
    for name, method, what in RUNS
}
TOLERANCES |= {"lost": 1e-3, "recurrences": 1e-4}
TOLERANCES |= {"steps": 1e-3, "rejected": 0.1, "periods": 1e-4} | {f"triggered {n}": 1e-4 for n in TRIGGERED}
CASES = {
    "constants": lambda: constants_of("engine"),
    **{
        f"{name}, {method}, {what}": functools.partial(ran, name, method, what) for name, method, what in RUNS
    },
    "steps": fitted_steps,
    "rejected": rejected,
    **{f"triggered {name}": functools.partial(triggered, name) for name in TRIGGERED},
    "periods": periods,
    "lost": lost,
    "recurrences": recurrences,
    "times": times,
}
