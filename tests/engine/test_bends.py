"""Rates that bend or jump as a state or a curve of time says, against closed forms, by every way of stepping."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

TIMES = np.linspace(0.0, 12.0, 49)
SPREAD = np.linspace(0.7, 1.6, 19)  # of k, a subject each
RTOL, ATOL = 1e-6, 1e-9
ALLOWED = 5.0  # tolerances


def saturated(t, k):
    """x' = -k min(x, 1): a straight line from 5 to 1, then exponential."""
    turn = 4.0 / k
    return {"x": np.where(t < turn, 5.0 - k * t, np.exp(-k * np.maximum(t - turn, 0.0)))}


def thresholds(t, k):
    """x = exp(-0.3 t) switches y off when it falls below 0.4, and z on while it lies between 0.1 and 0.12."""
    off = np.log(1.0 / 0.4) / 0.3
    first, last = (np.log(1.0 / level) / 0.3 for level in (0.12, 0.1))
    rising = k / 0.5 * (1.0 - np.exp(-0.5 * np.minimum(t, off)))
    return {
        "y": rising * np.exp(-0.5 * np.maximum(t - off, 0.0)),
        "z": k * np.clip(t - first, 0.0, last - first),
    }


def swinging(t, k):
    """x = cos(k t), v = -k sin(k t): areas of max(0, x), |v| and of the time with x > 0.5."""
    cycles, phase = np.divmod(k * t, 2.0 * np.pi)
    halves, half = np.divmod(k * t, np.pi)
    third = np.pi / 3.0
    above = 2.0 * third * cycles + np.minimum(phase, third) + np.maximum(phase - 5.0 * third, 0.0)
    bump = np.where(phase < np.pi / 2, np.sin(phase), np.where(phase < 1.5 * np.pi, 1.0, 2.0 + np.sin(phase)))
    return {"lit": (2.0 * cycles + bump) / k, "path": 2.0 * halves + 1.0 - np.cos(half), "above": above / k}


def clocked(t, k):
    """Curves of time with kinks where no formula of them is linear, and the steps of a state that rises evenly."""
    halves, half = np.divmod(k * t, np.pi)
    steps = np.floor(k * t)
    return {
        "path": (2.0 * halves + 1.0 - np.cos(half)) / k,
        "stairs": (steps * (steps - 1.0) / 2.0 + steps * (k * t - steps)) / k,
    }


MODELS = {
    saturated: "x = 5; k = 1; x' = -k*min(x, 1);",
    thresholds: """
        x = 1; y = 0; z = 0; k = 1; x' = -0.3*x; y' = piecewise(k, x > 0.4, 0) - 0.5*y;
        z' = piecewise(k, x > 0.1 && x < 0.12, 0);
    """,
    swinging: """
        x = 1; v = 0; lit = 0; path = 0; above = 0; k = 1; x' = v; v' = -k^2*x;
        half := max(0, x); lit' = half; path' = abs(v); above' = piecewise(1, x > 0.5, 0);
    """,
    clocked: "path = 0; even = 0; stairs = 0; k = 1; path' = abs(sin(k*time)); even' = k; stairs' = floor(even);",
}


@pytest.fixture(scope="module", params=MODELS, ids=lambda truth: truth.__name__)
def case(request):
    """One model, and what it should answer for each k."""
    return ldn.Model.from_antimony(f"model m\n{MODELS[request.param]}\nend"), request.param


def worst(model, truth, subjects, method):
    """Return the largest error of a run in units of the tolerance of the largest value."""
    table = pd.DataFrame({"k": subjects})
    ds = ldn.simulate(model, None, subjects=table, times=TIMES, method=method, rtol=RTOL, atol=ATOL)
    assert (ds.status == "finished").all()
    found = []
    for i, k in enumerate(subjects):
        for name, values in truth(TIMES, k).items():
            error = np.abs(ds[name].to_numpy()[i] - values)
            found.append(error.max() / (RTOL * np.abs(values).max() + ATOL))
    return max(found)


@pytest.mark.kind("nonsmooth-rates")
@pytest.mark.parametrize("method", ["auto", "tsit5", "rodas5p", "tsit5-scalar", "rodas5p-scalar"])
def test_errors_at_bends_are_a_few_tolerances(case, method):
    assert worst(*case, SPREAD, method) <= ALLOWED


@pytest.mark.kind("nonsmooth-rates", sibling="a single course, which explicit steps cross")
@pytest.mark.parametrize("method", ["auto", "tsit5-scalar"])
def test_a_single_course_bends_as_well(case, method):
    assert max(worst(*case, [k], method) for k in SPREAD) <= ALLOWED
