"""How far nodes are off their neighbours, in closed form for stretches of two and of three nodes."""

import numpy as np
import pytest

from ldnsim.readouts.curve import JUMP
from ldnsim.readouts.rough import LOST, SMOOTH, filled, roughness, unfollowed

END = 2.0 + JUMP / 2
TIMES = np.array([[0.0, 2.0, END, END + 1.0, END + 2.0]])  # two nodes, a jump, three nodes
VALUES = np.array([[[0.0, 4.0, 0.0, 0.7, 2.0]]])


def test_two_nodes_between_jumps_may_be_a_jump_and_three_are_held_against_a_line():
    assert roughness(TIMES, VALUES)[0] == pytest.approx([1.0, 1.0, 0.15, 0.15, 0.15])


def test_a_course_that_lies_higher_or_lower_is_as_rough():
    for higher in (-7.0, 5.0):
        assert roughness(TIMES, VALUES + higher)[0] == pytest.approx(roughness(TIMES, VALUES)[0])


def test_a_stretch_that_moves_less_than_a_thousandth_of_the_course_counts_as_constant():
    flat = VALUES.copy()
    flat[0, 0, 2:] = [3.0, 3.0, 3.002]
    assert roughness(TIMES, flat)[0, 2:] == pytest.approx([0.25] * 3)  # 0.001 off a line, of 0.004
    assert roughness(TIMES, VALUES * np.nan)[0].tolist() == [0.0] * 5


def test_four_neighbours_make_a_cubic_that_cubic_values_lie_on():
    t = np.linspace(0.0, 6.0, 7)[None]
    cubic = ((t - 2) * (t - 3) * (t - 5))[:, None]
    assert roughness(t, cubic)[0, 3] == pytest.approx(0.0, abs=1e-12)
    cubic[0, 0, 3] += 0.5
    assert roughness(t, cubic)[0, 3] == pytest.approx(0.5 / np.ptp(cubic))


def test_the_worst_of_the_traces_counts_and_where_nodes_can_lie_closer():
    both = np.concatenate([VALUES, np.zeros_like(VALUES)], axis=1)
    found = roughness(TIMES, both)
    assert found[0] == pytest.approx(roughness(TIMES, VALUES)[0])
    assert unfollowed(TIMES, found, LOST).tolist() == [True]
    assert unfollowed(TIMES, np.full((1, 5), SMOOTH), SMOOTH).tolist() == [False]
    more = filled(TIMES[0], found[0], 100)
    assert set(TIMES[0]) <= set(more)
    assert (np.diff(more) > 0).all()
    assert filled(TIMES[0], found[0], 5).tolist() == TIMES[0].tolist()  # no room
