"""Virtual patients: reproducible one by one, spread as the table says, covariates by name."""

import numpy as np
import pandas as pd
import pytest

from ldnsim import library
from ldnsim.errors import InputError, ModelError, UnknownNameError
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


def test_fractions_vary_on_the_logit_scale_with_the_same_relative_spread(model):
    people = population(model, 4000, seed=1)
    table = model.parameters.loc[people.columns]
    fractions = table[table["upper"] == 1]
    assert len(fractions)
    for name, row in fractions.iterrows():
        logits = np.log(people[name] / (1 - people[name]))
        spread = np.sqrt(np.log1p(row["iiv_cv"] ** 2)) / (1 - row["value"])
        assert logits.std() == pytest.approx(spread, rel=0.06), name
        assert logits.median() == pytest.approx(
            np.log(row["value"] / (1 - row["value"])), abs=0.06 * spread
        ), name


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


@pytest.mark.kind("covariates-of-people")
def test_two_covariates_of_one_parameter_are_refused(model):
    with pytest.raises(
        InputError, match="covariates='kidney': sets 'crcl', as 'crcl' does; give one of the two"
    ):
        population(model, 3, covariates={"crcl": 100, "kidney": "moderate"})


@pytest.mark.kind("covariates-of-people", sibling="a Series of the subjects in another order")
def test_a_series_in_another_order_is_refused(model):
    weights = pd.Series([50.0, 75.0, 120.0], index=[2, 0, 1])
    with pytest.raises(
        InputError, match=r"covariates\['weight'\]=\[2, 0, 1\]: is not the order of the subjects"
    ):
        population(model, 3, covariates={"weight": weights})
    found = population(model, 3, covariates={"weight": weights.sort_index()})
    assert found["weight"].tolist() == [75, 120, 50]
    labelled = weights.rename_axis("index").to_xarray()
    with pytest.raises(InputError, match="is not the order of the subjects"):
        population(model, 3, covariates={"weight": labelled})
    names = weights.set_axis(["Ann", "Ben", "Eve"])  # of people who are not those drawn
    assert population(model, 3, covariates={"weight": names})["weight"].tolist() == [50, 75, 120]


# ---- covariates.csv of one's own ------------------------------------------------------------------------

COVARIATES = "covariate,level,parameter,value\nsex,f,D,2\nsex,f,E,3\nsex,m,D,4\nsmoker,yes,CL,9\n"


@pytest.mark.kind("covariates-of-people", sibling="a covariate that sets several parameters")
def test_a_covariate_sets_each_of_its_parameters(correlated, tmp_path):
    (tmp_path / "covariates.csv").write_text(COVARIATES)
    people = population(correlated("CL,V,0.9\n"), 3, covariates={"sex": ["f", "m", "f"]})
    assert people[["D", "E"]].values.tolist() == [[2, 3], [4, 1], [2, 3]]  # that of men is left as it is


@pytest.mark.kind("covariates-of-people", sibling="a covariate that sets what varies between people")
def test_a_covariate_takes_no_variation_away(correlated, tmp_path):
    (tmp_path / "covariates.csv").write_text(COVARIATES)
    with pytest.raises(InputError, match="covariates='smoker': sets 'CL', which varies between people"):
        population(correlated("CL,V,0.9\n"), 3, covariates={"smoker": "yes"})


def test_a_number_of_ones_own_takes_the_place_of_the_drawn_one(correlated, tmp_path):
    (tmp_path / "covariates.csv").write_text("covariate,level,parameter,value\nclearance,,CL,\n")
    model = correlated("CL,V,0.9\n")
    people = population(model, 3, covariates={"clearance": [4, 5, 6]})
    assert people["CL"].tolist() == [4, 5, 6]
    assert people["V"].equals(population(model, 3)["V"])
    with pytest.raises(InputError, match=r"covariates\['clearance'\]='high': must be a number$"):
        population(model, 3, covariates={"clearance": "high"})


@pytest.mark.kind("unit-that-changes-nothing", sibling="of a covariate, in covariates.csv")
def test_a_covariate_in_another_unit_than_its_parameter_is_refused(correlated, tmp_path):
    (tmp_path / "covariates.csv").write_text("covariate,level,parameter,value,unit\nsize,,D,,g\n")
    model = correlated("CL,V,0.9\n", D="kilogram")
    with pytest.raises(
        InputError, match=r"covariates='size': is in g in covariates.csv, and sets 'D', .* in kg"
    ):
        population(model, 2, covariates={"size": 70})


# ---- correlations.csv -----------------------------------------------------------------------------------

ROWS = """id,value,unit,description,grade,source,iiv_cv
KA,1,,a,assumed,,0.5
CL,5,,b,assumed,,0.3
V,40,,c,assumed,,0.2
D,1,,d,assumed,,
E,1,,e,assumed,,
"""


@pytest.fixture
def correlated(tmp_path):
    def made(rows, head="first,second,correlation", **units):
        table = ROWS
        for name, unit in units.items():
            table = table.replace(f"{name},1,,", f"{name},1,{unit},")
        (tmp_path / "model.ant").write_text(
            "model mine\n const KA, CL, V, D, E;\n"
            + "".join(f" {n} has {u};\n" for n, u in units.items())
            + " gut' = -KA*gut; cen' = KA*gut - CL/V*cen + 0*D*E; gut = 0; cen = 0;\nend\n"
        )
        (tmp_path / "parameters.csv").write_text(table)
        (tmp_path / "correlations.csv").write_text(head + "\n" + rows)
        return library.load_model(str(tmp_path))

    return made


def test_correlations_are_drawn(correlated):
    people = np.log(population(correlated("CL,V,0.9\nKA,CL,-0.3\n"), 4000, seed=1))
    found = np.corrcoef(people[["KA", "CL", "V"]].T)
    np.testing.assert_allclose(found, [[1, -0.3, 0], [-0.3, 1, 0.9], [0, 0.9, 1]], atol=0.03)


def test_rows_are_a_matrix_together_not_one_by_one(correlated):
    people = population(correlated("CL,V,0.9\nCL,KA,0.9\nKA,V,0.9\n"), 10)
    assert len(people) == 10


@pytest.mark.kind("correlations")
def test_what_is_no_correlation_matrix_names_a_pair(correlated):
    with pytest.raises(
        InputError, match=r"correlations\['(CL|KA)', '(V|KA)'\]=-?0\.9: contradicts the other"
    ):
        population(correlated("CL,V,0.9\nCL,KA,0.9\nKA,V,-0.9\n"), 5)


@pytest.mark.kind(
    "correlations", sibling="beyond 1, no number, a pair twice, a name that is none or does not vary"
)
@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("CL,V,1.6\n", r"correlations\['CL', 'V'\]=1\.6: must be a number above -1 and below 1"),
        ("CL,V,1\n", r"correlations\['CL', 'V'\]=1\.0: must be"),
        ("CL,V,\n", r"correlations\['CL', 'V'\]='': must be a number"),
        ("CL,V,high\n", r"correlations\['CL', 'V'\]='high': must be a number"),
        ("CL,VC,0.6\n", r"correlations second='VC': no such name; did you mean 'V'"),
        ("CL,D,0.6\n", "correlations second='D': does not vary between people: it has no iiv_cv"),
        ("CL,CL,0.6\n", r"correlations\['CL', 'CL'\]=0\.6: is a parameter with itself"),
        ("CL,V,0.6\nV,CL,0.5\n", r"correlations\['V', 'CL'\]=0\.5: is the second row of this pair"),
    ],
)
def test_a_row_that_is_no_correlation_is_refused(correlated, rows, words):
    with pytest.raises((InputError, UnknownNameError), match=words):
        population(correlated(rows), 5)


@pytest.mark.kind("correlations", sibling="a column by another name")
def test_a_missing_column_is_refused(correlated):
    with pytest.raises(ModelError, match=r"correlations.csv, line 1: .*unknown: rho; missing: correlation"):
        correlated("CL,V,0.6\n", "first,second,rho")


def test_a_share_has_no_unit_to_name(model):
    with pytest.raises(InputError, match=r"covariates\['liver'\]=5\.0: must lie between 0 and 1$"):
        population(model, n=3, covariates={"liver": 5})
