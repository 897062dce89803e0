"""Lanes against the scalar engine, against SciPy, and against themselves in other company."""

import numpy as np
import pytest

from benchmarks.cases import bench19, stiff19
from ldnsim.engine.events import EventKind

from .conftest import MODELS, case, gap, solve

TIMES = np.linspace(0.0, 24.3, 40)
DOSES = [
    (0.0, EventKind.ADD, 0, 3.0),
    (5.0, EventKind.ADD, 0, 2.0),
    (12.0, EventKind.MULTIPLY, 2, 0.5),
    (13.0, EventKind.SET, 1, 0.2),
]
INFUSIONS = [
    (2.0, EventKind.RATE, 1, 0.4),
    (4.5, EventKind.RATE, 1, -0.4),
    (3.0, EventKind.RATE, 0, 1.0),
    (8.0, EventKind.RATE, 0, -1.0),
]


@pytest.mark.parametrize("name", MODELS)
def test_every_output_agrees_with_the_scalar_engine(name):
    c = case(name)
    events = DOSES if name == "dosed" else None
    reference = solve(c, TIMES, events, method="rodas5p-scalar", rtol=1e-10)
    for rtol, bound in ((1e-6, 1e-5), (1e-9, 1e-8)):
        found = solve(c, TIMES, events, rtol=rtol)
        assert found.method == "rodas5p"
        assert found.finished.all()
        assert gap(found.values, reference.values) < bound


@pytest.mark.parametrize("name", ["dosed", "stiff"])
def test_scipy_agrees(name):
    c = case(name, n=3)
    reference = solve(c, TIMES, method="Radau", rtol=1e-9)
    assert gap(solve(c, TIMES, rtol=1e-9).values, reference.values) < 1e-7


@pytest.mark.parametrize("name", MODELS)
def test_single_precision_is_good_to_its_tolerance(name):
    c = case(name, n=21)
    events = DOSES if name == "dosed" else None
    reference = solve(c, TIMES, events, method="rodas5p-scalar", rtol=1e-9)
    found = solve(c, TIMES, events, method="fast", rtol=1e-5)
    assert found.method == "fast"
    assert gap(found.values, reference.values) < 2e-4


@pytest.mark.parametrize("make", [bench19, stiff19])
def test_the_benchmarks_reach_their_accuracy(make):
    from ldnsim.codegen import program
    from ldnsim.engine import Events
    from ldnsim.engine.solve import integrate
    from ldnsim.model import Model

    b = make()
    p = program(Model.from_antimony(b.antimony))
    values = b.subjects(9)[:, [b.parameters.index(q) for q in p.parameters]]
    c = p.constants_of(values)
    dosed = p.states.index(b.states[b.dosed])
    events = Events.of([(24.0 * day, EventKind.ADD, dosed, b.dose) for day in range(3)], 9)
    y0, times = p.initial_state(c), np.arange(73.0)
    reference = integrate(p.system, y0, c, events, times, method="rodas5p-scalar", rtol=1e-10).values
    for method, rtol, bound in (("rodas5p", 1e-6, 1e-5), ("rodas5p", 1e-9, 1e-8), ("fast", 2e-5, 3e-5)):
        found = integrate(p.system, y0, c, events, times, method=method, rtol=rtol).values
        error = np.abs(found - reference) / (1e-3 + np.abs(reference))
        assert error.max() < bound, (method, rtol)


def test_infusions():
    c = case("dosed")
    reference = solve(c, TIMES, [*DOSES, *INFUSIONS], method="rodas5p-scalar", rtol=1e-10)
    assert gap(solve(c, TIMES, [*DOSES, *INFUSIONS], rtol=1e-8).values, reference.values) < 1e-6


def test_reset_other_state_and_other_constants():
    from dataclasses import replace

    from ldnsim.engine import Events

    c = case("dosed")
    records = [
        *DOSES, (6.0, EventKind.RATE, 1, 0.3), (9.0, EventKind.RESET, 0, 0.0), (15.0, EventKind.STATE, 0, 1.0),
        (18.0, EventKind.CONSTANTS, 0, 0.0),
    ]  # fmt: skip
    events = Events.of(records, len(c.y0))
    events = replace(events, states=np.array([[0.0, 0.0, 1.0], [1.0, 0.5, 0.7]]), constants=c.constants[3:4])
    reference = solve(c, TIMES, events, method="rodas5p-scalar", rtol=1e-10)
    assert gap(solve(c, TIMES, events, rtol=1e-8).values, reference.values) < 1e-6


def test_the_value_at_an_event_is_the_one_after_it():
    c = case("linear", n=2)
    found = solve(c, [0.0, 1.0, 2.0], [(1.0, EventKind.SET, 0, 5.0), (2.0, EventKind.ADD, 0, 7.0)])
    a = c.program.outputs.index("A")
    assert (found.values[:, a, 1] == 5.0).all()
    assert np.allclose(
        found.values[:, a, 2], 5.0 * np.exp(-c.constants[:, c.program.constants.index("k")]) + 7.0
    )


def test_each_trajectory_may_have_events_and_times_of_its_own():
    from ldnsim.engine import Events

    c = case("dosed", n=10)
    rows, inf = np.arange(10) % 3, np.inf
    time = np.array([[1.0, 2.0, inf], [0.5, inf, inf], [1.0, 3.0, 7.0]])
    events = Events(rows, time, np.full((3, 3), EventKind.ADD), np.zeros((3, 3)), np.full((3, 3), 1.5))
    times = np.stack([np.linspace(0.0, 9.0, 9), np.linspace(1.0, 12.0, 9)])
    options = {"times_row": np.arange(10) % 2}
    reference = solve(c, times, events, method="rodas5p-scalar", rtol=1e-10, **options)
    found = solve(c, times, events, rtol=1e-8, **options)
    assert gap(found.values, reference.values) < 1e-6


def test_outputs_are_chosen_and_rounded_as_asked():
    c = case("dosed")
    at = [c.program.outputs.index(name) for name in ("occupied", "C", "E")]
    whole = solve(c, TIMES, DOSES)
    some = solve(c, TIMES, DOSES, outputs=at, dtype="float32")
    assert some.values.dtype == np.float32
    assert np.array_equal(some.values, whole.values[:, at].astype(np.float32))
    states = solve(c, TIMES, DOSES, outputs=at[1:])  # no computed output: another path to the same numbers
    assert np.array_equal(states.values, whole.values[:, at[1:]])


def test_one_output_time_and_the_start_itself():
    c = case("dosed")
    gut = c.program.outputs.index("G")
    assert np.array_equal(solve(c, [0.0], DOSES).values[:, gut, 0], np.full(11, 3.0))
    assert np.isfinite(solve(c, [9.0], DOSES).values[:, gut]).all()


@pytest.mark.slow
def test_plain_code_of_other_processors(monkeypatch):
    """Without AVX-512 the same text becomes other instructions and the same numbers."""
    monkeypatch.setenv("LDNSIM_CPU", "generic")
    from ldnsim.codegen.lanes import LaneSource
    from ldnsim.engine.target import host
    from ldnsim.model import Model

    assert not host().avx512
    for name in ("dosed", "functions"):
        c = case(name)
        model = Model.from_antimony(f"model {name}(); {MODELS[name]} end")
        source = LaneSource(model.equations, model.structure_hash, c.program.constants)
        events = DOSES if name == "dosed" else None
        expected = solve(c, TIMES, events, rtol=1e-8).values
        from dataclasses import replace

        c.system = replace(c.system, lanes=source)
        for method, rtol, bound in (("rodas5p", 1e-8, 1e-6), ("fast", 1e-5, 2e-4)):
            assert gap(solve(c, TIMES, events, method=method, rtol=rtol).values, expected) < bound
