"""Single precision holds no more than 3e38: what is larger is a status, not an infinity that looks finished."""

import numpy as np
import pytest

from ldnsim.engine import Events, Status
from ldnsim.engine.compiled import JIT
from ldnsim.engine.events import EventKind
from ldnsim.engine.methods import METHODS
from ldnsim.engine.solve import integrate


@pytest.mark.kind("single-overflow")
@pytest.mark.parametrize("method", [m.name for m in METHODS.values() if m.family in ("scalar", "scipy")])
def test_a_value_too_large_is_a_status(absorption, method):
    events = Events.of([(2.0, EventKind.ADD, 0, 1e39)], 1)
    how = {"method": method, "rtol": 1e-6}
    found = integrate(
        absorption, [1.0, 0.0], [[0.1, 0.2]], events, [0.0, 1.0, 2.0, 3.0], dtype="float32", **how
    )
    assert found.status[0] == Status.OVERFLOW
    assert found.fail_time[0] == 2.0
    assert np.isfinite(found.values[0, :, :2]).all()
    assert np.isnan(found.values[0, :, 2:]).all()
    double = integrate(absorption, [1.0, 0.0], [[0.1, 0.2]], events, [0.0, 1.0, 2.0, 3.0], **how)
    assert double.finished.all()


@pytest.mark.kind("single-overflow", sibling="one subject of many, and metrics")
@pytest.mark.skipif(not JIT, reason="lanes need a compiler")
def test_one_of_many_is_marked_and_the_others_are_kept():
    import ldnsim as ldn

    model = ldn.Model.from_antimony("model m(); A' = k*A; A = 1; k = 1; end")
    people = ldn.population(model, 16, seed=1).assign(k=np.linspace(0.1, 3.0, 16))
    with pytest.warns(ldn.SolverWarning, match="float64"):
        ds = ldn.simulate(model, None, subjects=people, duration=48, dtype="float32")
    lost = ds.status.values == "overflow"
    assert lost.tolist() == (people.k * 48 > np.log(3.4e38)).tolist()
    assert not np.isinf(ds.A.values).any()
    assert np.isfinite(ds.A.values[~lost]).all()
