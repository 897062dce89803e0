"""What naltrexone is known to do, and what a review of the model found missing."""

import warnings

import numpy as np
import pytest

import ldnsim as ldn

R = ldn.Regimen


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def rows(model):
    return ldn.qualify(model, n=0)


def blocked(model, first, hours, drug, dose, form):
    """Percent of the peak effect of a challenge that is blocked."""
    challenge = R.single(dose, drug=drug, formulation=form).shift(hours=hours)
    times = hours + np.linspace(0, 6, 61)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*precipitate")
        peaks = [
            float(ldn.simulate(model, r, times=times, outputs=["opioid_effect"]).opioid_effect.max())
            for r in (first + challenge, challenge)
        ]
    return 100 * (1 - peaks[0] / peaks[1])


@pytest.mark.parametrize(("hours", "measured"), [(24, 96.0), (48, 86.5), (72, 46.6)])
def test_100_mg_blocks_heroin_as_measured(model, hours, measured):
    found = blocked(model, R.single(100, formulation="tablet"), hours, "heroin", 25, "iv")
    assert found == pytest.approx(measured, abs=12)


def test_a_plain_receptor_does_not_block_heroin_so(model):
    plain = model.with_parameters(opioid_slope=1.0)
    found = [blocked(plain, R.single(100, formulation="tablet"), h, "heroin", 25, "iv") for h in (24, 48, 72)]
    assert found[1] < 86.5 - 12


@pytest.mark.parametrize(("dose", "day"), [(75, 14), (150, 21), (300, 28)])
def test_the_depot_blocks_hydromorphone_for_weeks(model, dose, day):
    left = 100 - blocked(
        model, R.single(dose, formulation="injection_xr"), 24 * day, "hydromorphone", 3, "im"
    )
    assert left < 10


def test_acth_rises_on_the_first_day_as_measured(rows):
    assert 1.42 <= rows.predicted["chalon2005_acth_day1"] <= 2.40


def test_beta_endorphin_rises_modestly_under_long_treatment(rows):
    assert 1.2 <= rows.predicted["ntx1986_be_chronic_am"] <= 2.2


def test_kinetics_and_scans_stay_as_good_as_they_were(rows):
    summary = rows.attrs["summary"].loc["calibration"]
    assert summary.gmfe["Cmax"] <= 1.5
    assert summary.gmfe["AUC"] <= 1.5
    assert summary.rmse["PET occupancy"] <= 7


def test_il1b_after_endotoxin_is_within_three_fold(rows):
    assert 1 / 3 <= rows.fold["lps_cannon1990_il1b_fold"] <= 3


def test_the_band_of_the_endotoxin_peak_is_no_guess(model):
    healthy = model.with_condition("healthy")
    ds = ldn.simulate(
        healthy, R.single(2, drug="lps", formulation="iv"), subjects=ldn.posterior(healthy, 200),
        times=np.linspace(0, 6, 61), outputs=["C_tnf_alpha"],
    )  # fmt: skip
    low, high = np.quantile(ds.C_tnf_alpha.max("time"), (0.05, 0.95))
    assert high / low < 10


def test_withdrawal_is_precipitated_in_those_who_take_opioids_and_in_nobody_else(model):
    daily = R.every(20, ii=6, n=120, drug="oxycodone")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*precipitate")
        ds = ldn.simulate(
            model, {"both": daily + R.single(4.5).shift(hours=660), "none": R.daily(50, days=7)}
        )
    assert float(ds.withdrawal.sel(regimen="both").max()) > 0.3
    assert float(ds.withdrawal.sel(regimen="none").max()) == 0


def test_the_clock_of_beta_endorphin_does_not_move_enkephalin(model):
    still = model.with_parameters(gain_release=0.0, gain_synthesis=0.0)
    tones = ["opioid_tone_peripheral", "opioid_tone_delta", "opioid_tone_brain"]
    plain, daily = (
        ldn.simulate(m, R.daily(4.5, days=2), outputs=tones)
        for m in (still, still.with_scenario("circadian"))
    )
    moved = {name: float(abs(daily[name] - plain[name]).max()) for name in tones}
    assert moved["opioid_tone_peripheral"] > 0.01
    assert moved["opioid_tone_delta"] < 1e-6
    assert moved["opioid_tone_brain"] < 1e-6


def test_more_receptors_make_an_opioid_stronger(model):
    after = R.daily(50, days=28)
    dose = R.single(25, drug="heroin", formulation="iv").shift(hours=24 * 36)
    times = 24 * 36 + np.linspace(0, 4, 41)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*precipitate")
        effect = {k: ldn.simulate(model, r, times=times, outputs=["opioid_effect"]).opioid_effect.max()
                  for k, r in (("after", after + dose), ("never", dose))}  # fmt: skip
    assert float(effect["after"]) > float(effect["never"])


@pytest.mark.parametrize("name", ["unlimited", "precursor", "kappa", "kappa_precursor", "mu_kappa"])
def test_each_structure_is_a_switch_of_one_model_with_draws_of_its_own(model, name):
    draws = ldn.posterior(model.with_scenario(name))
    assert set(draws.structure) == {name}
    assert name in model.structures


def test_the_posterior_holds_structures_by_weight(model):
    draws = ldn.posterior(model)
    share = draws.structure.value_counts(normalize=True)
    weight = draws.groupby("structure").structure_weight.first()
    assert set(share.index) == set(model.structures)
    assert float(weight.sum()) == pytest.approx(1.0)
    assert float((share - weight).abs().max()) < 0.01
    assert "weight" not in draws, "that of a structure is not read as the body's"


@pytest.mark.kind("pain-never-measured")
@pytest.mark.parametrize("name", ["crps", "lupus", "depression"])
def test_pain_is_refused_where_no_effect_on_it_was_measured(model, name):
    chosen = model.with_condition(name)
    assert "pain" not in chosen.observables
    with pytest.raises(ldn.InputError, match=f"outputs='pain': no effect .*{name!r}"):
        ldn.simulate(chosen, R.daily(4.5, days=2), outputs=["pain"])
    assert "pain" not in ldn.simulate(chosen, R.daily(4.5, days=1))


@pytest.mark.kind("pain-never-measured", sibling="its readout in a summary")
def test_readouts_of_pain_are_refused_too(model):
    chosen = model.with_condition("crohn")
    with pytest.raises(ldn.InputError, match="pain"):
        ldn.simulate(chosen, R.daily(4.5, days=2), metrics=["pain_change"])
    assert "pain_change" not in ldn.summarize(ldn.simulate(chosen, R.daily(4.5, days=2)))


@pytest.mark.kind("pain-never-measured", sibling="a grid of conditions")
def test_a_grid_of_conditions_leaves_pain_out_or_refuses_it(model):
    over = {"condition": ["crohn", "fibromyalgia"]}
    how = {"dose": 1.5, "days": 1, "at": "22:00", "progress": False}
    found = ldn.sweep(model, over, **how)
    assert "pain_change" not in found
    assert "change_il6" in found
    for asked in ({"metrics": ["pain_change"]}, {"outputs": ["pain"]}):
        with pytest.raises(ldn.InputError, match=r"pain.*'crohn'"):
            ldn.sweep(model, over, **how, **asked)
    assert "pain_change" in ldn.sweep(model, {"condition": ["fibromyalgia", "healthy"]}, **how)


def test_pain_is_there_where_trials_measured_it(model):
    assert "pain" in model.with_condition("fibromyalgia").observables
