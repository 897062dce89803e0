"""Where a search starts, or what is evaluated: variances and standard deviations that are given, tables on disk."""

import pandas as pd
import pytest

import ldnsim as ldn

REFUSED = ldn.InputError, ldn.UnknownNameError
GIVEN = {"observe": "Cp", "cmt": "A_gut", "error": "proportional"}
BLOCK = {"disposition": ["CL", "V"]}
ALONE = {"estimate": [], "iiv": ["CL", "V"], "fixed": ["CL", "V", "proportional"], "sigma": {"proportional": 0.1}}


@pytest.fixture(scope="module")
def found(own, people):
    return ldn.fit(own, people, **GIVEN, estimate=["CL", "V"], iiv=BLOCK)


def test_what_a_fit_found_is_evaluated_to_its_objective(own, people, found):
    at = own.with_parameters(**found.parameters.value[["CL", "V"]])
    how = GIVEN | {"estimate": [], "iiv": BLOCK, "fixed": ["CL", "V", "proportional"]}
    again = ldn.fit(at, people, **how, omega=found.omega, sigma=found.sigma)
    assert again.objective == pytest.approx(found.objective, abs=1e-3)
    apart = ldn.fit(at, people, **(how | {"iiv": ["CL", "V"]}), omega=found.omega, sigma=found.sigma)
    assert apart.objective > found.objective + 0.01  # without what they vary together


def test_covariances_of_what_varies_alone_are_left_out(own, people, found):
    variances = {name: float(found.omega.loc[name, name]) for name in ("CL", "V")}
    whole, some = (ldn.fit(own, people, **GIVEN, **ALONE, omega=omega) for omega in (found.omega, variances))
    assert whole.objective == some.objective
    assert some.omega.loc["CL", "V"] == 0.0
    other = ldn.fit(own, people, **GIVEN, **ALONE, omega=variances | {"CL": 2 * variances["CL"]})
    assert other.objective != some.objective


@pytest.mark.parametrize(
    ("omega", "message"),
    [
        (pd.DataFrame([[0.1, 0.02], [0.03, 0.1]], ["CL", "V"], ["CL", "V"]), "must be symmetric"),
        (pd.DataFrame([[0.1, 0.2], [0.2, 0.1]], ["CL", "V"], ["CL", "V"]), "all eigenvalues above 0"),
        (pd.DataFrame([[0.1]], ["CL"], ["CL"]), "omega='V'"),
        ({"ka": 0.1}, "omega='ka'"),
        ({"CL": -0.1}, r"omega\['CL'\]=-0.1: must be a variance > 0"),
        (0.1, "must be a DataFrame or a dict of variances"),
    ],
)
def test_variances_that_cannot_be_started_from_are_refused(own, people, omega, message):
    with pytest.raises(REFUSED, match=message):
        ldn.fit(own, people, **GIVEN, **(ALONE | {"iiv": BLOCK}), omega=omega)


def test_a_table_on_disk_is_the_table(own, people, tmp_path):
    table = pd.DataFrame({"parameter": ["CL", "V"], "estimate": ["yes", "no"], "iiv": [0.09, 0.04], "unit": ["L/h", "L"]})
    path = tmp_path / "parameters.csv"
    table.to_csv(path, index=False)
    one, two = (ldn.fit(own, people, **GIVEN, table=t) for t in (table, path))
    assert one.objective == two.objective
    assert one.parameters.index[:1].tolist() == ["CL"]
    with pytest.raises(ldn.InputError, match=r"absent.csv.*is no file"):
        ldn.fit(own, people, **GIVEN, table=tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("estimate", "perhaps", r"table\['CL'\].estimate='perhaps': must be yes or no$"),
        ("iiv", "perhaps", r"table\['CL'\].iiv='perhaps': must be yes or no, or a variance"),
        ("guess", 1.0, "table column='guess'"),
    ],
)
def test_a_cell_that_says_nothing_is_named(own, people, column, cell, message):
    table = pd.DataFrame({"estimate": [1]}, index=["CL"]).assign(**{column: cell})
    with pytest.raises(REFUSED, match=message):
        ldn.fit(own, people, **GIVEN, table=table)


def test_as_many_searches_as_asked_where_anything_is_free_else_one(own, people):
    few = ldn.read_data(people.table[people.table.ID.isin(["s0", "s1", "s2", "s3"])])
    for estimate, iiv, searches in ((["CL", "V"], ["CL", "V"], 2), (["CL"], [], 2), ([], ["CL"], 1)):
        found = ldn.fit(own, few, **GIVEN, estimate=estimate, iiv=iiv, starts=2)
        assert len(found.starts) == searches, (estimate, iiv)
