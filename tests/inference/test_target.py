"""Targets: each names a row of the evidence, and its quantity is computed as its name says."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.choices import unchosen
from ldnsim.inference.prediction import predict
from ldnsim.inference.target import Design, Target, targets

ORAL = Design("naltrexone", 50.0, "tablet", 24.0, 1, "", 0.0)
PEAK = ldn.Readout("plasma_naltrexone", "cmax", (0, 24))


def target(readout=PEAK, **more):
    fields = {
        "id": "x",
        "use": "calibration",
        "endpoint": "x",
        "readout": readout,
        "since": None,
        "change": "",
        "contrast": "",
        "design": ORAL,
        "scale": 1.0,
        "factor": 1.0,
        "shift": 0.0,
        "start": 0.0,
        "end": 24.0,
        "observed": 1.0,
        "sd": 0.5,
        "sampling": 0.0,
        "log": True,
        "unit": "",
        "source": "",
        "note": "",
    }
    return Target(**fields | more)


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


def test_a_number_is_that_of_its_readout_in_the_unit_measured():
    assert target(factor=2.0).compute({PEAK: np.array([3.0])}) == pytest.approx([6.0])
    late = target(ldn.Readout("plasma_naltrexone", "tmax", (24, 96)), shift=24.0)
    assert late.compute({late.readout: np.array([6.9])}) == pytest.approx([30.9])


def test_a_change_is_held_against_the_same_course_earlier():
    now, then = (ldn.Readout("mu_occupancy_brain", "at", level=h) for h in (48, 1))
    numbers = {now: np.array([0.4, 0.0]), then: np.array([0.8, 0.0])}
    for change, wanted in [("left", 50), ("fall", 50), ("minus", -40), ("ratio", 0.5)]:
        one = target(now, since=then, change=change, factor=100.0)
        assert one.compute(numbers)[0] == pytest.approx(wanted)
        assert set(one.readouts) == {now, then}
    assert np.isnan(target(now, since=then, change="left").compute(numbers)[1])  # nothing to be held against


def test_readouts_of_rows_count_from_the_last_dose(model):
    by = {t.id: t for t in targets(model)}
    text = {name: by[name].readout.text for name in by}
    assert text["pk_verebey1976_cmax_ntx_chronic"] == "cmax(plasma_naltrexone, 216, 240)"
    assert text["pk_dunbar2006_t12_xr_lo"] == "decay_half_life(plasma_naltrexone, 504, 672)"
    assert text["parkitny_tnf_drug"] == "percent_change(tnf_alpha, 1.0, 648, 672)"
    assert text["lee1988_occ_48h"] == "at(mu_occupancy_brain, 48)"
    assert by["lee1988_occ_48h"].since.text == "at(mu_occupancy_brain, 1)"
    assert by["final_change_drug"].since.text == "at(pain_score, 0)"
    assert text["final_change_drug"] == "at(pain_score, 2016)"
    assert by["pk_vivitrol_tmax2"].shift == 24
    units = {by[name].unit for name in ("rabiner_ntx_2mg", "pk_meyer1984_fe_6bn_48h", "pk_swiss_t12_ntx")}
    assert units == {"%", "% of dose", "h"}


def test_residuals_are_in_standard_deviations():
    assert target(observed=2.0).residual(np.array(4.0)) == pytest.approx(np.log(2) / 0.5)
    assert target(observed=2.0, log=False).residual(np.array(4.0)) == pytest.approx(4)
    assert np.isnan(target().residual(np.array(-1.0)))


def test_every_target_stands_on_a_row_of_the_evidence(model):
    evidence = ldn.evidence().set_index("id")
    found = targets(model)
    assert len({t.id for t in found}) == len(found) >= 45
    for one in found:
        row = one.id.removesuffix(" (hour)")
        assert one.use == evidence["use"][row]
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
