"""The grammar of products, and how tables split doses."""

import os
import shutil

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.errors import ModelError, UnknownNameError
from ldnsim.formulation import Formulations, Product, formulations_of
from ldnsim.library import models_folder

P = {"a": np.array([0.5, 0.25]), "b_2": np.array([2.0, 4.0])}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", [1.0, 1.0]),
        ("", [0.0, 0.0]),
        ("  ", [0.0, 0.0]),
        (0.25, [0.25, 0.25]),
        (float("nan"), [0.0, 0.0]),
        ("1e-3", [0.001, 0.001]),
        ("a", [0.5, 0.25]),
        ("(1-a)", [0.5, 0.75]),
        ("( 1 - a )*b_2", [1.0, 3.0]),
        ("2 * a*b_2 *(1-a)", [1.0, 1.5]),
    ],
)
def test_products(text, value):
    np.testing.assert_array_equal(Product.parse(text)(P, 2), value)


@pytest.mark.parametrize(
    "text",
    ["a+b_2", "a*", "*a", "2a", "(2-a)", "(1-a", "1-a", "a/b_2", "a**b_2", "f(a)", "-inf", "a b_2", "exit()"],
)
def test_what_is_no_product_is_refused_and_never_run(text):
    with pytest.raises(ModelError) as error:
        Product.parse(text)
    assert repr(text) in str(error.value)


def test_unknown_parameters_are_named():
    with pytest.raises(UnknownNameError, match=r"'b'.*did you mean 'b_2'"):
        Product.parse("a*b")(P, 2)


def test_rows_of_one_name_split_the_dose():
    rows = [
        {"drug": "x", "formulation": "sublingual", "cmt": "C", "fraction": "a", "lag": "", "duration": "0.5"},
        {
            "drug": "x",
            "formulation": "sublingual",
            "cmt": "G",
            "fraction": "(1-a)",
            "lag": "b_2",
            "duration": "",
        },
    ]
    first, second = Formulations.from_rows(rows).of("x", "sublingual")
    assert (first.cmt, second.cmt) == ("C", "G")
    np.testing.assert_allclose(first.fraction(P, 2) + second.fraction(P, 2), 1.0)
    np.testing.assert_array_equal(second.lag(P, 2), P["b_2"])
    np.testing.assert_array_equal(first.duration(P, 2), 0.5)


def test_unknown_names_are_refused():
    table = formulations_of(ldn.load_model("ldn"))
    with pytest.raises(UnknownNameError, match="capsule"):
        table.of("naltrexone", "capsul")
    with pytest.raises(UnknownNameError, match="oxycodone"):
        table.of("oxycodon", "oral")


def test_a_formulation_without_a_name_is_the_usual_or_the_only_one():
    shares = {
        ("a", "pill"): (),
        ("b", "drip"): (1,),
        ("b", "pill"): (2,),
        ("c", "drip"): (),
        ("c", "pill"): (),
    }
    table = Formulations(shares, {"b": "pill"})
    assert table.of("a", "") == ()
    assert table.of("b", "") == (2,)
    with pytest.raises(ValueError, match="formulation='': must be named for 'c'; one of drip, pill"):
        table.of("c", "")


@pytest.mark.parametrize("name", ldn.list_models())
def test_every_row_of_a_shipped_table_fits_its_model(name):
    model = ldn.load_model(name)
    table = formulations_of(model)
    if not set(table.states) & set(model.states):
        pytest.skip(f"{name} has no dose forms")
    parameters = dict(zip(model.parameter_ids, model.values[:, None], strict=True))
    for key in table:
        shares = table[key]
        if not {s.cmt for s in shares} <= set(model.states):
            continue  # a drug of the larger model
        values = [[p(parameters, 1)[0] for p in (s.fraction, s.lag, s.duration)] for s in shares]
        assert np.isfinite(values).all(), key
        assert np.min(values) >= 0, key


def test_a_model_of_ones_own_reads_the_shipped_table():
    assert formulations_of(ldn.Model.from_antimony("model m\n A' = -A; A = 1\nend")) == formulations_of(
        ldn.load_model("ldn")
    )


def test_a_table_that_changes_on_disk_is_read_again(tmp_path):
    folder = shutil.copytree(models_folder() / "ldn", tmp_path / "ldn")
    model = ldn.load_model(folder)
    assert ("naltrexone", "lozenge") not in formulations_of(model)
    file = folder / "formulations.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    capsule = next(row for row in rows if row.startswith("naltrexone,capsule,"))
    file.write_text("\n".join([*rows, capsule.replace("capsule", "lozenge", 1), ""]), encoding="utf-8")
    os.utime(file, ns=(0, 1))
    assert ("naltrexone", "lozenge") in formulations_of(model)


@pytest.mark.kind("row-given-twice")
def test_a_row_given_twice_is_refused_where_it_would_double_the_dose(tmp_path):
    folder = shutil.copytree(models_folder() / "ldn", tmp_path / "ldn")
    file = folder / "formulations.csv"
    rows = file.read_text(encoding="utf-8").splitlines()
    capsule = next(row for row in rows if row.startswith("naltrexone,capsule,"))
    file.write_text("\n".join([*rows, capsule, ""]), encoding="utf-8")
    with pytest.raises(ldn.ModelError, match=f"formulations.csv, line {len(rows) + 1}: 'naltrexone capsule .* twice"):
        ldn.simulate(ldn.load_model(folder), "4.5 mg once", duration=1.0)
