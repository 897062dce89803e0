"""Rival models: their published numbers come back, and none speaks of what it does not know."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.inference.rivalry import against_pet, binding


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def scans(model):
    return against_pet(model)


@pytest.mark.parametrize("name", [n for n in ldn.list_models() if n.startswith("rival_")])
def test_a_rival_is_a_shipped_model_with_sources(name):
    rival = ldn.load_model(name)
    assert rival.check() == ()
    assert rival.references()


def test_the_static_curve():
    primer = ldn.load_model("rival_primer_mu")
    half = float(primer.parameters["value"]["ED50_primer"])
    regimen = ldn.Regimen.every(half, ii=24, n=1, cmt="A_taken")
    assert float(ldn.simulate(primer, regimen, times=[4.0]).mu_occupancy_brain[0]) == pytest.approx(0.5)


def test_nalmefene_after_a_closed_form():
    """Two compartments: area = F dose / CL; half the receptors at the EC50."""
    kyhl = ldn.load_model("rival_kyhl_nalmefene")
    value = kyhl.parameters["value"]
    times = np.linspace(0, 400, 8001)
    ds = ldn.simulate(kyhl, ldn.Regimen.every(20, ii=24, n=1, cmt="A_swallowed"), times=times, rtol=1e-9)
    area = 1000 * value["F_nalmefene"] * 20 / value["CL_nalmefene"]
    assert float(ds.plasma_nalmefene.integrate("time")) == pytest.approx(area, rel=1e-3)
    near = int(np.argmin(np.abs(ds.plasma_nalmefene.values[100:] - value["EC50_nalmefene"]))) + 100
    assert float(ds.mu_occupancy_brain[near]) == pytest.approx(value["Emax_nalmefene"] / 2, abs=0.005)


@pytest.mark.parametrize(
    ("scenario", "half", "minutes"),
    [("fentanyl", 351, 2.7), ("carfentanil", 22.9, 47), ("buprenorphine", 8.05, 84)],
)
def test_binding_kinetics(scenario, half, minutes):
    """At the concentration told to hold half of the receptors (pM), they fill at twice the emptying rate."""
    mann = ldn.load_model("rival_mann_binding").with_scenario(scenario).with_parameters(C_opioid=half)
    ds = ldn.simulate(mann, None, times=[0.0, minutes / 60, 400.0], rtol=1e-9).held_by_opioid
    assert float(ds[2]) == pytest.approx(0.5, rel=0.01)
    assert float(ds[1]) == pytest.approx(0.375, rel=0.02)  # half-life told: 1/2 (1 - 2^-2)


def test_naloxone_displaces_the_opioid():
    mann = ldn.load_model("rival_mann_binding").with_parameters(C_opioid=1000.0)
    alone, both = (
        float(ldn.simulate(m, None, times=[0.0, 48.0]).held_by_opioid[1])
        for m in (mann, mann.with_parameters(antagonist_level=10.0))
    )
    assert both < 0.3 * alone


def test_side_by_side_over_a_week(model):
    found = ldn.rivals(model, 50, duration=24, every=2)
    assert found.dims == ("rival", "time")
    names = list(found.rival.values)
    assert names == ["ldn", "reading A", "reading B", "reading C", "reading D", "primer", "nalmefene"]
    primer = found.sel(rival="primer")
    assert np.isfinite(primer.sel(time=slice(0, 8))).all()
    assert np.isnan(primer.sel(time=slice(10, None))).all()
    assert np.isfinite(found.drop_sel(rival="primer")).all()
    with pytest.raises(ldn.InputError, match="dose"):
        ldn.rivals(model, 0)


def test_rmse_against_the_scans(scans, model):
    rmse = scans.attrs["rmse"]
    naltrexone = scans[scans["drug"] == "naltrexone"]
    assert len(naltrexone) == 9
    error = naltrexone["ldn"] - naltrexone["observed"]
    assert rmse["naltrexone"]["ldn"] == pytest.approx(np.sqrt((error**2).mean()))
    assert rmse["naltrexone"]["ldn"] <= 7
    assert rmse["naltrexone"]["reading B"] < 6.5
    assert rmse["naltrexone"]["reading C"] < 6.5
    assert rmse["naltrexone"]["reading A"] > 20, "plasma cannot explain the late scans"
    assert rmse["naltrexone"]["reading D"] > 10
    assert np.isnan(rmse["later"]["primer"])
    assert rmse["within_8_h_scans"]["primer"] == 7
    assert np.isnan(rmse["nalmefene"]["ldn"])
    by_endpoint = ldn.qualify(model, n=0).attrs["summary"].loc[("calibration", "PET occupancy"), "rmse"]
    assert rmse["naltrexone"]["ldn"] == pytest.approx(by_endpoint, rel=1e-4)


def test_naloxone_at_its_plasma_level_holds_more_than_was_seen():
    found = binding()
    assert len(found) == 3
    assert (found["predicted"] > found["observed"]).all()
