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


@pytest.mark.kind("fit-in-other-units")
@pytest.mark.parametrize("method", ["focei", "map"])
def test_doses_a_million_times_too_large_are_refused(own, method):
    table = simulated(4, seed=3)
    how = {"iiv": ["CL"]} if method == "focei" else {"prior": {"CL": 1.3}}
    with pytest.raises(ldn.InputError, match=r"measurements of Cp': are 9.*e-07 times .* check the units"):
        ldn.fit(own, ldn.read_data(table.assign(AMT=table.AMT * 1e6)), "Cp", "A_gut", ["CL"], method=method,
                error="lognormal", **how)  # fmt: skip


@pytest.mark.kind("fit-in-other-units", sibling="measurements in ng where the model has ug")
def test_measurements_in_another_unit_are_refused_but_may_be_evaluated(own):
    table = simulated(4, seed=3)
    data = ldn.read_data(table.assign(DV=table.DV * 1000))
    with pytest.raises(ldn.InputError, match=r"are 9.9e\+02 times"):
        ldn.fit(own, data, "Cp", "A_gut", ["CL"], ["CL"])
    assert np.isfinite(ldn.fit(own, data, "Cp", "A_gut", [], [], sigma=500.0).objective)


@pytest.mark.kind("proportional-nil")
def test_a_measurement_of_0_under_a_proportional_error_is_told_of(own):
    table = simulated(3, seed=3)
    table.loc[7, "DV"] = 0.0
    with pytest.warns(UserWarning, match=r"1 measurement is 0 or less \(first: record 7\).*write CENS 1 and LLOQ"):
        f = ldn.fit(own, ldn.read_data(table), "Cp", "A_gut", ["CL"], ["CL"], "proportional")
    assert any("0 or less" in note for note in f.notes)


@pytest.mark.kind("proportional-nil", sibling="a negative measurement, and errors to which it is nothing special")
def test_negative_measurements_are_told_of_where_they_matter(own):
    table = simulated(3, seed=3)
    table.loc[[7, 15], "DV"] = -0.1
    with pytest.warns(UserWarning, match="2 measurements are 0 or less"):
        ldn.fit(own, ldn.read_data(table), "Cp", "A_gut", ["CL"], ["CL"], "proportional")
    f = ldn.fit(own, ldn.read_data(table), "Cp", "A_gut", ["CL"], ["CL"], "combined")
    assert not any("0 or less" in note for note in f.notes)


@pytest.mark.kind("readout-twice", sibling="a parameter of a fit named twice, where another was meant")
@pytest.mark.parametrize("argument", ["estimate", "iiv", "iov"])
def test_a_parameter_named_twice_is_refused(own, people, argument):
    with pytest.raises(ldn.InputError, match=rf"{argument}=\['CL', 'CL'\]: names 'CL' twice"):
        ldn.fit(own, people, **(asked("focei") | {argument: ["CL", "CL"]}))


def test_a_value_below_a_limit_that_nobody_gives_is_refused_and_the_ways_out_are_told(own):
    rows = [{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 1, "DV": 9.0}, {"ID": 1, "TIME": 9, "DV": "BLQ"}]
    words = r"lloq=nan: must be given where a measurement lies below it \(record 2\); in a column LLOQ, or in DV"
    with pytest.raises(ldn.InputError, match=words):
        ldn.fit(own, ldn.read_data(pd.DataFrame(rows)), **asked("focei"))
