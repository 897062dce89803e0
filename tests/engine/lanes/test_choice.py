"""What is decided on the nominal trajectory alone."""

import numpy as np

from ldnsim.engine.events import EventKind
from ldnsim.engine.lanes.kernels import kernels_of
from ldnsim.engine.solve import prepare

from .conftest import MODELS, case, gap, solve

TIMES = np.linspace(0.0, 100.0, 11)


def test_a_stiff_linear_block_is_left_to_the_implicit_method():
    MODELS["fast_block"] = (
        "A' = -k*A; B' = k*A - 0.1*B; C' = 0.1*B*(1 - C) - 0.2*C; A = 1; B = 0; C = 0; k = 3000;"
    )
    c = case("fast_block")
    assert not prepare(c.system, c.y0, c.constants, None, TIMES, method="rodas5p").decision.split
    found = solve(c, TIMES, rtol=1e-6)
    assert found.steps.max() < 500  # its series alone would ask for 100 000
    assert gap(found.values, solve(c, TIMES, method="rodas5p-scalar", rtol=1e-10).values) < 1e-5


def test_a_mild_linear_block_is_split_off():
    c = case("dosed")
    assert prepare(c.system, c.y0, c.constants, None, TIMES, method="rodas5p").decision.split


def test_the_block_s_coefficients_follow_from_the_constants():
    c = case("linear")
    problem = prepare(c.system, c.y0, c.constants, None, TIMES, method="rodas5p")
    for kernels in (kernels_of(problem), c.system.lanes.kernels("fast", full=False, inputs=False)):
        k = c.constants[4, c.program.constants.index("k")]
        assert np.allclose(kernels.block_matrix(c.constants[4]), [[-k, 0.0], [k, -2.0]])


def test_single_precision_is_refused_where_it_cannot_hold():
    c = case("dosed")
    found = solve(c, TIMES, method="fast", rtol=1e-6)
    assert found.method == "rodas5p"
    assert "single precision" in found.why


def test_single_precision_is_dropped_where_it_strays():
    MODELS["cancelling"] = (
        "x' = 1e6*(y - z) - x; y' = 1 - y*y; z' = (1 - z)*(1 + z); x = 0; y = 0.3; z = 0.29997;"
    )
    c = case("cancelling", spread=0.0)
    found = solve(c, TIMES, method="fast", rtol=1e-5)
    assert found.method == "rodas5p"
    assert "strayed" in found.why


def test_decisions_are_remembered_and_made_anew_for_other_questions():
    c = case("dosed")
    doses = [(0.0, EventKind.ADD, 0, 3.0)]
    first = solve(c, TIMES, doses)
    assert np.array_equal(first.values, solve(c, TIMES, doses).values)
    more = solve(c, TIMES, [(0.0, EventKind.ADD, 0, 300.0)])
    assert (
        gap(more.values, solve(c, TIMES, [(0.0, EventKind.ADD, 0, 300.0)], method="rodas5p-scalar").values)
        < 1e-4
    )


def test_auto_counts_steps_and_says_so():
    MODELS["prey"] = "x' = a*x - b*x*y; y' = d*x*y - c*y; x = 10; y = 5; a = 1.1; b = 0.4; c = 0.4; d = 0.1;"
    mild, stiff = case("prey"), case("stiff")
    found = solve(mild, np.linspace(0.0, 24.0, 5), method="auto", rtol=1e-6)
    assert found.method == "tsit5"
    assert "cost less" in found.why
    found = solve(stiff, np.linspace(0.0, 24.0, 5), method="auto", rtol=1e-6)
    assert found.method == "rodas5p"
    assert "bound by stability" in found.why
