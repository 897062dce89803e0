"""When a run is looked at, told from what is read of it."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.readouts.nodes import BEFORE, metric_nodes


@pytest.fixture(scope="module")
def one():
    return ldn.Model.from_antimony("model one; A' = -0.1*A; A = 0; end")


# As people write it, which is a rounding beside the node.
@pytest.mark.kind("one-readout-many-paths", sibling="the value a microhour before a dose, alone and beside others")
@pytest.mark.parametrize(("time", "before"), [("23.999999", 1), ("47.999999", 2), ("23.999998", 1), ("23.9", 1)])
def test_a_value_just_before_a_dose_is_the_one_before_it(one, time, before):
    trough, area = ldn.Readout("A", "at", level=float(time)), ldn.Readout("A", "auc", (0, 72))
    regimen = ldn.Regimen.every(1.0, 24, 3, cmt="A")
    want = np.exp(-0.1 * (float(time) - 24.0 * np.arange(before))).sum()
    for metrics in ([trough], [trough, area]):
        ds = ldn.simulate(one, regimen, metrics=metrics, duration=72)
        assert float(trough.picked(ds)) == pytest.approx(want, rel=1e-5)


def test_a_window_from_just_before_a_dose_begins_at_the_node_there():
    doses = np.array([0.0, 24.0, 48.0])
    assert metric_nodes(doses, np.array([[24.0, 30.0]]), 72.0, 72.0)[0] == 24.0
    for start in 24.0 - BEFORE * np.array([1.0 - 1e-8, 1.0, 1.0 + 1e-8]):
        nodes = metric_nodes(doses, np.array([[start, 30.0]]), 72.0, 72.0)
        assert nodes[0] == 0.0
        assert {24.0 - BEFORE, 24.0} < set(nodes)
