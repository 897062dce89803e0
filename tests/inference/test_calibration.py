"""Calibration: recovers what made the data, same seed same numbers, and rewrites only what it fitted."""

import csv
import dataclasses

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.choices import BESIDE
from ldnsim.inference import calibration, structures
from ldnsim.inference.density import PosteriorDensity
from ldnsim.inference.fitting import fit
from ldnsim.inference.prediction import predict
from ldnsim.inference.priors import Prior
from ldnsim.inference.target import targets
from ldnsim.library import models_folder

RIVALS = ("precursor", "kappa")
SWITCHES = {"depletion", "feedback_kappa"}


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def found(model):
    tiny = structures.Effort(starts=2, iterations=6, chains=8, warmup=1, moves=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "QUICK", tiny)
        patch.setattr(calibration, "structures", lambda model: RIVALS)
        patch.setattr(
            calibration,
            "all_targets",
            lambda model, use: [t for t in targets(model, use) if t.endpoint in ("AUC", "PET occupancy")],
        )
        return [ldn.calibrate(model, seed=seed, draws=500, quick=True) for seed in (3, 3)]


def test_the_fit_recovers_the_parameters_that_made_the_data(model):
    """Data without noise, a hundred times as exact as the real ones."""
    truth = {"F_oral": 0.2, "V2_ntx": 600.0, "K_brain": 3.0, "k_slow": 0.02}
    rows = [
        t
        for t in targets(model, "calibration")
        if t.endpoint in ("Cmax", "AUC", "half-life", "PET occupancy")
    ]
    made = predict(model.with_parameters(**truth), rows)[0]
    rows = [dataclasses.replace(t, observed=float(x), sd=t.sd / 100) for t, x in zip(rows, made, strict=True)]
    objective = PosteriorDensity(model, rows, Prior.of(model).only(tuple(truth)))
    got = fit(objective, np.zeros((1, len(truth))), iterations=30)
    np.testing.assert_allclose(objective.prior.values(got.z)[0], list(truth.values()), rtol=0.01)


def test_the_jacobian_is_the_slope(model):
    rows = [t for t in targets(model, "calibration") if t.endpoint in ("AUC", "PET occupancy")]
    objective = PosteriorDensity(model, rows, Prior.of(model).only(("F_oral", "K_brain")))
    z = np.array([[0.1, -0.2]])
    _, slope = objective.jacobian(z)
    step = np.array([[1e-2, 0.0], [0.0, 1e-2]])
    for k in range(2):
        secant = (objective.residuals(z + step[k]) - objective.residuals(z - step[k])) / 2e-2
        np.testing.assert_allclose(slope[0, :, k], secant[0], rtol=1e-2, atol=1e-3)


def test_a_draw_outside_its_bounds_has_no_posterior(model):
    objective = PosteriorDensity(
        model, targets(model, "calibration")[:1], Prior.of(model).only(("F_oral", "V1_ntx"))
    )
    assert objective.log_posterior(np.array([[0.0, -40.0], [0.0, 0.0]]))[0] == -np.inf


def test_the_same_seed_gives_the_same_numbers(found):
    one, two = found
    assert one.posterior.equals(two.posterior)
    assert one.fitted.equals(two.fitted)
    assert one.model.values.tobytes() == two.model.values.tobytes()


def test_what_it_tells(found, model):
    one = found[0]
    assert len(one.posterior) == 500
    assert set(one.posterior) == {*Prior.of(model).ids, *BESIDE, *SWITCHES}
    assert list(one.structures.index) == list(RIVALS)
    assert one.structures["weight"].sum() == pytest.approx(1)
    share = one.posterior["structure"].value_counts(normalize=True)
    for name, weight in one.structures["weight"].items():
        assert share[name] == pytest.approx(weight, abs=0.002)
        assert (one.posterior["structure_weight"][one.posterior["structure"] == name] == weight).all()
    assert set(one.fitted.index) <= set(one.diagnostics.index)
    assert (one.fitted["low"] < one.fitted["high"]).all()
    assert one.starts_agree >= 1
    assert "CL_ntx" in one.diagnostics.index, "sampled with what is fitted: F moves with it"
    assert "pain_gain" not in one.diagnostics.index, "no fitted row speaks of it"


def test_writing_changes_the_fitted_rows_only(found, model, tmp_path):
    files = found[0].write(tmp_path)
    assert [f.name for f in files] == [
        "parameters.csv",
        "posterior.csv",
        "calibration.csv",
        "structures.csv",
    ]
    before, after = (
        list(csv.reader((folder / "parameters.csv").read_text(encoding="utf-8").splitlines()))
        for folder in (models_folder() / "ldn", tmp_path)
    )
    fitted = set(found[0].fitted.index)
    for old, new in zip(before, after, strict=True):
        if old[0] in fitted:
            assert old[:1] + old[2:5] + old[6:] == new[:1] + new[2:5] + new[6:]
            assert float(new[1]) == pytest.approx(found[0].fitted["value"][old[0]], rel=1e-5)
        elif old[0] in SWITCHES:
            assert float(new[1]) == found[0].model.parameters["value"][old[0]]
        else:
            assert old == new


def test_nothing_depends_on_an_earlier_fit(model):
    prior = Prior.of(model)
    moved = dataclasses.replace(
        model,
        table=tuple(
            dataclasses.replace(p, value=p.value * 1.1) if p.id == "V1_ntx" else p for p in model.table
        ),
    )
    free = prior.only(("V1_ntx", "K_brain"))
    for one in (model, moved):
        base = structures._unfitted(one, free)
        assert base.parameters["value"]["V1_ntx"] == free.median[0]


def test_refusals(model):
    with pytest.raises(ldn.InputError, match="500"):
        ldn.calibrate(model, draws=100)
    with pytest.raises(ldn.InputError, match=r"targets\.csv"):
        ldn.calibrate(ldn.load_model("rival_primer_mu"))


def test_priors_repeat_no_value_and_have_their_sources(model):
    with (models_folder() / "ldn/priors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    fitted = model.parameters["grade"] == "fitted"
    for row in rows:
        assert fitted[row["id"]], row
        assert float(row["median"]) != model.parameters["value"][row["id"]], row
        assert float(row["gsd"]) > 1.1, row
