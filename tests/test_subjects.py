"""Virtual patients: reproducible one by one, spread as the table says, covariates by name."""

import numpy as np
import pytest

from ldnsim import library
from ldnsim.errors import InputError, UnknownNameError
from ldnsim.subjects import population


@pytest.fixture(scope="module")
def model():
    return library.load_model("ldn")


def test_a_subject_depends_on_seed_and_number_only(model):
    few, many = population(model, 5, seed=3), population(model, 50, seed=3)
    assert few.equals(many.iloc[:5])
    assert not few.equals(population(model, 5, seed=4))
    heavy = population(model, 5, seed=3, covariates={"weight": 100, "liver": "cirrhosis"})
    assert heavy[few.columns].equals(few)


def test_spread_is_what_the_table_says(model):
    people = population(model, 4000, seed=1)
    row = model.parameters.loc["CL_ntx"]
    logs = np.log(people["CL_ntx"])
    assert np.exp(logs.mean()) == pytest.approx(row["value"], rel=0.02)
    assert logs.std() == pytest.approx(np.sqrt(np.log1p(row["iiv_cv"] ** 2)), rel=0.05)


def test_draws_stay_inside_the_bounds(model):
    people = population(model, 3000, seed=2)
    table = model.parameters.loc[people.columns]
    assert (people >= table["lower"].fillna(-np.inf)).all(axis=None)
    assert (people <= table["upper"].fillna(np.inf)).all(axis=None)
    assert set(people.columns) == set(model.parameters.index[model.parameters["iiv_cv"] > 0])


def test_redrawn_subjects_do_not_move_their_neighbours(model):
    few, many = population(model, 100, seed=5), population(model, 3000, seed=5)
    assert few.equals(many.iloc[:100])


def test_covariates_set_the_parameters_of_the_model(model):
    people = population(
        model,
        3,
        covariates={"weight": [50, 75, 120], "liver": ["normal", "cirrhosis", "normal"], "kidney": "severe"},
    )
    assert people["weight"].tolist() == [50, 75, 120]
    assert people["first_pass_loss"].tolist() == [0, 0.8, 0]
    assert (people["crcl"] == 20).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 0}, ["n=0", ">= 1"]),
        ({"n": 2.5}, ["n=2.5"]),
        ({"n": True}, ["n=True"]),
        ({"n": 2, "seed": -1}, ["seed=-1", ">= 0"]),
        ({"n": 2, "seed": "seven"}, ["seed='seven'"]),
        ({"n": 3, "covariates": {"wieght": 70}}, ["wieght", "weight"]),
        ({"n": 3, "covariates": {"weight": -1}}, ["weight", "-1", "30"]),
        ({"n": 3, "covariates": {"weight": [70, 80]}}, ["weight", "3 subjects"]),
        ({"n": 3, "covariates": {"liver": "cirhosis"}}, ["cirrhosis"]),
        ({"n": 3, "covariates": {"weight": "heavy"}}, ["weight", "number"]),
    ],
)
def test_bad_input_is_refused_by_name(model, arguments, words):
    with pytest.raises((InputError, UnknownNameError)) as error:
        population(model, **arguments)
    assert all(word in str(error.value) for word in words), str(error.value)
