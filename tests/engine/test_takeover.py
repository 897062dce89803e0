"""Stiffness that comes later than the pilot looks, or for some trajectories only: the implicit method takes over."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ldnsim.codegen import program
from ldnsim.engine import Status
from ldnsim.engine.compiled import JIT
from ldnsim.engine.methods import METHODS
from ldnsim.engine.solve import integrate, prepare
from ldnsim.engine.takeover import whole_groups
from ldnsim.model import Model

RTOL = 1e-8
# A wave keeps both methods at small steps; from 60 h on, x follows it ever more tightly, for all or where s is large.
LATE = """model late(); u' = w*v; v' = -w*u; z' = 1; x' = -(1 + s/(1 + exp(60 - z)))*(x - u);
    u = 1; v = 0; z = 0; x = 1; w = 6; s = 1e6; end"""


def case(n, **spread):
    """Return the model's program with constants of `n` trajectories."""
    model = Model.from_antimony(LATE)
    p = program(model)
    constants = p.constants_of(np.repeat(model.values[None], n, axis=0))
    for name, values in spread.items():
        constants[:, p.constants.index(name)] = values
    return SimpleNamespace(system=p.system, y0=p.initial_state(constants), constants=constants)


def solve(c, some=slice(None), **options):
    """Run some of a case's trajectories; the first one leads."""
    pilot = c.y0[0], c.constants[0]
    options = {"rtol": RTOL, "threads": 1, "pilot": pilot, "method": "auto"} | options
    return integrate(c.system, c.y0[some], c.constants[some], None, [0.0, 30.0, 70.0, 80.0], **options)


def explicit(c, takeover):
    """Return the decision of the pilot, but for the method."""
    decision = prepare(c.system, c.y0, c.constants, None, [80.0], rtol=RTOL).decision
    return replace(decision, method=METHODS["tsit5"], takeover=takeover)


@pytest.mark.kind("late-stiffness")
def test_late_stiffness_is_finished():
    c = case(1)
    found = solve(c)
    assert found.method == "tsit5-scalar"
    assert "rodas5p takes over after" in found.why
    assert found.finished.all()
    implicit = solve(c, method="rodas5p")
    assert np.allclose(found.values, implicit.values, rtol=100 * RTOL, atol=100 * RTOL)
    alone = solve(c, method="tsit5", max_steps=50_000)
    assert alone.status[0] == Status.TOO_MANY_STEPS


@pytest.mark.kind("late-stiffness", sibling="stiff for some subjects only, in company, chunks and threads")
@pytest.mark.skipif(not JIT, reason="lanes need a compiler")
def test_who_takes_over_does_not_depend_on_company():
    stiff = np.zeros(40)
    stiff[[3, 17, 18, 39]] = 1e6
    c = case(40, s=stiff)
    how = {"method": explicit(c, 20_000)}
    assert not solve(c, method=explicit(c, 0), max_steps=20_000).finished[3]
    whole = solve(c, **how)
    assert whole.finished.all()
    implicit = solve(c, method="rodas5p")
    assert np.allclose(whole.values, implicit.values, rtol=1000 * RTOL, atol=1000 * RTOL)
    assert (whole.steps[stiff == 0] != implicit.steps[stiff == 0]).all()  # they keep their method
    for first in range(0, 40, 16):
        some = slice(first, first + 16)
        assert np.array_equal(solve(c, some, **how, threads=2).values, whole.values[some])
    assert np.array_equal(solve(c, **how, threads=4).values, whole.values)


def test_what_the_implicit_method_cannot_finish_says_what_can_be_done():
    found = solve(case(1), max_steps=500)
    assert found.status[0] == Status.TOO_MANY_STEPS
    assert "max_steps" in Status.TOO_MANY_STEPS.remedy


@pytest.mark.parametrize("block", [1, 10, 3])
def test_groups_are_those_of_the_lanes(block):
    from ldnsim.engine.lanes.plan import groups

    n = 30
    starts, counts = groups(n, block, 8)
    who, place = whole_groups(np.arange(n), n, block)
    assert np.array_equal(who[place], np.arange(n))
    assert np.array_equal(who.reshape(-1, 8)[:, 0], starts)
    assert np.array_equal([len(set(row)) for row in who.reshape(-1, 8).tolist()], counts)
