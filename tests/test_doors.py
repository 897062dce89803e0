"""What is of the wrong kind is refused at the door, in one sentence that names the argument and the value."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError, a_path, instance, unknown

from . import fuzz

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
    "regimen to run": (lambda m, ds: ldn.simulate(m, "4.5 mg"), "regimen='4.5 mg': does not say for how long"),
    "rule": (lambda m, ds: ldn.Feedback.of(None), "rule=None: must be a text"),
    "source key": (lambda m, ds: ldn.references(5), "keys=5: must be"),
    "bioavailability": (lambda m, ds: R.single(4.5, F=None), "F=None: must be a finite number >= 0"),
    "dose": (lambda m, ds: R.single(np.inf), "dose=inf: must be a finite number >= 0"),
    "names that can be read once": (
        lambda m, ds: ldn.sensitivity(m, R.single(1), metric="cmax naltrexone", parameters=(p for p in ["ka"])),
        "parameters='generator.*must be .*a list of texts",
    ),
    "panels that can be read once": (
        lambda m, ds: ldn.plots.timecourse(ds, variables=(v for v in ["il6"])),
        "variables='generator.*must be .*a list of texts",
    ),
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


TAKE_ANYTHING = {
    "Regimen.from_records",
    "StudyData.observed_rows",
    "read_data",
}  # and say what they cannot read


@pytest.mark.kind("arguments-of-another-kind")
@pytest.mark.parametrize("name", sorted(fuzz.VALID))
def test_every_argument_of_another_kind_is_refused_by_name(name):
    """Values that its annotation does not name; `python -m tests.fuzz` makes the other calls too."""
    chosen = [pair for pair in fuzz.pairs(suited=False) if pair[0] == name]
    assert chosen or name in TAKE_ANYTHING
    assert not list(fuzz.wrong(chosen))


def test_every_function_is_walked():
    assert set(fuzz.functions()) == set(fuzz.VALID), "a new function needs a valid call in tests/fuzz.py"


VALUES = {
    "a clock time": (lambda t: ldn.Feedback(1, 1, 4, 7, "withdrawal", 0.2, at="25:99"), "at='25:99'"),
    "a clock time in words": (lambda t: ldn.Feedback.of(fuzz.RULE, at="late"), "at='late'"),
    "a variable": (lambda t: ldn.Feedback(1, 1, 4, 7, "max(x)", 0.2), r"variable='max\(x\)'"),
    "doses": (lambda t: t.rule.regimen([1.5, -1]), r"doses=\[1.5, -1.0\]"),
    "readings": (lambda t: t.rule.next([1.5, 3.0], [0.1]), r"reading=\[0.1\]: must be a list of 2 numbers"),
    "no variable": (lambda t: ldn.plots.compare(t.ds, variables=[]), "variables=.*at least one variable"),
    "marks": (lambda t: ldn.plots.phase_portrait(t.ds, every=1e-12), "every=1e-12: .* from 0.25 to 24"),
    "quantiles": (lambda t: ldn.plots.population_band(t.band, quantiles=1.5), "quantiles=1.5"),
    "a step": (lambda t: ldn.rivals(t.model, every=1e-9, duration=1), "every=1e-09: would give"),
    "records": (lambda t: ldn.Regimen("x"), "records='x': must be a list of records"),
    "a drug": (lambda t: ldn.Regimen.single(1, drug=np.array(["a", "b"])), "drug=.*must be a name"),
    "nights": (lambda t: ldn.plots.timecourse(t.ds, nights=np.array([True])), "nights=.*True or False"),
    "group": (lambda t: ldn.plots.model_diagram(t.model, group=np.ones(2)), "group=.*True, False or None"),
    "versions": (lambda t: ldn.show_versions(file=3), "file=3: must be an open text file"),
}


@pytest.mark.kind("arguments-of-another-kind", sibling="Values of the right kind that make no sense")
@pytest.mark.parametrize("name", VALUES)
def test_values_that_make_no_sense_are_refused(name):
    call, words = VALUES[name]
    with pytest.raises(InputError, match=words):
        call(fuzz.THINGS)


def test_subjects_of_a_titration_may_have_any_label():
    people = ldn.population(fuzz.THINGS.model, 3, covariates={"weight": [50, 70, 90]})
    named = people.set_axis(pd.MultiIndex.from_tuples([("b", 1), ("a", 2), ("c", 3)]))
    found = ldn.titrate(fuzz.THINGS.model, fuzz.RULE, days=14, subjects=named)
    plain = ldn.titrate(fuzz.THINGS.model, fuzz.RULE, days=14, subjects=people)
    np.testing.assert_array_equal(found.opioid_tone, plain.opioid_tone)
    assert found.subject.values.tolist() == ["('b', 1)", "('a', 2)", "('c', 3)"]
