"""The pattern of low-dose naltrexone that the shipped model must show, asked as a user would ask."""

import numpy as np
import pytest

import ldnsim as ldn

FOLDS = [
    "mu_density",
    "opioid_tone",
    "opioid_tone_peripheral",
    "opioid_tone_brain",
    "endorphin",
    "enkephalin",
    "tlr4_activity",
    "microglia",
    "tnf_alpha",
    "il6",
    "il1b",
    "il10",
    "pain",
]
EMPTY = [
    "plasma_naltrexone",
    "plasma_naltrexol",
    "mu_occupancy_peripheral",
    "mu_occupancy_brain",
    "kappa_occupancy_brain",
    "delta_occupancy_brain",
    "withdrawal",
]
LAST_DOSE = 22 + 24 * 27.0


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def ds(model):
    """Four weeks at 22:00, and four days after the last dose."""
    doses = {f"{mg:g} mg": ldn.Regimen.daily(mg, days=28, at="22:00") for mg in (3, 4.5, 50)}
    return ldn.simulate(model, doses, duration=LAST_DOSE + 96)


@pytest.fixture(scope="module")
def last_day(ds):
    return ds.sel(time=slice(LAST_DOSE, LAST_DOSE + 24))


def test_a_few_hours_of_blockade_at_low_dose_and_the_whole_day_at_50_mg(ds):
    hours = ldn.summarize(ds).hours_blocked_peripheral
    assert 0 <= float(hours.sel(regimen="3 mg")) < float(hours.sel(regimen="4.5 mg")) < 12
    assert float(hours.sel(regimen="50 mg")) == pytest.approx(24, abs=1e-6)


def test_endorphin_is_above_baseline(last_day):
    assert (last_day.endorphin > 1).all()


def test_under_50_mg_tone_is_low_all_day(last_day):
    assert float(last_day.opioid_tone.sel(regimen="50 mg").max()) < 1


def test_ldn_leaves_more_tone_than_50_mg_at_every_hour(last_day):
    tone = last_day.opioid_tone
    for dose in ("3 mg", "4.5 mg"):
        assert (tone.sel(regimen=dose) > tone.sel(regimen="50 mg")).all()


def test_tone_is_above_baseline_within_four_days_of_the_last_low_dose(ds):
    after = ds.opioid_tone.sel(time=slice(LAST_DOSE, None))
    assert float(after.sel(regimen="4.5 mg").max()) > 1.01
    assert float(after.sel(regimen="3 mg").max()) > 1.01


def test_tnf_alpha_and_il6_fall(ds):
    summary = ldn.summarize(ds)
    assert (summary.change_tnf_alpha < -1).all()
    assert (summary.change_il6 < -10).all()


@pytest.mark.parametrize(("rtol", "drift"), [(1e-9, 1e-9), (1e-6, 1e-5)])
@pytest.mark.parametrize("threads", [1, 2])
def test_an_untreated_subject_stays_at_rest_for_a_year(model, rtol, drift, threads):
    people = ldn.population(model, n=9, seed=1) if threads == 2 else None
    year = ldn.simulate(
        model, None, duration=365 * 24, every=24 * 7, rtol=rtol, subjects=people, threads=threads
    )
    for name in FOLDS:
        assert float(abs(year[name] - 1).max()) <= drift, name
    for name in EMPTY:
        assert float(abs(year[name]).max()) < 1e-20, name


def test_metrics_of_the_model_do_not_depend_on_the_grid(model):
    doses = {f"{mg:g} mg": ldn.Regimen.daily(mg, days=7, at="22:00") for mg in (0.5, 4.5, 50)}
    coarse = ldn.summarize(ldn.simulate(model, doses, every=1))
    fine = ldn.summarize(ldn.simulate(model, doses, every=0.05))
    for name in coarse:
        np.testing.assert_allclose(coarse[name], fine[name], rtol=1e-3, atol=1e-3, err_msg=name)


def test_metrics_of_the_model_are_those_of_a_dense_course(model):
    """Each kind of metric at 4.5 mg against the course at every 18 s, tighter."""
    regimen = ldn.Regimen.daily(4.5, days=7, at="22:00")
    got = ldn.summarize(ldn.simulate(model, regimen))
    at = np.arange(22 + 144, 22 + 168.0001, 0.005)
    last = ldn.simulate(model, regimen, times=at, rtol=1e-9)
    blocked = last.mu_occupancy_peripheral >= 0.8
    asleep = (last.clock >= 23) | (last.clock <= 7)
    tone = last.opioid_tone
    want = {
        "hours_blocked_peripheral": blocked.mean() * 24,
        "hours_blocked_asleep": (blocked & asleep).mean() * 24,
        "blockade_window": blocked.mean() * 24,
        "peak_mu_occupancy_brain": last.mu_occupancy_brain.max(),
        "trough_mu_occupancy_peripheral": last.mu_occupancy_peripheral.min(),
        "rebound_peak": tone.max() - 1,
        "rebound_auc": (tone - 1).clip(min=0).integrate("time"),
        "change_tnf_alpha": 100 * (last.tnf_alpha.integrate("time") / 24 - 1),
        "change_il6": 100 * (last.il6.integrate("time") / 24 - 1),
        "pain_change": 100 * (last.pain.integrate("time") / 24 - 1),
    }
    for name, value in want.items():
        step = 0.01 if name.startswith(("hours", "blockade")) else 0.0  # two edges of the course's grid
        assert float(got[name]) == pytest.approx(float(value), rel=1e-3, abs=1e-3 + step), name
    for k, variable in enumerate(("plasma_naltrexone", "plasma_naltrexol")):
        course = last[variable]
        assert float(got.cmax[k]) == pytest.approx(float(course.max()), rel=1e-3)
        assert float(got.auc[k]) == pytest.approx(float(course.integrate("time")), rel=1e-3)
        peak = float(course.time[int(course.values.argmax())]) - (22 + 144)
        assert float(got.tmax[k]) == pytest.approx(peak, abs=0.01)
