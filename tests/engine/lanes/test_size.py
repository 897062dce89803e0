"""Large models: code shared by the stages gives the same numbers, and grows no faster than the model."""

from dataclasses import replace

import numpy as np
import pytest

from ldnsim.codegen import program
from ldnsim.codegen.lanes import LaneSource, layout
from ldnsim.codegen.lanes.build import Variant, assembly, layout_of
from ldnsim.codegen.lanes.structure import analyse
from ldnsim.engine.events import EventKind
from ldnsim.engine.solve import integrate
from ldnsim.engine.target import host, object_code
from ldnsim.model import Model

from .conftest import MODELS, case, gap, solve

TIMES = np.linspace(0.0, 24.0, 13)
DOSES = [(0.0, EventKind.ADD, 0, 3.0), (5.0, EventKind.RATE, 1, 0.4), (7.0, EventKind.RATE, 1, -0.4)]


def ring(n):
    """Return the text of n states that inhibit their neighbours, with much fill-in."""
    rates = "; ".join(
        f"x{i}' = k*x{i - 1}^h/(v^h + x{i - 1}^h) - k*x{i}*x{(i + 7) % n} + 0.1*(x{(i + 1) % n} - x{i})"
        for i in range(n)
    ).replace("x-1", f"x{n - 1}")
    start = "; ".join(f"x{i} = {1 + 0.1 * (i % 5)}" for i in range(n))
    return f"model ring(); {rates}; {start}; k = 0.5; v = 1.1; h = 1.7; end"


@pytest.mark.parametrize("name", ["dosed", "functions", "stiff"])
@pytest.mark.parametrize("method", ["rodas5p", "fast"])
def test_shared_code_gives_the_same_numbers(name, method, monkeypatch):
    c = case(name)
    events = DOSES if name == "dosed" else None
    expected = solve(c, TIMES, events, method=method, rtol=1e-5)
    monkeypatch.setattr(layout, "LARGE", 0)
    model = Model.from_antimony(f"model {name}(); {MODELS[name]} end")
    source = LaneSource(model.equations, model.structure_hash + "shared code", c.program.constants)
    c.system = replace(c.system, lanes=source)
    found = solve(c, TIMES, events, method=method, rtol=1e-5)
    assert gap(found.values, expected.values) < (1e-6 if method == "rodas5p" else 2e-4)
    assert (found.method, found.why) == (method, "")  # in single precision, too


def test_a_ring_of_sixty_states_agrees_with_scipy():
    model = Model.from_antimony(ring(60))
    p = program(model)
    c = p.constants_of(np.asarray(model.values)[None] * np.array([[1.0], [1.1]]))
    y0 = p.initial_state(c)
    found = integrate(p.system, y0, c, None, TIMES, method="rodas5p", rtol=1e-8)
    expected = integrate(p.system, y0, c, None, TIMES, method="LSODA", rtol=1e-10)
    states = p.system.output_states >= 0
    assert gap(found.values[:, states], expected.values[:, states]) < 1e-6


@pytest.mark.slow
def test_code_grows_no_faster_than_the_model():
    sizes = {}
    for n in (45, 90):
        equations = Model.from_antimony(ring(n)).equations()
        laid_out = layout_of(analyse(equations, equations.parameters), Variant())
        assert laid_out.large
        sizes[n] = len(object_code(assembly(laid_out, Variant(), host()), host()))
    assert sizes[90] < 2.3 * sizes[45]
