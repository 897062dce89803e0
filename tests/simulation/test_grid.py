"""When runs end, which dosing interval is the last, and where the nodes fall between the user's times."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.simulation import grid

A = {"cmt": "A"}
EVENING = ldn.Regimen.every(1, ii=24, n=3, at="22:00", **A)


@pytest.mark.parametrize(
    ("regimen", "end", "interval"),
    [
        (EVENING, 94.0, (70.0, 94.0)),
        (EVENING, 300.0, (70.0, 94.0)),  # the run goes on, the interval does not
        (EVENING, 93.0, (46.0, 70.0)),  # the last one is not complete
        (EVENING, 30.0, (22.0, 30.0)),  # not even the first is
        (EVENING, 10.0, (0.0, 10.0)),  # no dose yet
        (EVENING + EVENING.shift(12), 106.0, (82.0, 94.0)),  # every 12 h: the next dose is due at 94
        (EVENING.skip([3]), 94.0, (46.0, 70.0)),
        (ldn.Regimen.single(1, at=5, **A), 29.0, (5.0, 29.0)),
        (ldn.Regimen.every(1, ii=48, n=2, **A), 96.0, (48.0, 96.0)),
        (EVENING + ldn.Regimen.single(2, drug="lps", at=80), 104.0, (80.0, 94.0)),  # doses of "" count alike
        (ldn.Regimen.daily(4.5, days=2) + ldn.Regimen.single(2, drug="lps", at=30), 54.0, (24.0, 48.0)),
        (ldn.Regimen(), 100.0, (76.0, 100.0)),
    ],
)
def test_the_last_interval(regimen, end, interval):
    assert grid.last_interval(regimen.doses, end) == pytest.approx(interval)


def test_output_times_hit_the_end_where_they_can():
    np.testing.assert_allclose(grid.output_times(1.0, 0.1), np.linspace(0, 1, 11))
    np.testing.assert_allclose(grid.output_times(1.0, 0.3), [0, 0.3, 0.6, 0.9])
    assert grid.output_times(24 * 28.0, 1 / 3)[-1] == pytest.approx(24 * 28)


def test_nodes_and_times_can_be_told_apart():
    user = np.arange(0.0, 95.0)
    events = np.array([[22.0, 46.0, 70.0], [8.0, 32.0, np.inf]])
    at = grid.look(user, events, [(70.0, 94.0), (32.0, 56.0)], 94.0, True)
    assert at.times.shape[0] == 2
    for row in range(2):
        assert (np.diff(at.times[row]) >= 0).all()
        np.testing.assert_array_equal(at.times[row, at.user[row]], user)
        assert (np.diff(at.node_times[row]) >= 0).all()
    assert at.node_times[0, 0] == 70.0
    assert at.node_times[1, 0] == 32.0
    assert (at.node_times[:, -1] == 94.0).all()
    assert not grid.look(user, events, [(70.0, 94.0)] * 2, 94.0, False).node.size
