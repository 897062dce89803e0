"""PEtab 2: experiments of several periods against closed forms, and what cannot be read."""

import math

import pytest

import ldnsim as ldn
from ldnsim.errors import InputError

from .conftest import VERSION_2, likelihood, normal, table

pytest.importorskip("yaml")

MODEL = "model m; A' = inflow - k*A; A = 10; inflow = 0; k = 0.3; gain = 1; end"
K, REST = 0.3, 2 / 0.3
YAML = VERSION_2 + "condition_files: [conditions.tsv]\nexperiment_files: [experiments.tsv]\n"
TABLES = {
    "parameters": "parameterId lowerBound upperBound nominalValue estimate\nfood 0.001 1000 2 true\nfast -5 5 2 true",
    "conditions": "conditionId targetId targetValue\nfed inflow food\nstarved inflow 0\nquick k fast\nlate gain 3\n"
    "rich A 20",
    "experiments": """
        experimentId time conditionId
        fasting      0    rich
        fasting      0    fed
        fasting      3    starved
        fasting      5    quick
        rested       -inf fed
        rested       0    starved
        rested       0    late
    """,
    "observables": "observableId observableFormula noiseFormula observablePlaceholders noisePlaceholders noiseDistribution\n"
    "level shift+gain*A sd shift sd normal",
    "measurements": """
        observableId experimentId time measurement observableParameters noiseParameters
        level        fasting      1    14.0        0.5                  0.5
        level        fasting      3    9.0         0                    0.5
        level        fasting      4    5.0         0                    0.5
        level        fasting      6    1.0         0                    0.5
        level        rested       0    12.5        0                    0.4
        level        rested       2    4.0         0                    0.4
        level        .            2    4.0         0                    0.4
    """,
}


@pytest.fixture
def problem(tmp_path):
    """Writes a problem; its texts can be exchanged."""

    def write(yaml=YAML, **changed):
        (tmp_path / "model.xml").write_text(ldn.Model.from_antimony(MODEL).to_sbml())
        (tmp_path / "problem.yaml").write_text(yaml)
        for name, text in (TABLES | changed).items():
            (tmp_path / f"{name}.tsv").write_text(table(text))
        return tmp_path / "problem.yaml"

    return write


@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_periods_follow_each_other_and_what_is_open_stays(problem):
    def fasting(t):
        a = lambda s: REST + (20 - REST) * math.exp(-K * min(s, 3.0))  # noqa: E731  fed
        if t <= 3:
            return a(t)
        at5 = lambda s: a(3.0) * math.exp(-K * (min(s, 5.0) - 3.0))  # noqa: E731  starved
        return at5(t) * math.exp(-2.0 * max(t - 5.0, 0.0))  # and quick: k is `fast`

    expected = sum(
        normal(y, s + fasting(t), 0.5)
        for t, y, s in ((1, 14.0, 0.5), (3, 9.0, 0.0), (4, 5.0, 0.0), (6, 1.0, 0.0))
    )
    expected += sum(normal(y, 3 * REST * math.exp(-K * t), 0.4) for t, y in ((0, 12.5), (2, 4.0)))
    expected += normal(4.0, 10 * math.exp(-2 * K), 0.4)
    assert likelihood(problem()) == pytest.approx(expected, abs=2e-3)


def test_parameters_are_searched_where_they_may_lie(problem):
    _, data, arguments = ldn.read_petab(problem())
    assert arguments["estimate"] == ["food", "fast"]
    assert arguments["table"]["transform"].to_dict() == {"food": "log", "fast": "none"}
    assert data.subjects == ("fasting", "rested", "no experiment")


@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_a_state_set_at_a_period_becomes_what_the_condition_says_of_it(problem):
    changed = TABLES["conditions"].replace("starved inflow 0", "starved A A+food\nstarved inflow 0")
    fed = lambda t: REST + (20 - REST) * math.exp(-K * t)  # noqa: E731
    later = lambda t: (fed(3.0) + 2.0) * math.exp(-K * min(t - 3.0, 2.0) - 2.0 * max(t - 5.0, 0.0))  # noqa: E731
    expected = sum(
        normal(y, f, 0.5)
        for y, f in ((14.0, 0.5 + fed(1)), (9.0, later(3)), (5.0, later(4)), (1.0, later(6)))
    )
    expected += sum(normal(y, 3 * (REST + 2.0) * math.exp(-K * t), 0.4) for t, y in ((0, 12.5), (2, 4.0)))
    expected += normal(4.0, 10 * math.exp(-2 * K), 0.4)
    path = problem(conditions=changed)
    assert likelihood(path) == pytest.approx(expected, abs=2e-3)
    model, data, arguments = ldn.read_petab(path)
    found = ldn.fit(model, data, **arguments)  # by slopes through the states that are set
    assert found.converged
    for factor in (0.99, 1.01):
        moved = found.model.with_parameters(food=factor * found.parameters.value["food"])
        near = ldn.fit(moved, data, **(arguments | {"estimate": [], "sigma": found.sigma}))
        assert near.objective > found.objective


@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_an_experiment_may_begin_at_any_time(problem):
    later = (
        TABLES["experiments"]
        .replace("fasting      0", "fasting 0.5")
        .replace("rested       0", "rested -1.5")
    )
    path = problem(experiments=later)
    fed = lambda t: REST + (20 - REST) * math.exp(-K * (t - 0.5))  # noqa: E731
    after = lambda t: fed(3.0) * math.exp(-K * min(t - 3.0, 2.0) - 2.0 * max(t - 5.0, 0.0))  # noqa: E731
    expected = sum(
        normal(y, f, 0.5)
        for y, f in ((14.0, 0.5 + fed(1)), (9.0, after(3)), (5.0, after(4)), (1.0, after(6)))
    )
    expected += sum(normal(y, 3 * REST * math.exp(-K * (t + 1.5)), 0.4) for t, y in ((0, 12.5), (2, 4.0)))
    expected += normal(4.0, 10 * math.exp(-2 * K), 0.4)
    assert likelihood(path) == pytest.approx(expected, abs=2e-3)


@pytest.mark.kind(
    "petab-unreadable", sibling="PEtab 2: extensions, mappings, sizes set after the start, odd times"
)
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"yaml": YAML + "extensions: [{name: more}]\n"}, "has extensions"),
        (
            {
                "yaml": YAML + "mapping_files: [names.tsv]\n",
                "names": "petabEntityId modelEntityId\ninflow influx",
            },
            "maps 'inflow' to 'influx'",
        ),
        ({"yaml": YAML.replace("language: sbml", "language: bngl")}, "a model in 'bngl'"),
        ({"yaml": YAML.replace("{one:", "{two: {location: b.xml, language: sbml}, one:")}, "has 2 models"),
        (
            {"conditions": TABLES["conditions"].replace("starved inflow 0", "starved A A+inflow")},
            "state 'A' after the start to 'A.inflow', which names 'inflow'",
        ),
        (
            {"conditions": TABLES["conditions"].replace("late gain", "late food")},
            "'food' under conditions and in the table",
        ),
        ({"conditions": TABLES["conditions"] + "\nfed inflow 3"}, "sets 'inflow' twice under 'fed'"),
        (
            {"experiments": TABLES["experiments"].replace(" 3 ", " soon ")},
            "begins a period of 'fasting' at 'soon'",
        ),
        (
            {"experiments": TABLES["experiments"].replace("rested       0 ", "rested 1 ")},
            "measures 'rested' at 0, before it begins at 1",
        ),
        (
            {"experiments": TABLES["experiments"].replace("rested       0 ", "rested -inf")},
            "rest and then end",
        ),
        (
            {"measurements": TABLES["measurements"].replace("rested ", "resting")},
            "in 'resting', which is no experiment",
        ),
        ({"observables": TABLES["observables"].replace("normal", "log-laplace")}, "noise of kind 'laplace'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_named(problem, changed, words):
    with pytest.raises(InputError, match=words):
        ldn.read_petab(problem(**changed))


@pytest.mark.filterwarnings("ignore")  # of the package and what it stands on
def test_the_librarys_translation_of_version_1_has_the_same_objective(tmp_path):
    translate = pytest.importorskip("petab.v2.petab1to2").petab_files_1to2
    model = ldn.Model.from_antimony("model one; A' = -k*A; A = 0; k = 0.1; Cp := A/30; end")
    rows = [
        {"ID": 1, "TIME": 0, "AMT": 300},
        {"ID": 1, "TIME": 4, "DV": 7.2},
        {"ID": 2, "TIME": 0, "AMT": 150},
    ]
    data = ldn.read_data([*rows, {"ID": 2, "TIME": 9, "DV": 2.2}])
    asked = {
        "observe": "Cp",
        "cmt": "A",
        "estimate": ["k"],
        "iiv": [],
        "error": "additive",
        "sigma": {"additive": 0.3},
    }
    path = ldn.write_petab(tmp_path / "one", model, data, **asked)
    translate(path, tmp_path / "two")
    assert likelihood(tmp_path / "two" / path.name) == pytest.approx(likelihood(path), abs=1e-6)
