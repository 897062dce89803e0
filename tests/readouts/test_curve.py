"""The pieces of a curve through nodes, some of which stand twice."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from ldnsim.readouts import curve

piece_from, piece_until = (getattr(f, "py_func", f) for f in (curve.piece_from, curve.piece_until))


@pytest.mark.parametrize(
    ("time", "piece"), [(0.0, 0), (0.5, 0), (1.0, 1), (1.5, 1), (2.0, 1), (-1.0, 0), (9.0, 1)]
)
def test_a_piece_from_a_time_on_has_a_length_where_the_last_node_stands_several_times(time, piece):
    assert piece_from(np.array([0.0, 1.0, 2.0, 2.0, 2.0]), time) == piece


def test_where_all_nodes_are_one_it_is_the_first_piece():
    assert piece_from(np.array([3.0, 3.0, 3.0]), 3.0) == 0


@pytest.mark.parametrize(("time", "piece"), [(1.0, 0), (1.0 + curve.JUMP / 2, 0), (1.5, 2), (2.0, 2), (0.0, 0)])
def test_a_piece_until_a_time_is_no_jump_that_lies_at_its_end(time, piece):
    t = np.array([0.0, 1.0, 1.0 + curve.JUMP / 2, 2.0])
    assert piece_until(t, time) == piece


UNEVEN = np.array([0.5, 0.7, 1.5, 2.6, 4.0, 4.1, 6.0])


def slopes_of(t, v):
    found = np.empty_like(t)
    curve.slopes(t, v, found, np.empty_like(t))
    return found


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_a_parabola_has_its_own_slopes_at_uneven_nodes_on_both_sides_of_a_jump(n):
    first, then = UNEVEN[:n], UNEVEN[n - 1] + curve.JUMP / 2 + UNEVEN[:n] - UNEVEN[0]
    t = np.concatenate([first, then])
    bend = 0.0 if n == 2 else 3.0
    v = np.concatenate([bend * first**2 - 2.0 * first + 1.0, 7.0 - bend * then**2])
    np.testing.assert_allclose(slopes_of(t, v), np.concatenate([2 * bend * first - 2.0, -2 * bend * then]), rtol=1e-9)


def test_inside_a_stretch_the_second_derivative_has_no_jumps():
    v = np.array([1.0, 3.0, -2.0, 0.5, 4.0, 4.5, 1.0])
    found = slopes_of(UNEVEN, v)
    spline = CubicSpline(UNEVEN, v, bc_type=((1, found[0]), (1, found[-1])))
    np.testing.assert_allclose(found, spline(UNEVEN, 1), rtol=1e-12)


def test_a_piece_turns_where_its_slope_is_nought_inside_it():
    up_and_down = (1.0, 2.0, -3.0, 1.0)  # slope 2 - 6 x + 3 x^2
    roots = 1.0 - 3**-0.5, 1.0 + 3**-0.5
    assert curve.turning_points(up_and_down, 0.0, 3.0) == pytest.approx(roots)
    assert curve.turning_points(up_and_down, 0.0, 1.0) == pytest.approx((roots[0], 1.0))
    assert curve.turning_points(up_and_down, 1.0, 3.0) == pytest.approx((roots[1], 3.0))
    assert curve.turning_points((1.0, -2.0, 1.0, 0.0), 0.0, 3.0) == pytest.approx((1.0, 3.0))
    assert curve.turning_points((1.0, 0.0, 1.0, -1.0), -1.0, 3.0) == pytest.approx((0.0, 2.0 / 3.0))
    for still in ((1.0, 0.0, 0.0, 0.0), (1.0, 2.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), (0.0, 1.0, 0.0, 1.0)):
        assert curve.turning_points(still, -1.0, 3.0) == (3.0, 3.0)
