"""Bad input is refused by name, value and rule; what has no effect is said."""

import warnings

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError

NAN = float("nan")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"times": [3.0, 1.0]}, ["times", "[3.0, 1.0]", "ascend"]),
        ({"times": [1.0, 1.0]}, ["times", "ascend"]),
        ({"times": [-1.0, 1.0]}, ["times", "before 0"]),
        ({"times": []}, ["times", "[]"]),
        ({"times": [0.0, NAN]}, ["times", "nan", "finite"]),
        ({"times": ["a"]}, ["times=['a']", "numbers"]),
        ({"times": [1.0, 9.0], "duration": 5}, ["times", "beyond duration=5"]),
        ({"duration": 0}, ["duration=0", "> 0"]),
        ({"duration": -2.5}, ["duration=-2.5", "> 0"]),
        ({"duration": NAN}, ["duration=nan"]),
        ({"duration": "long"}, ["duration='long'"]),
        ({"every": 0}, ["every=0", "> 0"]),
        ({"every": -1}, ["every=-1"]),
        ({"every": 1e-9}, ["every=1e-09", "output times"]),
        ({"outputs": ["endorfin"]}, ["outputs", "endorfin", "'endorphin'"]),
        ({"outputs": []}, ["outputs=[]"]),
        ({"outputs": 3}, ["outputs=3", "list of names"]),
        ({"metrics": ["cmx"]}, ["metrics", "cmx", "'cmax'"]),
        ({"metrics": ["rebound_peak"]}, ["metrics", "rebound_peak", "cmax"]),
        ({"amounts": ["D"]}, ["amounts", "'D'"]),
        ({"method": "lsoda"}, ["method", "lsoda", "'LSODA'"]),
        ({"rtol": 0}, ["rtol=0"]),
        ({"rtol": 2.0}, ["rtol=2.0"]),
        ({"rtol": "tight"}, ["rtol='tight'", "number"]),
        ({"atol": -1.0}, ["atol=-1.0"]),
        ({"threads": 0}, ["threads=0", ">= 1"]),
        ({"threads": 1.5}, ["threads=1.5"]),
        ({"threads": True}, ["threads=True"]),
        ({"dtype": "float16"}, ["dtype='float16'", "float32"]),
        ({"store": "out.nc"}, ["store='out.nc'", ".zarr"]),
        ({"store": "no/such/out.zarr"}, ["store", "no folder", "no/such"]),
    ],
)  # fmt: skip
def test_an_argument_is_refused_with_its_name_value_and_rule(toy, week, arguments, words):
    with pytest.raises((ValueError, KeyError)) as caught:
        ldn.simulate(toy, week, **arguments)
    assert all(w in str(caught.value) for w in words), str(caught.value)


@pytest.mark.parametrize(
    ("model", "regimen", "words"),
    [
        ("ldn", None, ["model='ldn'", "load_model"]),
        ({}, None, ["model={}", "at least one"]),
        (None, [1], ["regimen='list of 1'", "names"]),
        (None, pd.DataFrame({"time": [0], "amt": [50]}), ["regimen='DataFrame of 1'", "Regimen.from_records(table)"]),
        (None, [{"time": 0, "amt": 50}], ["regimen='list of 1'", "Regimen.from_records(table)"]),
        (None, {}, ["regimen={}", "at least one"]),
        (None, {"a": 3}, ["regimen['a']=3: must be a Regimen, its words, or None"]),
        (None, None, ["duration=None", "must be given"]),
    ],
)
def test_model_and_regimen_are_refused_by_kind(toy, model, regimen, words):
    with pytest.raises(ValueError) as caught:
        ldn.simulate(toy if model is None else model, regimen)
    assert all(w in str(caught.value) for w in words), str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.rename(columns={"ke": "kee"}), ["kee", "'ke'"]),
        (lambda s: s.rename_axis("subject").reset_index(), ["'subject'", "subjects.set_index('subject')"]),
        (lambda s: s.reset_index(names="ID"), ["'ID'", "subjects.set_index('ID')"]),
        (lambda s: s.assign(ke=[0.1, NAN, 0.3]), ["subjects['ke']=nan", "'y'"]),
        (lambda s: s.assign(ke=[0.1, np.inf, 0.3]), ["subjects['ke']=inf", "'y'"]),
        (lambda s: s.assign(ke=["a", "b", "c"]), ["subjects='ke'", "numbers"]),
        (lambda s: s.iloc[:0], ["at least one row"]),
        (lambda s: s.set_axis(["x", "y", "x"]), ["subjects='x'", "two rows"]),
        (lambda s: s.to_dict(), ["subjects='dict of 2'", "DataFrame"]),
    ],
)
def test_a_table_of_subjects_is_refused_by_column_and_row(toy, week, change, words):
    table = pd.DataFrame({"ka": [1.0, 1.1, 1.2], "ke": [0.1, 0.2, 0.3]}, index=["x", "y", "z"])
    with pytest.raises((ValueError, KeyError)) as caught:
        ldn.simulate(toy, week, subjects=change(table))
    assert all(w in str(caught.value) for w in words), str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"times": [1.0, 2.0], "every": 0.5}, "every"),
        ({"metrics": ["cmax"], "times": [1.0]}, "times"),
        ({"metrics": ["cmax"], "outputs": ["C"]}, "outputs"),
        ({"metrics": ["cmax"], "every": 0.5}, "every"),
    ],
)
def test_an_argument_without_effect_is_said(toy, week, arguments, name):
    with pytest.warns(UserWarning, match=f"{name} has no effect"):
        ldn.simulate(toy, week, **arguments)


def test_a_covariate_among_the_columns_of_people_is_sent_to_population():
    people = pd.DataFrame({"liver": ["normal", "cirrhosis"]})
    with pytest.raises(InputError, match=r"'liver': is a covariate, no parameter; .*population\(.*'liver'"):
        ldn.simulate(ldn.load_model("ldn"), "4.5 mg once", duration=1.0, subjects=people)


def test_an_unknown_state_to_dose_is_refused(toy):
    with pytest.raises(KeyError, match="'A'"):
        ldn.simulate(toy, ldn.Regimen.single(1, cmt="AA"))


def test_numbers_are_refused_before_anything_is_compiled(toy, week, monkeypatch):
    monkeypatch.setattr("ldnsim.simulation.plan.program", lambda model: pytest.fail("it compiled first"))
    with pytest.raises(ValueError, match="rtol=2"):
        ldn.simulate(toy, week, rtol=2)


def test_values_outside_their_bounds_are_told_of_once():
    model = ldn.load_model("ldn")
    with pytest.warns(ldn.BoundsWarning, match="ke0=500 .the table says") as told:
        ldn.simulate(model.with_parameters(ke0=500), None, duration=1)
    assert len(told) == 1
    with pytest.warns(ldn.BoundsWarning, match="weight=7 "):
        ldn.simulate(model, None, subjects=pd.DataFrame({"weight": [70.0, 7.0]}), duration=1)


@pytest.mark.kind("beyond-the-table")
@pytest.mark.parametrize(
    ("name", "value"), [("age", 101.0), ("weight", 201.0), ("crcl", 200.5), ("K_brain", 20.5), ("weight", 29.0)]
)
def test_a_value_set_just_beyond_its_bounds_is_told_of(name, value):
    model = ldn.load_model("ldn")
    with pytest.warns(ldn.BoundsWarning, match=f"{name}={value:g} .the table says"):
        ldn.simulate(model.with_parameters(**{name: value}), None, duration=1)


@pytest.mark.kind("beyond-the-table", sibling="a table of subjects of one's own")
def test_a_row_just_beyond_the_bounds_is_told_of():
    with pytest.warns(ldn.BoundsWarning, match="age=101 "):
        ldn.simulate(ldn.load_model("ldn"), None, subjects=pd.DataFrame({"age": [40.0, 101.0]}), duration=1)


@pytest.mark.kind("beyond-the-table", sibling="people who are drawn may lie a little beyond")
def test_people_who_are_drawn_are_not_told_of_one_by_one():
    model = ldn.load_model("ldn")
    people = ldn.population(model, 4, seed=1)
    people.loc[people.index[0], "CL_ntx"] = 1.5 * model.parameters.upper["CL_ntx"]
    ldn.simulate(model, None, subjects=people, duration=1)


@pytest.mark.kind("values-that-cannot-be", sibling="a share above 1")
@pytest.mark.parametrize("name", ["F_oral", "first_pass_loss", "fu_ntx"])
def test_a_share_above_1_is_refused(name):
    model = ldn.load_model("ldn")
    with pytest.raises(InputError, match=rf"{name}=1\.2: must not be above 1: "):
        ldn.simulate(model.with_parameters(**{name: 1.2}), None, duration=1)
    with pytest.raises(InputError, match=rf"{name}=1\.2: must not be above 1: "):
        ldn.simulate(model, None, subjects=pd.DataFrame({name: [0.5, 1.2]}), duration=1)


@pytest.mark.kind("values-that-cannot-be", sibling="a negative weight in a table of subjects")
def test_what_must_not_be_negative_is_refused():
    model = ldn.load_model("ldn")
    with pytest.raises(InputError, match=r"weight=-70\.0: must not be negative: body weight"):
        ldn.simulate(model, None, subjects=pd.DataFrame({"weight": [70.0, -70.0]}), duration=1)


@pytest.mark.kind("values-that-cannot-be")
def test_a_negative_affinity_is_refused():
    with pytest.raises(InputError, match=r"K_brain=-1\.0: must not be negative: affinity"):
        ldn.load_model("ldn").with_parameters(K_brain=-1)


@pytest.mark.kind("sbml-reserved-names")
def test_names_that_results_use_get_an_underscore():
    model = ldn.Model.from_antimony(
        "model m()\n status' = -k*status; x' = k*status; status = 1; x = 0; k = 1\nend"
    )
    ds = ldn.simulate(model, None, duration=2)
    assert ds.status.item() == "finished"
    assert list(ds.data_vars) == ["status_", "x"]
    assert float(ds.status_[0]) == 1.0
    for name in ("status", "status_"):
        assert list(ldn.simulate(model, None, duration=2, outputs=[name]).data_vars) == ["status_"]


@pytest.mark.kind("sbml-reserved-names", sibling="a quantity called time, beside one called time_")
def test_a_quantity_called_time_can_be_had():
    text = ldn.Model.from_antimony("model m()\n tame' = 2; tame = 1; time_ = 5\nend").to_sbml()
    model = ldn.Model.from_sbml(text.replace('"tame"', '"time"'))
    ds = ldn.simulate(model, None, times=[0.0, 3.0], outputs=["time", "time_"])
    assert ds.time__.values.tolist() == pytest.approx([1.0, 7.0])
    assert ds.time_.values.tolist() == [5.0, 5.0]
    assert ds.time.values.tolist() == [0.0, 3.0]


def test_labels_of_any_kind_become_text(toy):
    ds = ldn.simulate(toy, {("a", 1): None, "b": None}, duration=1)
    assert list(ds.regimen.values) == ["('a', 1)", "b"]


@pytest.mark.kind("own-name", sibling="a misspelt name")
@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"formulation": "capsul"}, "capsule"),
        ({"drug": "oxycodon"}, "oxycodone"),
        ({"drug": "morphine", "formulation": "capsule"}, "oral"),
        ({"drug": "wonderol"}, "naltrexone"),
    ],
)
def test_names_are_checked_against_the_model(given, near):
    with pytest.raises(ldn.UnknownNameError) as error:
        ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=3, **given))
    assert near in str(error.value)
    assert isinstance(error.value, KeyError)
    assert isinstance(error.value, ValueError)


@pytest.mark.kind("labels-that-look-alike")
@pytest.mark.parametrize("other", ["LDN ", " LDN", "L\u200bDN", "\uff2cDN"])
def test_labels_that_look_alike_are_refused(toy, week, other):
    with pytest.raises(ldn.InputError, match=r"regimen=.*: looks the same as 'LDN'"):
        ldn.simulate(toy, {"LDN": week, other: week})


@pytest.mark.kind("labels-that-look-alike", sibling="of people, and of models")
def test_people_and_models_that_look_alike_are_refused(toy, week):
    people = pd.DataFrame({"ke": 0.1}, index=["anna  b", "anna b"])
    with pytest.raises(ldn.InputError, match=r"subject=.*: looks the same as"):
        ldn.simulate(toy, week, subjects=people)
    with pytest.raises(ldn.InputError, match=r"model=.*: looks the same as"):
        ldn.simulate({"a": toy, "a\t": toy}, week)
    assert ldn.simulate(toy, {"ldn": week, "LDN": week}).regimen.values.tolist() == ["ldn", "LDN"]


def test_a_regimen_in_words_without_a_length_is_refused(toy):
    for regimen in ("4.5 mg at bedtime", {"LDN": "4.5 mg at bedtime"}):
        with pytest.raises(ldn.InputError, match=r"for how long .*; duration=672, or '4.5 mg at bedtime for 28 days'"):
            ldn.simulate(toy, regimen)


@pytest.mark.kind("labels-in-files", sibling="Labels that are one as text")
@pytest.mark.parametrize("labels", [(1, "1"), (None, "None"), (True, "True"), (2**53, 2**53 + 1, 0.5)])
def test_labels_that_cannot_be_told_apart_are_refused(toy, week, labels):
    with pytest.raises(ldn.InputError, match=r"regimen=.*: would be the label of two"):
        ldn.simulate(toy, dict.fromkeys(labels, week))
    people = pd.DataFrame({"ke": 0.1}, index=pd.Index(labels, dtype=object))
    with pytest.raises(ldn.InputError, match=r"subject=.*: would be the label of two"):
        ldn.simulate(toy, week, subjects=people)


def test_labels_keep_their_type_or_are_text(toy, week):
    def of(*labels):
        return ldn.simulate(toy, dict.fromkeys(labels, week), metrics=["cmax"]).regimen.values.tolist()

    assert of(True, False) == [True, False]
    assert of(True, 2) == ["True", "2"]
    assert of(1, 2.5) == [1.0, 2.5]
    assert of(("a", 1), ("b",)) == ["('a', 1)", "('b',)"]
    assert of(np.datetime64("2024-01-01"), pd.Timestamp("2024-01-02")) == [
        "2024-01-01",
        "2024-01-02 00:00:00",
    ]


@pytest.mark.kind("fractions-of-a-dose", sibling="a bioavailability F in percent, of a regimen and of a table")
def test_a_factor_that_may_be_meant_in_percent_is_told_of(toy):
    table = ldn.Regimen.from_records([{"time": 0, "amt": 1, "cmt": "A", "F": 50}])
    for regimen in (ldn.Regimen.single(1, cmt="A", F=50), table):
        with pytest.warns(UserWarning, match="F=50 multiplies the dose by 50; a bioavailability of 50 % is F=0.5"):
            ldn.simulate(toy, regimen, duration=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for factor in (0.5, 1.2, 1000):  # the last brings g to mg
            ldn.simulate(toy, ldn.Regimen.single(1, cmt="A", F=factor), duration=1)
