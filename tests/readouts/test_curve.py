"""The pieces of a curve through nodes, some of which stand twice."""

import numpy as np
import pytest

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
