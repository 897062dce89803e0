"""Targets: each names a row of the evidence, and its quantity is computed as its name says."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.choices import unchosen
from ldnsim.inference.prediction import predict
from ldnsim.inference.quantity import QUANTITIES, grid
from ldnsim.inference.target import Design, Target, targets

ORAL = Design("naltrexone", 50.0, "tablet", 24.0, 1, "", 0.0)


def target(quantity, variable="plasma_naltrexone", **more):
    fields = {
        "id": "x",
        "use": "calibration",
        "endpoint": "x",
        "quantity": quantity,
        "variable": variable,
        "design": ORAL,
        "scale": 1.0,
        "start": 0.0,
        "end": 24.0,
        "observed": 1.0,
        "sd": 0.5,
        "log": True,
        "factor": 1.0,
        "unit": "",
        "sampling": 0.0,
        "contrast": "",
        "source": "",
        "note": "",
    }
    return Target(**fields | more)


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


def on_its_grid(one, course):
    times = grid(one)
    return float(one.compute(times, course(times)[None])[0])


def hump(t):
    """One compartment with absorption: closed form of peak, time of peak and area."""
    return np.exp(-0.2 * t) - np.exp(-1.5 * t)


def test_peak_time_and_area_of_a_closed_form():
    when = np.log(1.5 / 0.2) / 1.3
    assert on_its_grid(target("peak"), hump) == pytest.approx(hump(when), rel=1e-4)
    assert on_its_grid(target("time_of_peak"), hump) == pytest.approx(when, abs=2e-3)
    area = (1 - np.exp(-4.8)) / 0.2 - (1 - np.exp(-36)) / 1.5
    assert on_its_grid(target("area"), hump) == pytest.approx(area, rel=1e-3)
    assert on_its_grid(target("area", scale=2.0, factor=3.0), hump) == pytest.approx(6 * area, rel=1e-3)


def test_half_life_of_an_exponential():
    found = on_its_grid(target("half_life", start=16.0), lambda t: 7 * np.exp(-np.log(2) / 4 * t))
    assert found == pytest.approx(4, rel=1e-12)


def test_levels_and_changes():
    occupancy = {"variable": "mu_occupancy_brain"}
    assert on_its_grid(target("level", start=4.0, end=4.0, **occupancy), lambda t: t / 10) == pytest.approx(
        40
    )
    assert on_its_grid(
        target("relative", start=1.0, end=48.0, **occupancy), lambda t: 1 / t
    ) == pytest.approx(100 / 48)
    assert on_its_grid(target("mean_change", variable="il6"), lambda t: 0 * t + 0.7) == pytest.approx(-30)
    falling = {"variable": "pain_score", "start": 24.0, "end": 24.0}
    assert on_its_grid(target("difference", **falling), lambda t: 6 - t / 24) == pytest.approx(-1)
    assert on_its_grid(target("percent_fall", **falling), lambda t: 5 - t / 24) == pytest.approx(20)


def test_a_window_counts_from_the_last_dose():
    later = target("peak", design=ORAL._replace(n=3))
    assert grid(later)[0] == 48
    found = later.compute(grid(later), np.where(grid(later) < 49, 2.0, 1.0)[None])
    assert found == pytest.approx([2.0])


def test_residuals_are_in_standard_deviations():
    assert target("peak", observed=2.0).residual(np.array(4.0)) == pytest.approx(np.log(2) / 0.5)
    assert target("peak", observed=2.0, log=False).residual(np.array(4.0)) == pytest.approx(4)
    assert np.isnan(target("peak").residual(np.array(-1.0)))


def test_every_target_stands_on_a_row_of_the_evidence(model):
    evidence = ldn.evidence().set_index("id")
    found = targets(model)
    assert len({t.id for t in found}) == len(found) >= 45
    for one in found:
        row = one.id.removesuffix(" (hour)")
        assert one.use == evidence["use"][row]
        assert one.quantity in QUANTITIES
        assert one.sd > 0
        weak = row.startswith("verebey_heroin_block_") or row == "ode_cop_tnf_peak"
        assert evidence["verified"][row] in (("memory", "derived") if weak else ("retrieved", "secondary"))


def test_values_come_from_the_evidence_in_the_unit_of_the_prediction(model):
    by = {t.id: t for t in targets(model)}
    assert by["pk_johnson2010_cmax_ntx_solution"].observed == pytest.approx(0.584)  # pg/mL -> ng/mL
    assert by["pk_dunbar2006_t12_xr_lo"].observed == pytest.approx(24 * np.sqrt(35))  # a range, in days
    assert by["parkitny_il6_drug"].observed == pytest.approx(100 * (9.7 / 15 - 1))
    assert by["lps_copeland2005_il6_2h"].observed == 1000
    assert by["lee1988_occ_48h"].sd == pytest.approx(6.4)
    assert by["pk_meyer1984_cmax_ntx_100"].scale == 2
    # 283 mL/min x 60 / 1000 L/h, 50 mg: percent of the dose for each ng/mL h
    assert by["pk_meyer1984_fe_6bn_48h"].factor == pytest.approx(100 * 283 * 0.06 / 50e3)


def test_what_is_fitted_covers_every_endpoint_asked_for(model):
    fitted = targets(model, "calibration")
    assert {"Cmax", "AUC", "half-life", "PET occupancy"} <= {t.endpoint for t in fitted}
    assert {t.use for t in fitted} == {"calibration"}
    scans = {t.id for t in fitted if t.endpoint == "PET occupancy"}
    assert len(scans) == 9


def test_predictions_are_those_of_the_whole_model_and_of_its_metrics(model):
    """The small model of plasma, scaled by the dose, gives what simulate gives for the dose itself."""
    by = {t.id: t for t in targets(model)}
    some = [by["pk_meyer1984_cmax_ntx_100"], by["pk_swiss_t12_6bn"], by["pk_verebey1976_cmax_6bn_chronic"]]
    draws = ldn.population(model, n=3, seed=2)
    got = predict(model, some, draws)
    doses = {"100": ldn.Regimen.single(100, formulation="tablet")}
    doses["daily"] = ldn.Regimen.daily(100, days=10, formulation="tablet")
    ds = ldn.simulate(model, doses, subjects=draws, metrics=["cmax", "half_life"])
    one = ds.sel(regimen="100")
    np.testing.assert_allclose(got[:, 0], one.cmax.sel(analyte="naltrexone"), rtol=1e-3)
    np.testing.assert_allclose(got[:, 1], one.half_life.sel(analyte="naltrexol"), rtol=5e-3)
    np.testing.assert_allclose(got[:, 2], ds.cmax.sel(regimen="daily", analyte="naltrexol"), rtol=1e-3)


def test_a_choice_wins_over_a_draw(model):
    draws = ldn.population(model, n=2, seed=1).assign(IC50_tlr4=1.0, K_brain=9.0)
    assert "IC50_tlr4" not in unchosen(draws, model.with_scenario("in_vitro_tlr4"))
    assert "K_brain" not in unchosen(draws, model.with_parameters(K_brain=1.0))
    assert list(unchosen(draws, model).columns) == list(draws.columns)


def test_refusals(model):
    with pytest.raises(ldn.UnknownNameError, match="calibration"):
        targets(model, "calibrate")
    with pytest.raises(ldn.InputError, match=r"targets\.csv"):
        targets(ldn.load_model("rival_primer_mu"))
