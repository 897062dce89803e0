"""PEtab problems against log likelihoods in closed form, what cannot be read, and the way out and back."""

import math

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError

from ..antimony_release import since_2_15
from .conftest import VERSION_1, likelihood, normal, table

pytest.importorskip("yaml")

MODEL = "model m; A' = inflow - k*A; A = start; inflow = 0; k = 0.3; start = 10; gain = 1; end"
PARAMETERS = """
parameterId parameterScale lowerBound upperBound nominalValue estimate
k           log10          1e-3       1e3        0.5          1
offset      lin            -10        10         0.25         1
slow        log            1e-3       1e3        0.2          1
sd          log10          1e-3       1e3        0.4          1
"""
OBSERVABLES = """
observableId observableFormula                    noiseFormula         observableTransformation noiseDistribution
level        observableParameter1_level+gain*A    noiseParameter1_level lin                     normal
shape        log(A+1)                             sd                    log10                   normal
"""
CONDITIONS = """
conditionId start  k    gain
high        20     slow 1
low         5      0.7  3
"""
MEASUREMENTS = """
observableId simulationConditionId measurement time observableParameters noiseParameters
level        high                  19.0        0    offset               0.5
level        high                  14.0        2    offset               0.5
level        low                   4.0         2    1.5                  sd
shape        high                  2.4         3    .                    .
shape        low                   1.1         1    .                    .
"""


@pytest.fixture
def problem(tmp_path):
    """Writes a problem; its texts can be exchanged."""

    def write(model=MODEL, **changed):
        given = {"parameters": PARAMETERS, "conditions": CONDITIONS, "observables": OBSERVABLES,
                 "measurements": MEASUREMENTS} | changed  # fmt: skip
        (tmp_path / "model.xml").write_text(ldn.Model.from_antimony(model).to_sbml())
        (tmp_path / "problem.yaml").write_text(given.pop("yaml", VERSION_1))
        for name, text in given.items():
            (tmp_path / f"{name}.tsv").write_text(table(text))
        return tmp_path / "problem.yaml"

    return write


@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_overrides_scales_and_noise_against_the_closed_form(problem):
    def amount(t, start, k):
        return start * math.exp(-k * t)

    expected = normal(19.0, 0.25 + 20.0, 0.5) + normal(14.0, 0.25 + amount(2, 20, 0.2), 0.5)
    expected += normal(4.0, 1.5 + 3 * amount(2, 5, 0.7), 0.4)
    for y, a in ((2.4, amount(3, 20, 0.2)), (1.1, amount(1, 5, 0.7))):
        expected += normal(math.log10(y), math.log10(math.log(a + 1)), 0.4) - math.log(y * math.log(10))
    assert likelihood(problem()) == pytest.approx(expected, abs=1e-5)


def test_what_is_shared_is_kept_and_told(problem):
    with pytest.warns(UserWarning, match="keep their values: sd"):
        model, data, arguments = ldn.read_petab(problem())
    assert arguments["estimate"] == ["k", "offset", "slow"] or set(arguments["estimate"]) == {
        "offset",
        "slow",
    }
    assert arguments["table"].loc["offset", ["lower", "upper", "transform"]].tolist() == [-10, 10, "none"]
    assert data.subjects == ("high", "low")
    assert model.parameters.loc["slow", "value"] == 0.2


def test_a_measurement_after_a_rest_starts_where_the_earlier_condition_ends(problem):
    path = problem(
        conditions="conditionId inflow\nrest 2\nmore 5",
        observables="observableId observableFormula noiseFormula\nlevel A 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\nk log10 1e-3 1e3 0.5 1",
        measurements="""
            observableId preequilibrationConditionId simulationConditionId measurement time
            level        rest                        more                  4.1         0
            level        rest                        more                  6.0         1
            level        rest                        more                  9.0         4
        """,
    )
    expected = sum(normal(y, 10 - 6 * math.exp(-0.5 * t), 0.5) for t, y in ((0, 4.1), (1, 6.0), (4, 9.0)))
    assert likelihood(path) == pytest.approx(expected, abs=1e-3)


@pytest.mark.kind("petab-unreadable")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"yaml": VERSION_1.replace("version: 1", "version: 3.0.0")}, "PEtab version 3.0.0"),
        ({"yaml": VERSION_1.replace("[model.xml]", "[model.xml, other.xml]")}, "2 SBML models"),
        ({"observables": OBSERVABLES.replace("normal", "laplace")}, "noise of kind 'laplace' on 'level'"),
        ({"observables": OBSERVABLES.replace("   sd  ", " sd*A  ")}, "logarithm of 'shape' that changes with 'A'"),
        ({"observables": OBSERVABLES.replace("log10", "probit")}, "transforms 'shape' by 'probit'"),
        ({"measurements": MEASUREMENTS.replace("low ", "none")}, "under 'none', which is no condition"),
        ({"conditions": CONDITIONS.replace("gain", "tau ")}, "sets 'tau'"),
        ({"conditions": CONDITIONS.replace("slow 1", "slow .")}, "leaves 'gain' open"),
        ({"parameters": PARAMETERS.replace("0.25 ", "many ")}, "'offset' no nominal value"),
        ({"parameters": PARAMETERS.replace("lin ", "cubic")}, "scale 'cubic'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_what_cannot_be_read_is_named(problem, changed, words):
    with pytest.raises(InputError, match=words):
        ldn.read_petab(problem(**changed))


@pytest.mark.parametrize(
    ("noise", "sd"),
    [
        ("log(sd+1)", math.log(1.4)),
        ("log2(sd+1)^2", math.log2(1.4) ** 2),
        ("log10(sd+1)+ln(2)", math.log10(1.4) + math.log(2)),
        ("sqrt(sd)*exp(-sd)", math.sqrt(0.4) * math.exp(-0.4)),
    ],
)
@pytest.mark.kind("petab-logarithm")
@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_functions_in_a_noise_mean_what_petab_says(problem, noise, sd):
    path = problem(observables=OBSERVABLES.replace("noiseParameter1_level", noise).replace(" sd  ", " 1.0 "),
                   measurements="observableId simulationConditionId measurement time observableParameters\n"
                   "level low 4.0 2 1.5")  # fmt: skip
    assert likelihood(path) == pytest.approx(normal(4.0, 1.5 + 15 * math.exp(-1.4), sd), abs=1e-5)


@pytest.mark.kind("petab-logarithm", sibling="of an observable, to any base")
def test_functions_of_an_observable_mean_what_petab_says(problem):
    path = problem(
        conditions="conditionId start\nlow 5",
        observables="observableId observableFormula noiseFormula\nlevel log(A)+10*log2(A)+100*log10(A)+log(3,A) 1",
        measurements="observableId simulationConditionId measurement time\nlevel low 100 1",
    )
    a = 5 * math.exp(-0.5)
    f = math.log(a) + 10 * math.log2(a) + 100 * math.log10(a) + math.log(a, 3)
    assert likelihood(path) == pytest.approx(normal(100.0, f, 1.0), abs=1e-4)


@pytest.mark.kind("petab-nothing-measured")
@pytest.mark.parametrize("nothing", ["NaN", "."])
@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_a_row_that_measures_nothing_is_told_of(problem, nothing):
    path = problem(measurements=MEASUREMENTS.replace(" 4.0 ", f" {nothing} "))
    with pytest.warns(UserWarning, match="measure nothing are passed over: 1"):
        data = ldn.read_petab(path)[1]
    assert len(data.observations) == 4


@pytest.mark.kind("petab-nothing-measured", sibling="a measurement or a time that is no number")
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("14.0 ", "many ", "measurement 'many' in row 2"),
        (" 2    offset", " soon offset", "time 'soon' in row 2"),
        (" 2    offset", " . offset", "no time in row 2"),
    ],
)
def test_a_measurement_or_a_time_that_is_no_number_is_refused(problem, old, new, words):
    with pytest.raises(InputError, match=words):
        ldn.read_petab(problem(measurements=MEASUREMENTS.replace(old, new)))


@pytest.mark.parametrize("given", ["A = 3", "substance"])
def test_a_condition_sets_the_size_of_a_compartment(problem, given):
    own = "A = 3" if given != "substance" else "A = 6/C"
    path = problem(
        model=f"model m; compartment C = 2; species A in C; {own}; J: A -> ; 0*A; extra = 3; end",
        conditions="conditionId C\nsmall 2\nlarge 5",
        observables="observableId observableFormula noiseFormula\nlevel A+C 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\nextra lin 0 9 3 0",
        measurements="observableId simulationConditionId measurement time\nlevel small 4.0 1\nlevel large 7.0 1",
    )
    large = 5 + (3.0 if given != "substance" else 6 / 5)
    assert likelihood(path) == pytest.approx(normal(4.0, 5.0, 0.5) + normal(7.0, large, 0.5), abs=1e-4)


def test_a_pre_equilibration_may_be_missing_in_words(problem):
    rows = "observableId preequilibrationConditionId simulationConditionId measurement time observableParameters\n"
    plain = likelihood(problem(measurements=rows + "shape . low 1.1 1 .\nshape . high 2.4 3 ."))
    assert likelihood(problem(measurements=rows + "shape NaN low 1.1 1 nan\nshape . high 2.4 3 .")) == plain


@pytest.mark.kind("petab-unreadable", sibling="a rest that the model never reaches")
def test_a_rest_that_is_none_is_refused(problem):
    path = problem(
        model="model m; A' = inflow; A = 1; inflow = 0; end",
        conditions="conditionId inflow\nrest 2\nmore 5",
        observables="observableId observableFormula noiseFormula\nlevel A 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\ns lin 0 1 0.5 0",
        measurements="observableId preequilibrationConditionId simulationConditionId measurement time\n"
        "level rest more 4.1 1",
    )
    with pytest.raises(InputError, match="'A' does not settle"):
        ldn.read_petab(path)


RESET = "observableId preequilibrationConditionId simulationConditionId measurement time\n"
VESSEL = (
    "model m; compartment C = 2; species A in C, B in C; A = 1; B = 0; J: A -> B; C*(k*A - k*B); k = 0.5; end"
)


@pytest.mark.parametrize(
    ("cells", "a", "b"),
    [
        ("rest 3 1\nmore 5 NaN", 5.0, 2.0),  # what is left open stays as the rest leaves it
        ("rest 3 1\nmore start 0.5", 7.0, 0.5),
        ("rest NaN NaN\nmore NaN 4", 0.5, 4.0),
    ],
    ids=["a number", "a parameter", "nothing before"],
)
def test_a_state_is_set_again_after_a_rest(problem, cells, a, b):
    path = problem(
        model=VESSEL,
        conditions=f"conditionId A B\n{cells}\nplain 2 2",
        observables="observableId observableFormula noiseFormula\nlevel A 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\nk log 0.01 9 0.5 1\n"
        "start lin 0 9 7 1",
        measurements=RESET
        + "level rest more 4.1 0\nlevel rest more 3.0 1\nlevel . plain 2.2 1\nlevel . rest 2.2 0",
    )
    at = lambda t: (a + b) / 2 + (a - b) / 2 * math.exp(-t)  # noqa: E731
    first = 3.0 if cells.startswith("rest 3") else 1.0
    expected = (
        normal(4.1, at(0), 0.5) + normal(3.0, at(1), 0.5) + normal(2.2, 2.0, 0.5) + normal(2.2, first, 0.5)
    )
    assert likelihood(path) == pytest.approx(expected, abs=1e-3)


@pytest.mark.kind("petab-unreadable", sibling="a compartment's size set after a rest")
def test_a_size_that_changes_after_a_rest_is_refused(problem):
    asked = {
        "model": VESSEL,
        "observables": "observableId observableFormula noiseFormula\nlevel A 0.5",
        "parameters": "parameterId parameterScale lowerBound upperBound nominalValue estimate\nk log 0.01 9 0.5 1",
        "measurements": RESET + "level rest more 4.1 1",
    }
    with pytest.raises(InputError, match="the size of 'C' after the start"):
        ldn.read_petab(problem(conditions="conditionId C\nrest 3\nmore 5", **asked))
    with pytest.raises(InputError, match="the size of 'C' after the start"):
        ldn.read_petab(problem(conditions="conditionId C\nrest .\nmore 5", **asked))
    same = likelihood(problem(conditions="conditionId C\nrest 3\nmore 3", **asked))
    assert same == pytest.approx(normal(4.1, 0.5, 0.5), abs=1e-3)


@pytest.mark.kind("petab-unreadable", sibling="a run to the rest that fails")
def test_a_rest_whose_run_fails_is_refused_for_that(problem):
    path = problem(
        model="model m; A' = inflow*A*A; A = 1; inflow = 0; end",
        conditions="conditionId inflow\nrest 2\nmore 0",
        observables="observableId observableFormula noiseFormula\nlevel A 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\ns lin 0 1 0.5 0",
        measurements=RESET + "level rest more 4.1 1",
    )
    with pytest.raises(InputError, match="its run up to there ends with"):
        ldn.read_petab(path)


# ---- out and back ---------------------------------------------------------------------------------------------


@pytest.fixture
def study():
    """Two people with doses of their own, and a covariate."""
    text = "model one; gut' = -ka*gut; A' = ka*gut - CL/V*A; gut = 0; A = 0; ka = 1.1; CL = 2; V = 30; Cp := A/V; end"
    rows = []
    for who, dose, v in ((1, 300.0, 25.0), (2, 150.0, 40.0)):
        rows += [{"ID": who, "TIME": t, "AMT": dose, "V": v} for t in (0.0, 12.0)]
        rows += [
            {"ID": who, "TIME": t, "DV": dose / v * math.exp(-t / 9), "V": v} for t in (1.0, 4.0, 13.0, 24.0)
        ]
    rows.sort(key=lambda row: (row["ID"], row["TIME"]))
    arguments = {"observe": "Cp", "cmt": "gut", "estimate": ["ka", "CL"], "iiv": [], "error": "lognormal",
                 "sigma": {"lognormal": 0.3}}  # fmt: skip
    return ldn.Model.from_antimony(text), ldn.read_data(pd.DataFrame(rows)), arguments


def test_what_is_written_reads_back_to_the_same_objective(study, tmp_path):
    model, data, arguments = study
    whole = ldn.fit(model, data, **(arguments | {"estimate": []})).objective
    path = ldn.write_petab(tmp_path / "out", model, data, **arguments)
    again, measured, read = ldn.read_petab(path)
    assert set(read["estimate"]) == {"ka", "CL"}
    found = ldn.predict(again, measured, read["observe"]).PRED.dropna()
    expected = ldn.predict(model, data, "Cp", "gut").PRED.dropna()
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    y, f = data.observations.DV.to_numpy(), found.to_numpy()
    assert -2 * sum(
        normal(math.log(a), math.log(b), 0.3) - math.log(a) for a, b in zip(y, f, strict=True)
    ) == (pytest.approx(whole, abs=1e-4))


@pytest.mark.filterwarnings("ignore")  # of the package and what it stands on
def test_the_linter_accepts_what_is_written(study, tmp_path):
    lint = pytest.importorskip("petab.v1.lint")
    from petab.v1 import Problem

    model, data, arguments = study
    path = ldn.write_petab(tmp_path / "out", model, data, **arguments)
    assert lint.lint_problem(Problem.from_yaml(str(path))) is False  # no errors


@pytest.mark.kind("petab-unwritable")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"iiv": ["CL"]}, "iiv=.*random|all subjects are alike"),
        ({"sigma": {}}, "must give 'lognormal'"),
        ({"estimate": ["CLL"]}, "CLL"),
        ({"error": "poisson"}, "poisson"),
        ({"weights": 1}, "weights"),
        ({"cmt": None}, "boluses into a state"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_petab_has_no_words_for_is_refused(study, tmp_path, changed, words):
    model, data, arguments = study
    with pytest.raises((InputError, UnknownNameError), match=words):
        ldn.write_petab(tmp_path, model, data, **(arguments | changed))


@pytest.mark.kind("petab-unwritable", sibling="values below the limit of quantification")
def test_values_below_a_limit_are_not_written(study, tmp_path):
    model, _, arguments = study
    rows = [
        {"ID": 1, "TIME": 0, "AMT": 300, "DV": None},
        {"ID": 1, "TIME": 4, "DV": 0.5, "CENS": 1, "LLOQ": 1.0},
    ]
    data = ldn.read_data(pd.DataFrame(rows))
    with pytest.raises(InputError, match="below the limit"):
        ldn.write_petab(tmp_path, model, data, **arguments)


# ---- noise, infinity, open conditions --------------------------------------------------------------------------

ONE = "conditionId start\nhigh 20\nlow 5"
TWO_TIMES = """
    observableId simulationConditionId measurement time
    level        high                  14.0        1
    level        low                   2.0         2
"""
WITH_SD = """
    parameterId parameterScale lowerBound upperBound nominalValue estimate
    k           log10          1e-3       1e3        0.5          1
    a           log10          1e-3       1e3        0.3          1
    b           log10          1e-3       1e3        0.1          1
"""


@pytest.mark.parametrize(
    ("noise", "spread", "error", "parts"),
    [
        ("b*(1+A)", lambda f: 0.1 * f, "proportional", {"proportional": 0.1}),
        ("b*A+b", lambda f: 0.1 * f, "proportional", {"proportional": 0.1}),
        (
            "sqrt(a^2+(b*(A+1))^2)",
            lambda f: math.hypot(0.3, 0.1 * f),
            "combined",
            {"additive": 0.3, "proportional": 0.1},
        ),
        ("a+b*(1+A)", lambda f: 0.3 + 0.1 * f, "combined1", {"additive": 0.3, "proportional": 0.1}),
        ("a+b+b*A", lambda f: 0.3 + 0.1 * f, "combined1", {"additive": 0.3, "proportional": 0.1}),
        ("a+0*A", lambda f: 0.3, "additive", {"additive": 0.3}),
        ("2*a", lambda f: 0.6, "additive", {"additive": 0.6}),
    ],
)
@pytest.mark.filterwarnings("ignore:noise parameters that several")
def test_noise_that_follows_the_observable(problem, noise, spread, error, parts):
    path = problem(
        conditions=ONE,
        observables=f"observableId observableFormula noiseFormula\nlevel A+1 {noise}",
        parameters=WITH_SD,
        measurements=TWO_TIMES,
    )
    arguments = ldn.read_petab(path)[2]
    assert arguments["error"] == {"level": error}
    assert arguments["sigma"] == pytest.approx(parts)
    assert arguments["fixed"] == (["additive"] if noise == "2*a" else [])
    fs = [20 * math.exp(-0.5) + 1, 5 * math.exp(-1.0) + 1]
    expected = sum(normal(y, f, spread(f)) for y, f in zip((14.0, 2.0), fs, strict=True))
    assert likelihood(path) == pytest.approx(expected, abs=1e-4)


@pytest.mark.kind("petab-unreadable", sibling="noise of a form that fit has no word for")
@pytest.mark.parametrize("noise", ["a+b*abs(A+1)", "a-b*(A+1)", "b*A", "b*(A+1)*time", "b*k*A^2"])
def test_noise_of_another_form_is_named(problem, noise):
    path = problem(
        conditions=ONE,
        observables=f"observableId observableFormula noiseFormula\nlevel A+1 {noise}",
        parameters=WITH_SD,
        measurements=TWO_TIMES,
    )
    with pytest.raises(
        InputError, match=r"has noise on 'level' that changes with '(A|time)'; a constant, a multiple"
    ):
        ldn.read_petab(path)


def test_a_measurement_at_infinity_is_one_of_the_rest(problem):
    path = problem(
        conditions="conditionId inflow\nsome 2\nmore 5",
        observables="observableId observableFormula noiseFormula\nlevel A 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\nk log10 1e-3 1e3 0.5 1",
        measurements="observableId simulationConditionId measurement time\nlevel some 4.1 inf\nlevel more 9.0 1\n"
        "level more 9.5 inf",
    )
    fs = [4.0, 10.0, 10.0]
    expected = sum(normal(y, f, 0.5) for y, f in zip((4.1, 9.0, 9.5), fs, strict=True))
    assert likelihood(path) == pytest.approx(expected, abs=1e-3)


@pytest.mark.kind("petab-unreadable", sibling="a measurement at infinity of a model that never rests")
def test_a_measurement_at_infinity_of_what_never_rests_is_refused(problem):
    path = problem(
        model="model m; A' = inflow; A = 1; inflow = 0; end",
        conditions="conditionId inflow\nmore 5",
        observables="observableId observableFormula noiseFormula\nlevel A 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\ns lin 0 1 0.5 0",
        measurements="observableId simulationConditionId measurement time\nlevel more 4.1 inf",
    )
    with pytest.raises(InputError, match="'A' does not settle"):
        ldn.read_petab(path)


@pytest.mark.parametrize(
    ("size", "given", "own"), [(1, "S = 7", 7.0), (2, "S = 7", 7.0), (2, "S = 2*extra", 6.0)]
)
def test_a_species_that_some_conditions_leave_open_starts_as_the_model_says(problem, size, given, own):
    text = f"model m; compartment C = {size}; species S in C; {given}; J: S -> ; 0*S; extra = 3; end"
    path = problem(
        model=text,
        conditions="conditionId S\nset 4\nopen .",
        observables="observableId observableFormula noiseFormula\nlevel S 0.5",
        parameters="parameterId parameterScale lowerBound upperBound nominalValue estimate\nextra lin 0 9 3 0",
        measurements="observableId simulationConditionId measurement time\nlevel set 4.0 1\nlevel open 7.0 1",
    )
    assert likelihood(path) == pytest.approx(normal(4.0, 4.0, 0.5) + normal(7.0, own, 0.5), abs=1e-4)


@pytest.mark.kind("petab-unreadable", sibling="a condition that sets what a rule sets")
def test_a_condition_that_sets_what_a_rule_sets_is_refused(problem):
    with pytest.raises(InputError, match="sets 'gain' under conditions, which follows a rule"):
        ldn.read_petab(problem(model=MODEL.replace("gain = 1", "gain := 1 + time")))
    with pytest.raises(InputError, match="gives 'k' a value, which follows a rule"):
        ldn.read_petab(problem(model=MODEL.replace("k = 0.3", "k := 0.3 + time")))


def test_a_condition_says_where_what_a_rate_rule_moves_starts(problem):
    path = problem(
        conditions="conditionId A\nhigh 20\nlow 5",
        observables="observableId observableFormula noiseFormula\nlevel A a",
        parameters=WITH_SD,
        measurements=TWO_TIMES,
    )
    expected = normal(14.0, 20 * math.exp(-0.5), 0.3) + normal(2.0, 5 * math.exp(-1.0), 0.3)
    assert likelihood(path) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("error", ["proportional", "combined", "combined1"])
def test_noise_that_follows_the_observable_is_written_and_read_back(study, tmp_path, error):
    model, data, arguments = study
    sigma = {"proportional": 0.2} | ({"additive": 0.1} if error != "proportional" else {})
    asked = arguments | {"error": error, "sigma": sigma}
    whole = ldn.fit(model, data, **(asked | {"estimate": []})).objective
    path = ldn.write_petab(tmp_path / "out", model, data, **asked)
    assert -2 * likelihood(path) == pytest.approx(whole, abs=1e-4)


TWO = "model one; compartment C = 30; {kind}species gut in C, body in C; gut = 0; body = 0; {flow} ka = 1.1; CL = 2; end"
BY_AMOUNT = "J: gut -> body; ka*gut; K: body -> ; CL*body/C;"
BY_CONCENTRATION = "J: gut -> body; ka*gut*C; K: body -> ; CL*body;"


@since_2_15
@pytest.mark.kind("petab-observes-as-here")
@pytest.mark.kind("petab-observes-as-here", sibling="an amount of a species that is a concentration")
@pytest.mark.parametrize("observed", ["body", "body.amount", "K"])
@pytest.mark.parametrize(
    "text",
    [
        TWO.format(kind="substanceOnly ", flow=BY_AMOUNT),
        TWO.format(kind="", flow=BY_CONCENTRATION),
    ],
    ids=["amounts", "concentrations"],
)
def test_what_is_observed_is_written_as_it_is_returned_here(tmp_path, text, observed):
    model = ldn.Model.from_antimony(text)
    if observed not in model.outputs.index:
        observed = model.amounts["body"]
    rows = [{"ID": 1, "TIME": 0, "AMT": 300}] + [
        {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 6.1), (4, 7.5))
    ]
    asked = {"observe": observed, "cmt": "gut", "estimate": ["ka"], "iiv": [], "error": "combined1",
             "sigma": {"additive": 1.0, "proportional": 0.2}}  # fmt: skip
    here = ldn.fit(model, ldn.read_data(rows), **(asked | {"estimate": []})).objective
    path = ldn.write_petab(tmp_path / "one", model, ldn.read_data(rows), **asked)
    assert -2 * likelihood(path) == pytest.approx(here, rel=1e-7)


def test_a_parameter_of_one_reaction_is_written_as_one_of_the_model(tmp_path):
    text = ldn.Model.from_antimony(TWO.format(kind="", flow=BY_CONCENTRATION)).to_sbml()
    k = text.index('<reaction id="K"')
    end = text.index("</kineticLaw>", k)
    own = '<listOfLocalParameters><localParameter id="CL" value="3"/></listOfLocalParameters>'
    model = ldn.Model.from_sbml(text[:end] + own + text[end:])
    doses = [{"ID": s, "TIME": 0, "AMT": 300, "K_CL": v} for s, v in ((1, 3.0), (2, 5.0))]
    rows = [
        *doses[:1],
        {"ID": 1, "TIME": 4, "DV": 6.0, "K_CL": 3.0},
        *doses[1:],
        {"ID": 2, "TIME": 4, "DV": 4.0, "K_CL": 5.0},
    ]
    asked = {"observe": "body", "cmt": "gut", "estimate": ["ka"], "iiv": [], "sigma": {"additive": 1.0}}
    here = ldn.fit(model, ldn.read_data(rows), **(asked | {"estimate": []})).objective
    path = ldn.write_petab(tmp_path / "one", model, ldn.read_data(rows), **asked)
    assert -2 * likelihood(path) == pytest.approx(here, rel=1e-7)


@pytest.mark.kind("petab-unwritable", sibling="the size of a compartment that is estimated")
def test_sizes_are_not_estimated_in_petab(tmp_path):
    model = ldn.Model.from_antimony(TWO.format(kind="", flow=BY_CONCENTRATION))
    data = ldn.read_data([{"ID": 1, "TIME": 0, "AMT": 300}, {"ID": 1, "TIME": 4, "DV": 7.5}])
    asked = {"observe": "body", "cmt": "gut", "iiv": [], "sigma": {"additive": 1.0}}
    with pytest.raises(InputError, match="'C': is the size of a compartment"):
        ldn.write_petab(tmp_path / "one", model, data, estimate=["C"], **asked)
