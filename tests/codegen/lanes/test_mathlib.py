"""Vector functions against extended precision, on this processor and on the plainest of its family."""

import numpy as np
import pytest
from llvmlite import ir

from ldnsim.codegen.lanes import error, mathlib
from ldnsim.codegen.lanes.vector import LONG

from .conftest import DOUBLES, FLOATS, vectorised

N = 4000
WIDE = np.finfo(np.longdouble).eps < 1e-18  # else the reference is no better than what it checks
LEVELS = {
    "short": (mathlib.SHORT, DOUBLES, 1e-9),
    "full": (mathlib.FULL, DOUBLES, 1e-15),
    "single": (mathlib.SINGLE, FLOATS, 1e-6),
}


def power(c, x, n):
    return mathlib.power(c, x, n, mathlib.sign_rule_of(c, n))


def worst(found, exact):
    return float(np.max(np.abs(found.astype(np.longdouble) - exact) / np.abs(exact)))


@pytest.fixture(params=LEVELS)
def level(request):
    return LEVELS[request.param]


@pytest.mark.skipif(not WIDE, reason="long double is double here")
@pytest.mark.parametrize(
    ("name", "low", "high"), [("log", 0.01, 9.0), ("exp", -5.0, 5.0), ("tanh", -3.0, 3.0), ("sqrt", 0.0, 9.0)]
)
def test_functions_of_one_argument(name, low, high, level, processor):
    degree, lanes, tolerance = level
    run = vectorised(getattr(mathlib, name), 1, lanes, degree, processor)
    x = np.random.default_rng(1).uniform(low, high, N).astype(np.float64 if lanes.bytes == 8 else np.float32)
    x = x[np.abs(getattr(np, name)(x)) > 1e-4]
    assert worst(run(x), getattr(np, name)(x.astype(np.longdouble))) < tolerance


@pytest.mark.skipif(not WIDE, reason="long double is double here")
def test_logarithms_of_numbers_of_every_size(level, processor):
    degree, lanes, tolerance = level
    kind = np.float64 if lanes.bytes == 8 else np.float32
    info = np.finfo(kind)
    x = np.exp2(np.random.default_rng(4).uniform(info.minexp, info.maxexp - 1, N)).astype(kind)
    x = np.append(x[np.abs(np.log(x)) > 0.1], info.tiny).astype(kind)
    run = vectorised(mathlib.log, 1, lanes, degree, processor)
    assert worst(run(x), np.log(x.astype(np.longdouble))) < tolerance


@pytest.mark.skipif(not WIDE, reason="long double is double here")
@pytest.mark.parametrize("name", ["sin", "cos"])
def test_waves_up_to_fifty_turns(name, level, processor):
    degree, lanes, tolerance = level
    x = np.random.default_rng(2).uniform(-300.0, 300.0, N)
    x = x.astype(np.float64 if lanes.bytes == 8 else np.float32)
    found = vectorised(getattr(mathlib, name), 1, lanes, degree, processor)(x)
    # Without fused multiply-adds reducing a float by turns costs digits.
    assert np.max(np.abs(found - getattr(np, name)(x.astype(np.longdouble)))) < 20.0 * tolerance


@pytest.mark.skipif(not WIDE, reason="long double is double here")
def test_powers_to_a_few_units_in_the_last_place(processor):
    run = vectorised(power, 2, DOUBLES, mathlib.FULL, processor)
    rng = np.random.default_rng(3)
    x, n = np.exp(rng.uniform(-12.0, 12.0, N)), rng.uniform(-4.0, 4.0, N)
    fused = processor.name != "generic"  # without fused multiply-adds a large logarithm costs digits
    assert worst(run(x, n), x.astype(np.longdouble) ** n) < (4 if fused else 40) * np.finfo(np.float64).eps


@pytest.mark.parametrize("level", ["short", "single"], indirect=True)
def test_short_powers_are_good_to_their_tolerance(level, processor):
    degree, lanes, tolerance = level
    rng = np.random.default_rng(4)
    kind = np.float64 if lanes.bytes == 8 else np.float32
    x, n = rng.uniform(0.1, 10.0, N).astype(kind), rng.uniform(-2.0, 2.0, N).astype(kind)
    found = vectorised(power, 2, lanes, degree, processor)(x, n)
    assert worst(found, x.astype(np.longdouble) ** n) < tolerance


@pytest.mark.parametrize(
    ("x", "n", "value"),
    [
        (0.0, 1.6, 0.0),
        (0.0, 0.0, 1.0),
        (1.0, 2.7, 1.0),
        (-2.0, 2.0, 4.0),
        (-2.0, 3.0, -8.0),
        (-1e-9, 1.6, 0.0),  # a state that dips below 0 by less than the tolerance
        (1e-320, 1.0, 0.0),
        (2.0, -1.0, 0.5),
    ],
)
def test_powers_at_the_edges(x, n, value, level, processor):
    degree, lanes, tolerance = level
    run = vectorised(power, 2, lanes, degree, processor)
    assert run([x], [n])[0] == pytest.approx(value, rel=tolerance, abs=1e-37)


@pytest.mark.parametrize("twice", [*mathlib.SHARED, 7])
def test_a_shared_exponent_gives_what_powers_give(twice, level, processor):
    degree, lanes, tolerance = level

    def shared(c, x):
        general = lambda: power(c, x, c.const(0.5 * twice))  # noqa: E731
        return mathlib.shared_power(c, x, ir.Constant(LONG, twice), general)

    x = np.concatenate([[0.0, -1e-9, -2.0, 1.0, np.nan], np.linspace(0.1, 3.0, 40)])
    exact = np.where(
        (x < 0.0) & (twice % 2 == 1), 0.0, np.abs(x) ** (0.5 * twice) * np.sign(x) ** (twice // 2)
    )
    found = vectorised(shared, 1, lanes, degree, processor)(x)
    np.testing.assert_allclose(found, exact, rtol=tolerance, atol=0.0)


def test_a_power_of_one_is_exact(level, processor):
    """Else a model at rest would drift."""
    degree, lanes, _ = level
    n = np.linspace(0.1, 9.0, 100)
    assert (vectorised(power, 2, lanes, degree, processor)(np.ones(100), n) == 1.0).all()


def test_infinity_and_nan_are_not_lost(level, processor):
    degree, lanes, _ = level
    run = vectorised(power, 2, lanes, degree, processor)
    assert np.isnan(run([np.nan], [1.5])[0])
    assert run([np.inf], [1.5])[0] > 1e38
    assert run([0.0], [-1.5])[0] > 1e38
    assert np.isnan(vectorised(mathlib.log, 1, lanes, degree, processor)([-1.0])[0])
    assert vectorised(mathlib.log, 1, lanes, degree, processor)([0.0])[0] == -np.inf


def test_an_impossible_constant_shows_as_nan(level, processor):
    degree, lanes, _ = level

    def strict(c, x, n):
        return mathlib.power(c, x, n, mathlib.sign_rule_of(c, n), strict=True)

    run = vectorised(strict, 2, lanes, degree, processor)
    assert np.isnan(run([-2.0], [1.5])[0])
    assert run([-2.0], [3.0])[0] == pytest.approx(-8.0, rel=1e-6)


def test_a_quotient_at_zero_takes_its_limit(level, processor):
    degree, lanes, _ = level
    run = vectorised(mathlib.ratio, 4, lanes, degree, processor)
    values, at, limit, steepest = [0.0, 6.0, 6.0, 6.0], [0.0, 3.0, -3.0, 3e-9], [1.0, 1.0, 1.0, 0.0], [np.inf, 4, 4, 1e9]
    assert run(values, at, limit, steepest).tolist() == [1.0, 2.0, -2.0, 0.0]


def test_reciprocals_that_errors_are_weighed_by(processor):
    x = np.logspace(-20, 20, 400)
    for lanes in (DOUBLES, FLOATS):
        np.testing.assert_allclose(vectorised(error.reciprocal, 1, lanes, mathlib.FULL, processor)(x) * x, 1.0, rtol=1e-4)


def test_the_exponential_of_what_no_number_holds(level, processor):
    degree, lanes, _ = level
    run = vectorised(mathlib.exp, 1, lanes, degree, processor)
    assert np.isnan(run([np.nan])[0])
    assert run([-2000.0])[0] < 1e-37
    assert run([2000.0])[0] > 1e38


def test_a_root_of_what_is_less_than_any_normal_number_is_small(processor):
    run = vectorised(power, 2, FLOATS, mathlib.SINGLE, processor)
    assert run([1e-40], [0.5])[0] < 2e-20
