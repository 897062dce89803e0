"""Variation between occasions: against effects written out in the model, and simulated people."""

import numpy as np
import pytest

import ldnsim as ldn

from .conftest import TIMES, closed

GIVEN = {"observe": "Cp", "cmt": "A_gut", "error": "proportional"}
EXPLICIT = """model own
  A_gut' = -ka*A_gut; A' = ka*A_gut - CL*exp(k1*o1 + k2*o2)/V*A; A_gut = 0; A = 0
  ka = 1.5; CL = 2.7; V = 32; k1 = 0; k2 = 0; o1 = 0; o2 = 0
  Cp := A/V
end"""


def visits(n, seed, sd=0.2, apart=24.0, sigma=0.08):
    """Profiles of people on two visits; with `apart` of a day something is left of the first dose."""
    rng, rows = np.random.default_rng(seed), []
    t = np.array(TIMES[:-1])
    for i in range(n):
        ka, own, V = (
            1.5,
            2.7 * np.exp(0.3 * rng.standard_normal()),
            32.0 * np.exp(0.2 * rng.standard_normal()),
        )
        left = 0.0
        for occasion in (1, 2):
            start, CL = (occasion - 1) * apart, own * np.exp(sd * rng.standard_normal())
            at = {"ID": i, "OCC": occasion, "o1": occasion == 1, "o2": occasion == 2}
            y = (closed(t, 300.0, ka, CL, V) + left * np.exp(-CL / V * t)) * (
                1 + sigma * rng.standard_normal(len(t))
            )
            rows.append(at | {"TIME": start, "AMT": 300.0})
            rows += [at | {"TIME": start + a, "DV": v} for a, v in zip(t, y, strict=True)]
            left = closed(apart, 300.0, ka, CL, V)
    return rows


def plain(rows):
    """Leave out the columns of the model with effects written out."""
    return [{k: v for k, v in row.items() if k not in ("o1", "o2")} for row in rows]


@pytest.mark.parametrize("method", ["focei", "laplace", "exact"])
def test_occasions_are_effects_written_out(own, method):
    rows = visits(3, seed=2)
    more = {"nodes": 64} if method == "exact" else {}
    how = GIVEN | {"estimate": [], "method": method, "sigma": {"proportional": 0.1}} | more
    found = ldn.fit(own, ldn.read_data(plain(rows)), **how,
                    iiv={"CL": 0.09, "V": 0.04}, iov={"CL": 0.05})  # fmt: skip
    table = [{k: float(v) if k in ("o1", "o2") else v for k, v in r.items() if k != "OCC"} for r in rows]
    written = ldn.fit(ldn.Model.from_antimony(EXPLICIT), ldn.read_data(table), **how,
                      iiv={"CL": 0.09, "V": 0.04, "k1": 0.05, "k2": 0.05})  # fmt: skip
    assert found.objective == pytest.approx(written.objective, abs=1e-4)
    np.testing.assert_allclose(found.modes.eta, written.modes.eta, atol=1e-4)
    without = ldn.fit(own, found.data, **how, iiv={"CL": 0.09, "V": 0.04})
    assert abs(without.objective - found.objective) > 1.0


def test_simulated_occasions_are_found_again(own):
    f = ldn.fit(
        own,
        ldn.read_data(plain(visits(40, seed=4))),
        **GIVEN,
        estimate=["ka", "CL", "V"],
        iiv=["CL", "V"],
        iov=["CL"],
    )
    assert f.converged, f.convergence
    row = f.variances.loc["omega CL~OCC"]
    assert row["low"] < 0.04 < row["high"]
    assert np.sqrt(f.omega.loc["CL~OCC", "CL~OCC"]) == pytest.approx(0.2, rel=0.3)
    assert np.sqrt(f.omega.loc["CL", "CL"]) == pytest.approx(0.3, rel=0.35)
    assert list(f.shrinkage.index) == ["CL", "V", "CL~OCC", "residual"]
    assert f.shrinkage.shrinkage["CL~OCC"] < 50
    assert abs(f.parameters.value["CL"] / 2.7 - 1) < 3 * f.parameters.rse["CL"] / 100
    assert f.predictions.CWRES.std() == pytest.approx(1.0, abs=0.15)
    people = ldn.population(f, 4000, seed=2)
    assert list(people.columns) == ["ka", "CL", "V"]
    spread = np.diag(f.omega) @ [[1, 0], [0, 1], [1, 0]]  # each is drawn as on one occasion
    np.testing.assert_allclose(np.log(people[["CL", "V"]]).var(), spread, rtol=0.1)


def test_curves_of_a_person_go_through_the_predictions_of_each_occasion(own):
    rows = visits(3, seed=2, sd=0.6, apart=24.0)
    f = ldn.fit(own, ldn.read_data(plain(rows)), **GIVEN, estimate=["CL"], iiv=["CL"], iov={"CL": 0.3})
    lines = f.curves(points=97)
    for who, seen in f.predictions[f.predictions.DV.notna()].groupby("ID"):
        line = lines[lines.ID.isin([who])]
        for column in ("PRED", "IPRED"):
            later = seen[seen.TIME % 24 > 1]
            found = np.interp(later.TIME, line.TIME, line[column])
            np.testing.assert_allclose(found, later[column], rtol=0.02)


@pytest.mark.kind("untold-occasions")
def test_occasions_that_are_not_there_are_refused(own):
    rows = plain(visits(3, 1))
    how = GIVEN | {"estimate": ["CL"], "iiv": ["CL"], "iov": ["CL"]}
    with pytest.raises(ldn.InputError, match="column OCC"):
        ldn.fit(own, ldn.read_data([{k: v for k, v in r.items() if k != "OCC"} for r in rows]), **how)
    with pytest.raises(ldn.InputError, match="no subject has two occasions"):
        ldn.fit(own, ldn.read_data([r for r in rows if r["OCC"] == 1]), **how)


@pytest.mark.kind("untold-occasions", sibling="occasions of one patient with a prior")
def test_occasions_beside_a_prior_are_refused(own):
    rows = plain(visits(1, 1))
    with pytest.raises(ldn.InputError, match="no place beside a prior"):
        ldn.fit(
            own, ldn.read_data(rows), **GIVEN, estimate=["CL"], iov=["CL"], method="map", prior={"CL": 1.3}
        )


@pytest.mark.kind("occasions-as-written")
@pytest.mark.parametrize(
    ("head", "label"),
    [("OCC", "visit {}"), ("occ", "{}"), ("Occ", "{}.0"), ("OCC", "{}0"), ("occ", "day {}")],
)
def test_occasions_are_told_apart_however_they_are_written(own, head, label):
    """Words, and a heading in small letters, left a person one clearance on all occasions."""
    rows = plain(visits(3, seed=2))
    how = GIVEN | {"estimate": [], "sigma": {"proportional": 0.1}, "iiv": {"CL": 0.09}, "iov": {"CL": 0.05}}
    plainly = ldn.fit(own, ldn.read_data(rows), **how)
    written = [{k: v for k, v in r.items() if k != "OCC"} | {head: label.format(r["OCC"])} for r in rows]
    found = ldn.fit(own, ldn.read_data(written), **how)
    assert found.objective == plainly.objective
    np.testing.assert_array_equal(found.predictions.IPRED, plainly.predictions.IPRED)
    np.testing.assert_array_equal(found.curves(points=9).IPRED, plainly.curves(points=9).IPRED)


@pytest.mark.kind("occasions-as-written", sibling="a parameter of the model that is called OCC")
def test_a_parameter_may_be_called_as_the_column_is(own):
    scaled = ldn.Model.from_antimony(
        "A_gut' = -ka*A_gut; A' = ka*A_gut - CL*OCC/V*A; A_gut = 0; A = 0; ka = 1.5; CL = 2.7; V = 32; OCC = 1; Cp := A/V"
    )
    rows = plain(visits(2, seed=2))
    how = GIVEN | {"estimate": [], "sigma": {"proportional": 0.1}, "iiv": []}
    as_it_is = ldn.fit(scaled, ldn.read_data(rows), **how)
    halved = ldn.fit(
        scaled.with_parameters(CL=1.35), ldn.read_data([r | {"OCC": 2 * r["OCC"]} for r in rows]), **how
    )
    np.testing.assert_allclose(halved.predictions.PRED, as_it_is.predictions.PRED, rtol=1e-6)
