"""Data that cannot be fitted end in a sentence or a flagged result, whatever the method."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

from .conftest import simulated

GIVEN = {"observe": "Cp", "cmt": "A_gut", "error": "proportional"}
METHODS = ("focei", "laplace", "exact", "map", "posterior")


def asked(method, *names):
    """Arguments of a method for some parameters."""
    names = names or ("CL", "V")
    if method in ("map", "posterior"):
        return GIVEN | {"method": method, "estimate": list(names), "prior": dict.fromkeys(names, 1.4)}
    return GIVEN | {"method": method, "estimate": list(names), "iiv": ["CL"]}


@pytest.fixture(autouse=True)
def sampler():
    pytest.importorskip("nutpie")


@pytest.mark.parametrize("method", METHODS)
def test_all_below_the_limit_is_refused(own, method):
    rows = [{"ID": i, "TIME": 0, "AMT": 300} for i in (1, 2)]
    rows += [{"ID": i, "TIME": t, "DV": "<20"} for i in (1, 2) for t in (1, 2, 3)]
    with pytest.raises(ldn.InputError, match="all below the limit"):
        ldn.fit(own, ldn.read_data(sorted(rows, key=lambda r: r["ID"])), **asked(method))


@pytest.mark.parametrize("method", METHODS)
def test_measurements_before_the_first_dose_are_refused(own, method):
    table = simulated(2, 1).assign(TIME=lambda t: t.TIME + 2.0)
    early = pd.DataFrame([{"ID": "s0", "TIME": 1.0, "AMT": None, "DV": 0.3, "WT": 70.0}])
    data = ldn.read_data(pd.concat([early, table], ignore_index=True))
    with pytest.raises(ldn.InputError, match=r"record 0 .*predicted to be 0"):
        ldn.fit(own, data, **asked(method))


@pytest.mark.parametrize("method", ["focei", "laplace", "exact", "map"])
def test_ids_out_of_order_are_refused_or_change_nothing(own, method):
    table = simulated(3, 1)
    mixed = table.iloc[np.argsort(table.TIME.to_numpy(), kind="stable")]
    try:
        data = ldn.read_data(mixed)
    except ldn.InputError:
        return
    sorted_, other = (ldn.fit(own, d, **asked(method)) for d in (ldn.read_data(table), data))
    assert other.objective == pytest.approx(sorted_.objective, abs=1e-4)


def test_text_among_the_measurements_is_refused():
    table = simulated(1, 1).astype(object)
    table.loc[3, "DV"] = "lost"
    with pytest.raises(ldn.InputError, match=r"(?i)dv="):
        ldn.read_data(table)


@pytest.mark.parametrize("method", [*METHODS[:-1], pytest.param(METHODS[-1], marks=pytest.mark.slow)])
def test_a_parameter_without_a_trace_is_flagged(method):
    text = """model own
      A_gut' = -ka*A_gut; A' = ka*A_gut - CL/V*A; B' = k*A - B; A_gut = 0; A = 0; B = 0
      ka = 1.5; CL = 2.7; V = 32; k = 1
      Cp := A/V
    end"""
    f = ldn.fit(ldn.Model.from_antimony(text), ldn.read_data(simulated(4, 1)), **asked(method, "CL", "k"))
    assert any("k" in note and ("do not tell" in note or "the prior stands" in note) for note in f.notes), (
        f.notes
    )


@pytest.mark.parametrize("method", ["focei", "laplace", "exact", "map"])
def test_one_sample_is_refused_or_flagged(own, method):
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 2, "DV": 7.0}])
    if method == "map":
        assert ldn.fit(own, data, **asked(method)).notes
    else:
        with pytest.raises(ldn.InputError, match="1 measurement"):
            ldn.fit(own, data, **asked(method))
