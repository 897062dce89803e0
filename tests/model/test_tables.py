"""Tables of a model's folder: what nothing would read is refused where the model is loaded."""

import shutil

import pytest

import ldnsim as ldn
from ldnsim.library import models_folder
from ldnsim.model.parameters import Parameter
from ldnsim.model.tables import TABLES, rows_in

FORMS = "drug,formulation,cmt,fraction,lag,duration\nx,pill,A,1,,\nx,pill,B,1,,\n"
SLIPS = {
    "a misspelt column": ("formulations.csv", FORMS.replace("cmt", "cmpt"), "line 1: .*unknown: cmpt; missing: cmt"),
    "a part of a dose given twice": ("formulations.csv", FORMS + "x,pill,A,1,,\n", "line 4: 'x pill A 1' is given twice"),
    "a parameter that is none": ("drugs.csv", "drug,t_halff\nx,3\n", "line 1: 't_halff' is no column .* 't_half'"),
    "a word for a number": ("drugs.csv", "drug,t_half\nx,long\n", "line 2: t_half='long': must be a finite number"),
    "an interval that is none": ("drugs.csv", "drug,interval\nx,daily\n", "line 2: interval='daily'"),
    "a grade that is none": ("drugs.csv", "drug,grade\nx,sure\n", "line 2: grade='sure': must be one of measured"),
    "a drug given twice": ("drugs.csv", "drug,unit\nx,mg\nx,ug\n", "line 3: 'x' is given twice"),
    "a level without its value": ("covariates.csv", "covariate,level,parameter\na,old,k\n", "line 1: .*missing: value"),
    "a spread that is no number": ("priors.csv", "id,median,gsd\nk,1,wide\n", "line 2: gsd='wide'"),
}


@pytest.mark.kind("column-nobody-reads")
@pytest.mark.parametrize(("file", "text", "words"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named_by_file_line_and_column(file, text, words):
    with pytest.raises(ldn.ModelError, match=f"{file}, {words}"):
        rows_in(text, file, {p: Parameter(p, 1.0) for p in ("k", "t_half")})


def test_numbers_of_which_as_little_is_known_are_equal():
    """Also where each has a NaN of its own, and on Python from 3.13 on, which compares field by field."""
    one, two = (Parameter("k", 1.0, iiv_cv=float("nan"), lower=0.5) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one != Parameter("k", 1.0, iiv_cv=0.3, lower=0.5)
    assert one != ("k", 1.0)


def test_what_may_be_left_out():
    assert len(rows_in(FORMS, "formulations.csv", {})) == 2
    assert rows_in("drug,k\nx,\ny,2\n", "drugs.csv", {"k": Parameter("k", 1.0)})[1] == {"drug": "y", "k": "2"}
    assert len(rows_in("a,b\n1,2\n3,2\n", "notes.csv")) == 2  # a table of one's own


LEVELS = "covariate,level,parameter,value\n"
BAD_LEVELS = {
    "no value": ("a,old,k,\n", "line 2: value='': must be a finite number"),
    "no such parameter": ("a,old,kk,2\n", "line 2: parameter='kk' is no parameter of the model; did you mean 'k'"),
    "of a number": ("a,,kk,\n", "line 2: parameter='kk' is no parameter of the model"),
    "a value without a level": ("a,,k,2\n", "line 2: value='2' belongs to no level"),
    "what cannot be": ("a,old,k,-2\n", "line 2: k=-2.0: must not be negative"),
}


@pytest.mark.kind("levels-of-a-covariate")
@pytest.mark.kind("levels-of-a-covariate", sibling="a parameter that is none, a value without a level")
@pytest.mark.parametrize(("row", "words"), BAD_LEVELS.values(), ids=BAD_LEVELS)
def test_a_level_of_a_covariate_that_says_nothing_is_refused(row, words):
    with pytest.raises(ldn.ModelError, match=f"covariates.csv, {words}"):
        rows_in(LEVELS + row, "covariates.csv", {"k": Parameter("k", 1.0, lower=0.0)})
    assert rows_in(LEVELS + "a,old,k,2\nb,,k,\n", "covariates.csv", {"k": Parameter("k", 1.0)})


@pytest.mark.kind("column-nobody-reads", sibling="a drug that sets a misspelt parameter, in a folder")
def test_a_drug_that_sets_a_misspelt_parameter_is_refused_when_the_model_is_loaded(tmp_path):
    folder = shutil.copytree(models_folder() / "ldn", tmp_path / "ldn")
    file = folder / "drugs.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("t_half_opioid", "t_half_opiod"), encoding="utf-8")
    with pytest.raises(ldn.ModelError, match=r"drugs.csv, line 1: 't_half_opiod' is no .* did you mean 't_half_opioid'"):
        ldn.load_model(folder)


@pytest.mark.parametrize("name", TABLES)
def test_the_shipped_tables_hold_what_is_read_and_no_more(name):
    path = models_folder() / "ldn" / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"ldn has no {name}.csv")
    parameters = {p.id: p for p in ldn.load_model("ldn").table}
    assert rows_in(path.read_text(encoding="utf-8"), path.name, parameters)
