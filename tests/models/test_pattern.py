"""What the shipped model must show: the robust results first; what hangs on the gains is named so."""

import numpy as np
import pytest

import ldnsim as ldn

LDN = "4.5 mg"


@pytest.fixture(scope="module")
def course(model, doses):
    """From the last dose to four days after it."""
    times = 22 + 24 * 27 + np.arange(0, 96.01, 0.25)
    outputs = ["opioid_tone", "opioid_tone_brain", "endorphin", "mu_occupancy_brain", "withdrawal"]
    return ldn.simulate(model, doses, times=times, outputs=outputs)


@pytest.fixture(scope="module")
def summary(model, doses):
    return ldn.simulate(
        model, doses, metrics=["hours_blocked_peripheral", "change_tnf_alpha", "change_il6", "half_life"]
    )


def test_blockade_is_part_of_the_day_at_low_dose_and_all_day_at_50_mg(summary):
    hours = summary.hours_blocked_peripheral
    assert 0 < float(hours.sel(regimen=LDN)) < 12
    assert float(hours.sel(regimen="50 mg")) == pytest.approx(24, abs=1e-6)


def test_endorphin_rises_with_dose(course):
    day = course.endorphin.isel(time=slice(0, 97)).mean("time")
    assert (day > 1).all()
    assert (day.diff("regimen") > 0).all()


def test_tone_of_50_mg_stays_below_baseline_and_below_low_dose(course):
    day = course.opioid_tone.isel(time=slice(0, 97))
    high = day.sel(regimen="50 mg")
    assert float(high.max()) < 1
    for dose in ("0.5 mg", "1.5 mg", "3 mg", LDN):
        assert (day.sel(regimen=dose) > high).all(), dose


def test_the_days_mean_of_tone_stays_below_baseline(course):
    """Homeostasis: a feedback that waits for low tone cannot raise the mean."""
    assert (course.opioid_tone.isel(time=slice(0, 97)).mean("time") < 1).all()


def test_tone_rises_above_baseline_within_days_of_stopping(course):
    """Less so than under feedback by mu alone: kappa receptors hold less of a low dose."""
    assert (course.opioid_tone.max("time") > 1.01).all()


def test_the_brain_is_half_blocked_around_the_clock(course):
    day = course.mu_occupancy_brain.sel(regimen=LDN).isel(time=slice(0, 97))
    assert 0.5 < float(day.min()) < float(day.max()) < 0.8
    assert float(course.opioid_tone_brain.sel(regimen=LDN).isel(time=slice(0, 97)).max()) < 1


def test_cytokines_fall_as_calibrated(summary):
    assert float(summary.change_il6.sel(regimen=LDN)) == pytest.approx(-35.3, abs=1)
    assert float(summary.change_tnf_alpha.sel(regimen=LDN)) == pytest.approx(-5.8, abs=0.3)
    assert (summary.change_il6.diff("regimen") < 0).all(), "monotone: this reading has no low-dose window"


def test_half_lives(summary):
    np.testing.assert_allclose(summary.half_life.sel(regimen=LDN), [4.0, 12.3], rtol=0.05)


@pytest.mark.parametrize("scenario", ["in_vitro_tlr4", "no_tlr4"])
def test_tlr4_as_measured_moves_nothing(model, doses, scenario):
    two = {dose: doses[dose] for dose in (LDN, "50 mg")}
    change = ldn.simulate(model.with_scenario(scenario), two, metrics=["change_il6", "change_tnf_alpha"])
    assert float(abs(change.change_il6).max()) < 0.05
    assert float(abs(change.change_tnf_alpha).max()) < 0.05


def test_recalibrated_routes_agree_on_the_patients_they_were_scaled_to(model, doses):
    one = {LDN: doses[LDN]}
    for route in ("opioid_blockade", "primed_microglia"):
        change = ldn.simulate(model.with_scenario(route), one, metrics=["change_il6"]).change_il6
        assert float(change.sel(regimen=LDN)) == pytest.approx(-34.4, abs=0.5), route


def test_a_growth_factor_that_is_blocked_raises_cytokines(model, doses):
    two = {dose: doses[dose] for dose in (LDN, "50 mg")}
    change = ldn.simulate(model.with_scenario("ogf"), two, metrics=["change_il6"]).change_il6
    assert (change > 0).all()


def test_naive_people_know_no_withdrawal(course):
    assert float(abs(course.withdrawal).max()) == 0


PROTOTYPE = {
    "ka": 1.2,
    "F_oral": 0.137,
    "V1_ntx": 118,
    "Q_ntx": 143,
    "V2_ntx": 377,
    "V1_ntxol": 237,
    "Q_ntxol": 110,
    "V2_ntxol": 622,
    "K_ntxol_peripheral": 3.0,
    "depletion": 0.0,
    "feedback_kappa": 0.0,
}


def test_prototype_numbers_return_with_its_kinetics_and_gains(model, doses):
    """The gains of the strong scenario give the numbers that this structure was first worked out with."""
    strong = model.with_scenario("strong_feedback").with_parameters(**PROTOTYPE)
    some = {dose: doses[dose] for dose in ("3 mg", LDN, "50 mg")}
    hours = ldn.simulate(strong, some, metrics=["hours_blocked_peripheral"]).hours_blocked_peripheral
    np.testing.assert_allclose(hours, [0.95, 2.65, 24.0], rtol=0, atol=0.03)
    times = 22 + 24 * 27 + np.arange(0, 24.01, 0.1)
    ds = ldn.simulate(strong, some, times=times, outputs=["endorphin", "opioid_tone"])
    np.testing.assert_allclose(ds.endorphin.mean("time").values[1:], [1.755, 3.64], rtol=0.01)
    assert float(ds.opioid_tone.sel(regimen=LDN).max()) == pytest.approx(1.038, abs=0.003)


def test_endotoxin_challenge(model):
    """2 ng/kg in healthy people: TNF near 260 pg/mL at 1.6 h, IL-6 near 810 at 1.9 h, then IL-10."""
    ds = ldn.simulate(
        model.with_condition("healthy"),
        ldn.Regimen.single(2, drug="lps"),
        times=np.arange(0, 24.01, 0.01),
        outputs=["C_tnf_alpha", "C_il6", "C_il10"],
    )
    for name, level, hour in (("C_tnf_alpha", 264, 1.60), ("C_il6", 813, 1.90), ("C_il10", 47.5, 2.35)):
        assert float(ds[name].max()) == pytest.approx(level, rel=0.01), name
        assert float(ds.time[ds[name].values.argmax()]) == pytest.approx(hour, abs=0.03), name
    assert float(ds.C_tnf_alpha.sel(time=6, method="nearest")) < 10
