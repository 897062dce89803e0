"""Covariates that move a parameter of a fit: one number a subject, and not the same for all."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.fitting.covariates import design
from ldnsim.fitting.samples import samples_of

from .conftest import simulated

HOW = {"observe": "Cp", "cmt": "A_gut", "estimate": ["CL"], "iiv": ["CL"], "error": "proportional"}


def fitted(own, table):
    return ldn.fit(own, ldn.read_data(table), **HOW, covariates={"CL": "WT"})


@pytest.mark.kind("fit-covariate")
def test_a_covariate_that_changes_within_a_subject_is_refused(own):
    table = simulated(4, seed=3)
    table.loc[(table.ID == "s2") & (table.TIME > 8), "WT"] += 1.0
    with pytest.raises(ldn.InputError, match="covariates='WT': changes within subject 's2'"):
        fitted(own, table)


@pytest.mark.kind("fit-covariate", sibling="words, a missing value, and a value that is the same for all")
@pytest.mark.filterwarnings("ignore:no numbers in the columns")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: np.where(t.ID == "s0", "heavy", "light"), "covariates='WT': holds words; write them as 0"),
        (lambda t: t.WT.where(t.ID != "s1"), "has no value for subject 's1'"),
        (lambda t: 70.0, "is the same for all subjects"),
    ],
)
def test_a_covariate_that_cannot_tell_is_refused(own, change, words):
    table = simulated(4, seed=3)
    with pytest.raises(ldn.InputError, match=words):
        fitted(own, table.assign(WT=change(table)))


def test_a_covariate_stated_once_a_subject_is_enough(own):
    table = simulated(3, seed=3)
    table.loc[table.TIME > 0, "WT"] = np.nan
    samples = samples_of(ldn.read_data(table), {None: "Cp"})
    found = design(samples, [("CL", "WT")])
    np.testing.assert_allclose(found[:, 0], np.log(np.array([70, 71, 72]) / 71))


def test_a_covariate_that_may_be_0_counts_with_its_value(own):
    table = simulated(3, seed=3)
    samples = samples_of(ldn.read_data(table.assign(SEX=(table.ID == "s1").astype(float))), {None: "Cp"})
    assert design(samples, [("CL", "SEX")])[:, 0].tolist() == [0.0, 1.0, 0.0]


@pytest.mark.kind("covariates-of-people", sibling="of a fit: a covariate of 0 or less, a Series in another order")
def test_people_of_a_fit_have_covariates_that_can_be(own):
    fit = fitted(own, simulated(6, seed=3))
    usual, heavy = (ldn.population(fit, 3, seed=1, covariates={"WT": w}).CL for w in (72.5, 145.0))
    np.testing.assert_allclose(heavy / usual, 2.0 ** fit.parameters.value["CL~WT"], rtol=1e-9)
    for wrong in (0.0, [70.0, -1.0, 70.0]):
        with pytest.raises(ldn.InputError, match=r"covariates\['WT'\]=(0|-1).0: must be > 0, as it was in all"):
            ldn.population(fit, 3, covariates={"WT": wrong})
    with pytest.raises(ldn.InputError, match=r"covariates\['WT'\]=\[2, 1, 0\]: is not the order of the subjects"):
        ldn.population(fit, 3, covariates={"WT": pd.Series([60.0, 70.0, 80.0], index=[2, 1, 0])})


@pytest.mark.kind("fit-covariate", sibling="one that is named twice")
def test_a_covariate_named_twice_is_refused(own):
    data = ldn.read_data(simulated(4, seed=3))
    with pytest.raises(ldn.InputError, match=r"^covariates\['CL'\]=\['WT', 'WT'\]: names 'WT' twice"):
        ldn.fit(own, data, **HOW, covariates={"CL": ["WT", "WT"]})
