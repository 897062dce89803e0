"""How to solve is decided once for a call: no chunk, thread, bar or worker changes a bit."""

import io
import json
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn

# The saturable exit and two sites of different size make tolerances and kernels matter.
MODEL = """
model decided()
  A' = -ka*A;  C' = ka*A - vm*C/(km + C);  E' = kin*(1 - C/(C + ic)) - kout*E;  N' = 1e-9*C - 0.1*N
  A = 0; C = 0; E = 1; N = 0
  ka = 1.2; vm = 20; km = 3; kin = 0.2; kout = 0.2; ic = 0.4
  plasma_naltrexone := C
end
"""
FORMS = {"bolus": {}, "infusion": {"rate": 2.0}, "steady": {"ss": True}}


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(MODEL)


@pytest.fixture(scope="module")
def people():
    """37 people: two chunks of 16 and a rest."""
    draws = np.random.default_rng(5).lognormal(0.0, 0.3, (37, 3))
    return pd.DataFrame(draws * [1.2, 20.0, 0.4], columns=["ka", "vm", "ic"])


@pytest.fixture(scope="module")
def over():
    """Doses of three sizes, as boluses, infusions and at steady state."""
    daily = lambda dose, more: ldn.Regimen.daily(dose, days=2, at="08:00", cmt="A", **more)  # noqa: E731
    return {
        "regimen": {f"{name} {d:g}": daily(d, how) for name, how in FORMS.items() for d in (0.5, 4.5, 50.0)}
    }


def sweep(model, people, over, **how):
    """Time courses, to the last bit."""
    return ldn.sweep(model, over, subjects=people, outputs=["C", "E", "N"], every=3.0, progress=False, **how)


@pytest.fixture(scope="module")
def whole(model, people, over):
    return sweep(model, people, over, threads=1)


@pytest.mark.kind("decided-once")
@pytest.mark.parametrize("chunk", [1, 16, 32, 100])
def test_chunks_change_no_bit(model, people, over, whole, chunk):
    xr.testing.assert_identical(sweep(model, people, over, chunk=chunk), whole)


@pytest.mark.kind("decided-once", sibling="threads")
@pytest.mark.parametrize("threads", [2, 4])
def test_threads_change_no_bit(model, people, over, whole, threads):
    xr.testing.assert_identical(sweep(model, people, over, threads=threads), whole)


@pytest.mark.kind("decided-once", sibling="a sweep and one call of simulate")
def test_one_call_gives_the_same_bits(model, people, over, whole):
    ds = ldn.simulate(model, over["regimen"], subjects=people, outputs=["C", "E", "N"], every=3.0)
    for name in ("C", "E", "N"):
        assert np.array_equal(ds[name].transpose(*whole[name].dims), whole[name])
    assert ds.attrs["decision"] == whole.attrs["decision"]


class Terminal(io.StringIO):
    """What shows a bar."""

    def isatty(self):
        """Say that it is a terminal."""
        return True


@pytest.mark.kind("decided-once", sibling="a progress bar, and pieces of any size")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_progress_bar_changes_no_bit(model, people, over, monkeypatch, threads):
    how = {"subjects": people, "outputs": ["C"], "every": 3.0, "threads": threads}
    without = ldn.simulate(model, over["regimen"], progress=False, **how)
    monkeypatch.setattr("ldnsim.simulation.stream.PIECE_BYTES", 1.0)
    monkeypatch.setattr("ldnsim.simulation.stream.COURSE_BYTES", 1.0)
    monkeypatch.setattr(sys, "stderr", Terminal())
    xr.testing.assert_identical(ldn.simulate(model, over["regimen"], progress=True, **how), without)


def test_the_decision_stands_in_the_attributes(model, people, over, whole):
    decision = json.loads(whole.attrs["decision"])
    assert decision["method"] == whole.attrs["solver"]
    assert decision["inputs"]
    assert list(decision["atol"]) == ["A", "C", "E", "N"]
    assert decision["atol"]["N"] < 1e-6 * decision["atol"]["C"]


def test_points_that_differ_in_their_model_have_decisions_of_their_own(model):
    points = ldn.sweep(model, {("dose", "km"): [(1.0, 3.0), (9.0, 1.0)]}, days=1, cmt="A", outputs=["C"])
    decisions = json.loads(points.attrs["decision"])
    assert len(decisions) == 2
    assert decisions[0]["atol"] != decisions[1]["atol"]


@pytest.mark.slow
@pytest.mark.kind("decided-once", sibling="two Dask workers")
def test_dask_changes_no_bit(model, people, over, whole):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        xr.testing.assert_identical(sweep(model, people, over, chunk=32, executor=client), whole)
