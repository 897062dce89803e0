"""What is of the wrong kind is refused at the door, in one sentence that names the argument and the value."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError, a_path, instance, unknown

R = ldn.Regimen


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def ds(model):
    return ldn.simulate(model, R.single(4.5), duration=2)


REFUSED = {
    "no result": (lambda m, ds: ldn.summarize(None), "ds=None: must be a Dataset; "),
    "a name for a result": (lambda m, ds: ldn.summarize("run.nc"), "ds='run.nc': must be a Dataset"),
    "no model": (lambda m, ds: ldn.load_model(None), "name_or_path=None: must be a path"),
    "a number for a model": (lambda m, ds: ldn.load_model(5), "name_or_path=5: must be a path"),
    "antimony": (lambda m, ds: ldn.Model.from_antimony(5), "text=5: must be a text"),
    "sbml": (lambda m, ds: ldn.Model.from_sbml(None), "source=None: must be a path"),
    "scenario": (lambda m, ds: m.with_scenario(["ogf"]), "scenario='list of 1': must be a name"),
    "model of people": (lambda m, ds: ldn.population("ldn", 3), "model='ldn': must be a Model; "),
    "seed": (lambda m, ds: ldn.population(m, 3, seed="a"), "seed='a': must be a whole number >= 0"),
    "covariates": (lambda m, ds: ldn.population(m, 2, covariates=["weight"]), r"covariates=.*must be a dict"),
    "no weight": (lambda m, ds: people(m, weight=[60, None]), r"covariates\['weight'\]=None: .*subject 1"),
    "no liver": (lambda m, ds: people(m, liver=["normal", None]), r"covariates\['liver'\]=None: .*subject 1"),
    "lists of lists": (lambda m, ds: people(m, weight=[[60], [1, 2]]), "must be one value, or one for each"),
    "word for weight": (lambda m, ds: people(m, weight=[60, "big"]), r"='big': must be a number \(kg\)"),
    "nothing to save": (lambda m, ds: ldn.save(5, "run.nc"), "ds=5: must be a Dataset"),
    "nowhere to save": (lambda m, ds: ldn.save(ds, 5), "path=5: must be a path"),
    "nothing to open": (lambda m, ds: ldn.open_result(None), "path=None: must be a path"),
    "store": (lambda m, ds: ldn.simulate(m, R.single(1), store=5), "store=5: must be a path"),
    "method": (
        lambda m, ds: ldn.simulate(m, R.single(1), method=["fast"]),
        "method='list of 1': must be a name",
    ),
    "atol": (lambda m, ds: ldn.simulate(m, R.single(1), atol="a"), "atol='a'"),
    "max_steps": (lambda m, ds: ldn.simulate(m, R.single(1), max_steps=0), "max_steps=0: .* >= 1"),
    "model to run": (
        lambda m, ds: ldn.simulate("ldn", R.single(1)),
        "model='ldn': must be a Model or a dict",
    ),
    "regimen to run": (lambda m, ds: ldn.simulate(m, "4.5 mg"), "regimen='4.5 mg': must be a Regimen"),
    "rule": (lambda m, ds: ldn.Feedback.of(None), "rule=None: must be a text"),
    "source key": (lambda m, ds: ldn.references(5), "keys=5: must be"),
    "bioavailability": (lambda m, ds: R.single(4.5, F=None), "F=None: must be a finite number >= 0"),
    "dose": (lambda m, ds: R.single(np.inf), "dose=inf: must be a finite number >= 0"),
    "dose that is true": (lambda m, ds: R.single(True), "dose=True: must be a finite number"),
}


def people(model, **covariates):
    return ldn.population(model, 2, covariates=covariates)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_of_the_wrong_kind_is_refused(case, model, ds):
    call, words = REFUSED[case]
    with pytest.raises((InputError, UnknownNameError), match=words):
        call(model, ds)


def test_a_name_in_other_letters_is_proposed_alone():
    assert str(unknown("method", "lsoda", ["rodas5p", "LSODA"])).startswith(
        "method='lsoda': no such name; did you mean 'LSODA'? (one of:"
    )
    both = str(unknown("parameter", "KA", ["Ka", "ka", "kb"]))
    assert "did you mean 'Ka' or 'ka'?" in both


def test_paths_of_any_kind_are_taken(tmp_path):
    assert a_path("path", str(tmp_path)) == a_path("path", tmp_path) == tmp_path


def test_what_is_of_the_right_kind_passes():
    table = pd.DataFrame()
    assert instance("table", table, pd.DataFrame, "a DataFrame") is table
    with pytest.raises(InputError, match=r"table='list of 3': must be a DataFrame; pd"):
        instance("table", [1, 2, 3], pd.DataFrame, "a DataFrame", "pd.DataFrame(...)")
