"""The slope of a highest value: where it lies in a window, at its edge, and what follows it in memory."""

import numba
import numpy as np
import pytest

from ldnsim.readouts import extremes

N = 7
T = np.tile(np.arange(float(N)), 2)  # those of another subject follow
STILL = np.zeros(2 * N)


@numba.njit
def both(t, v, d, s, e, m, spans):
    return extremes.extreme(t, v, d, spans, 1.0), extremes.extreme_slope(t, v, d, s, e, m, spans, 1.0)


def found(slope, span, moved=STILL):
    """Look at a line, followed by one that is 1000 higher."""
    v, s = 10.0 + slope * T, 2.0 + 0.5 * T
    v[N:] += 1000.0
    each = (T, v, np.full(2 * N, slope), s, np.full(2 * N, 0.5), moved)
    return both(*(a[:N] for a in each), np.array([span]))


@pytest.mark.parametrize(
    ("span", "when"), [((0.0, 6.0), 6.0), ((0.0, 3.5), 3.5), ((0.0, 4.0), 4.0), ((1.2, 2.25), 2.25)]
)
def test_a_line_is_highest_at_the_end_of_its_window_whatever_moves_beyond(span, when):
    for moved in (STILL, np.where(when < T, 0.7, 0.0)):
        (best, at), (change, shift) = found(3.0, span, moved)
        assert (best, at) == pytest.approx((10.0 + 3.0 * when, when))
        assert (change, shift) == pytest.approx((2.0 + 0.5 * when, 0.0))


def test_a_peak_at_a_dose_that_moves_moves_with_it():
    (best, at), (change, shift) = found(-1.5, (0.0, 6.0), np.where(T == 0.0, 0.7, 0.0))
    assert (best, at) == (10.0, 0.0)
    assert (change, shift) == pytest.approx((2.0 - 1.5 * 0.7, 0.7))


@numba.njit
def rate_after(t, v, node):
    return extremes._rate_after(t, v, node)


@pytest.mark.parametrize("node", [0, 3, 7, 8])
def test_the_slope_after_a_node_is_that_of_a_polynomial_whose_nodes_lie_unevenly(node):
    t = np.array([0.0, 0.1, 0.35, 0.4, 0.9, 1.0, 1.7, 2.0, 2.6])  # the last nodes are followed by fewer
    power = min(extremes.POINTS, t.size - node) - 1
    slope = power * (t[node] + 1.0) ** (power - 1) if power else 0.0
    assert rate_after(t, (t + 1.0) ** power, node) == pytest.approx(slope)
