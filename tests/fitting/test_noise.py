"""Simulated measurements of subjects drawn from a fit."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.fitting.residual import ERRORS

from .conftest import simulated

DOSE = ldn.Regimen.single(300, cmt="A_gut")


def fitted(own, error):
    data = ldn.read_data(simulated(10, seed=3, error="lognormal" if error == "lognormal" else "proportional"))
    sigma = {"additive": 0.5, "proportional": 0.2, "lognormal": 0.3}.get(error)
    sigma = {"additive": 0.5, "proportional": 0.2} if sigma is None else {error: sigma}
    return ldn.fit(own, data, "Cp", "A_gut", estimate=[], iiv={"CL": 0.09}, error=error, sigma=sigma)


@pytest.mark.parametrize("error", ERRORS)
def test_measurements_scatter_as_the_fit_says(own, error):
    f = fitted(own, error)
    people, how = ldn.population(f, 400, seed=1), {"times": [1.0, 4.0, 12.0], "outputs": ["Cp", "A"]}
    true = ldn.simulate(own, DOSE, subjects=people, **how)
    seen = ldn.simulate(own, DOSE, subjects=people, **how, residual=True, seed=2)
    np.testing.assert_array_equal(true.A, seen.A)  # not measured
    spread = {
        "additive": 0.5, "proportional": 0.2 * true.Cp, "combined": np.hypot(0.5, 0.2 * true.Cp),
        "combined1": 0.5 + 0.2 * true.Cp, "lognormal": 0.3,
    }[error]  # fmt: skip
    off = (np.log(seen.Cp / true.Cp) if error == "lognormal" else seen.Cp - true.Cp) / spread
    assert abs(off.mean()) < 0.1
    assert float(off.std()) == pytest.approx(1.0, abs=0.08)
    assert abs(np.corrcoef(off.values.T)[0, 1]) < 0.2


def test_the_same_seed_gives_the_same_whoever_else_is_there(own):
    f = fitted(own, "proportional")
    how = {"times": [1.0, 4.0], "residual": True, "seed": 5}
    ten = ldn.simulate(own, DOSE, subjects=ldn.population(f, 10, seed=1), **how)
    three = ldn.simulate(own, DOSE, subjects=ldn.population(f, 3, seed=1), **how, threads=1)
    np.testing.assert_allclose(ten.Cp[:3], three.Cp, rtol=1e-9)
    assert not np.array_equal(
        ldn.simulate(own, DOSE, subjects=ldn.population(f, 3, seed=1), **(how | {"seed": 6})).Cp, three.Cp
    )
    assert "proportional" in three.attrs["residual"]


@pytest.mark.kind("unknown-scatter")
def test_subjects_that_say_nothing_of_scatter_are_refused(own):
    with pytest.raises(ldn.InputError, match=r"residual=True: needs subjects of a fit.*population\(fit, n\)"):
        ldn.simulate(own, DOSE, residual=True)
    people = ldn.population(fitted(own, "additive"), 3)
    with pytest.raises(ldn.InputError, match="hold none of Cp"):
        ldn.simulate(own, DOSE, subjects=people, outputs=["A"], residual=True)
    with pytest.raises(ldn.InputError, match="residual='yes'"):
        ldn.simulate(own, DOSE, subjects=people, residual="yes")


@pytest.mark.kind("unknown-scatter", sibling="readouts of a course that scatters")
def test_readouts_of_measurements_are_refused(own):
    people = ldn.population(fitted(own, "additive"), 3)
    with pytest.raises(ldn.InputError, match="no place beside metrics="):
        ldn.simulate(own, DOSE, subjects=people, metrics=["auc(Cp)"], residual=True)
    seen = ldn.simulate(own, DOSE, subjects=people, residual=True)
    with pytest.raises(ldn.InputError):
        ldn.summarize(seen, ["auc(Cp)"])
    with pytest.raises(ldn.InputError):
        ldn.rerun(seen, subjects=people)
