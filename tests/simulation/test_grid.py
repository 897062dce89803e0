"""When runs are looked at, and where the nodes fall between the user's times."""

import numpy as np
import pytest

from ldnsim.regimen.window import Window
from ldnsim.simulation import grid


def test_output_times_hit_the_end_where_they_can():
    np.testing.assert_allclose(grid.output_times(1.0, 0.1), np.linspace(0, 1, 11))
    np.testing.assert_allclose(grid.output_times(1.0, 0.3), [0, 0.3, 0.6, 0.9])
    assert grid.output_times(24 * 28.0, 1 / 3)[-1] == pytest.approx(24 * 28)


def test_nodes_and_times_can_be_told_apart():
    user = np.arange(0.0, 95.0)
    events = np.array([[22.0, 46.0, 70.0], [8.0, 32.0, np.inf]])
    windows = [Window(70.0, 94.0, 70.0, 70.0), Window(32.0, 56.0, 32.0, 32.0)]
    reads = [np.array([[70.0, 94.0]]), np.array([[32.0, 80.0]])]
    at = grid.look(user, events, reads, windows, [94.0, 80.0])
    assert at.times.shape[0] == 2
    for row in range(2):
        assert (np.diff(at.times[row]) >= 0).all()
        np.testing.assert_array_equal(at.times[row, at.user[row]], user)
        assert (np.diff(at.node_times[row]) >= 0).all()
    assert at.node_times[0, 0] == 70.0
    assert at.node_times[1, 0] == 32.0
    assert at.node_times[:, -1].tolist() == [94.0, 80.0]
    assert not grid.look(user, events, (), (), ()).node.size


@pytest.mark.parametrize(("every", "want"), [(0.1, ".1f"), (0.3, ".1f"), (0.7, ".1f"), (0.05, ".2f"), (2.5, ".1f")])
def test_output_times_are_the_decimals_that_are_meant(every, want):
    times = grid.output_times(700.0, every)
    assert times.tolist() == [float(format(k * every, want)) for k in range(times.size)]


def test_an_hour_in_parts_comes_back_whole():
    for parts in (6, 7, 12, 49, 60):
        times = grid.output_times(30.0, 1 / parts)
        assert times[::parts].tolist() == list(range(31))
    odd = grid.output_times(10.0, np.pi / 3)
    assert np.array_equal(odd, np.arange(odd.size) * (np.pi / 3))
