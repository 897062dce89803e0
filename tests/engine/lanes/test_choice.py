"""What is decided on the nominal trajectory alone."""

from types import SimpleNamespace

import numpy as np
import pytest

from ldnsim.engine.events import EventKind
from ldnsim.engine.lanes import choice
from ldnsim.engine.solve import prepare

from .conftest import MODELS, case, gap, solve

TIMES = np.linspace(0.0, 100.0, 11)


@pytest.mark.parametrize("rtol", [1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize("rate", [30.0, 3e3, 3e6])
def test_a_stiff_linear_block_asks_for_no_short_steps(rate, rtol):
    MODELS["fast_block"] = (
        f"A' = -k*A; B' = k*A - 0.1*B; C' = 0.1*B*(1 - C) - 0.2*C; A = 1; B = 0; C = 0; k = {rate};"
    )
    c = case("fast_block")
    found = solve(c, TIMES, rtol=rtol)
    assert found.steps.max() < 600  # short steps all the way would be 3e3 to 3e8
    assert gap(found.values, solve(c, TIMES, method="rodas5p-scalar", rtol=1e-11).values) < 30 * rtol


def test_a_fast_exchange_beside_slow_states_is_solved():
    MODELS["exchange"] = """G' = -ka*G; C' = ka*G - (k10 + k12 + k13)*C + k21*P + k31*Q; P' = k12*C - k21*P;
        Q' = k13*C - k31*Q; E' = 0.2*(1 - C/(C + 0.1)) - 0.2*E; G = 5; C = 0; P = 0; Q = 0; E = 1;
        ka = 0.8; k10 = 0.3; k12 = 400; k21 = 90; k13 = 2; k31 = 0.01;"""
    c = case("exchange")
    doses = [(12.0 * i, EventKind.ADD, 0, 3.0) for i in range(8)]
    found = solve(c, TIMES, doses, rtol=1e-6)
    assert found.steps.max() < 900
    assert gap(found.values, solve(c, TIMES, doses, method="rodas5p-scalar", rtol=1e-11).values) < 3e-5


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


@pytest.mark.parametrize(("strays", "holds"), [(29.9, True), (30.1, False)])
def test_single_precision_may_stray_by_thirty_tolerances(monkeypatch, strays, holds):
    c = case("linear", n=1)
    atol, rtol, double = np.array([1e-7, 2e-7]), 1e-5, np.full((1, 2, 17), 3.0)
    ended = np.array([True] * 16 + [False])
    double[..., ~ended] = np.nan  # where a run was lost nothing is compared

    def run(problem):
        off = strays * (atol[:, None] + rtol * 3.0) if problem.method.name == "fast" else 0.0
        return SimpleNamespace(values=double + off)

    pilot = prepare(c.system, c.y0, c.constants, None, TIMES, method="rodas5p", rtol=rtol, atol=atol)
    monkeypatch.setattr(choice, "run", run)
    assert choice._single_holds(pilot) is holds
