"""Objective priors of PEtab problems: densities against those of the petab library's words, both versions, out and back."""

import math

import numpy as np
import pytest
from scipy import stats

import ldnsim as ldn
from ldnsim.errors import InputError, UnknownNameError

from .conftest import VERSION_1, VERSION_2, likelihood, table

pytest.importorskip("yaml")

K, SD = 0.5, 0.4


@pytest.fixture
def problem(tmp_path):
    """Writes a problem with one prior on k and one on sd."""

    def write(rows, version=1, scale="log10", transformation="lin"):
        model = ldn.Model.from_antimony("model m; A' = -k*A; A = 10; k = 0.3; end")
        (tmp_path / "model.xml").write_text(model.to_sbml())
        (tmp_path / "problem.yaml").write_text(VERSION_1 if version == 1 else VERSION_2)
        head = "parameterId parameterScale lowerBound upperBound nominalValue estimate"
        head += " objectivePriorType objectivePriorParameters"
        body = [f"{name} {scale} 1e-3 1e3 {value} 1 {prior}" for name, value, prior in rows]
        if version == 2:
            head = "parameterId lowerBound upperBound nominalValue estimate priorDistribution priorParameters"
            body = [f"{name} 1e-3 1e3 {value} true {prior}" for name, value, prior in rows]
        texts = {
            "parameters": "\n".join([head, *body]),
            "conditions": "conditionId\nc",
            "observables": "observableId observableFormula noiseFormula observableTransformation\n"
            f"level A sd {transformation}",
            "measurements": "observableId simulationConditionId measurement time\nlevel c 6.0 1\nlevel c 4.0 2\n"
            "level c 1.5 3\nlevel c 1.0 4",
        }
        if version == 2:
            texts["measurements"] = texts["measurements"].replace(" c ", " . ").replace("simulationCond", "experiment")
            texts["measurements"] = texts["measurements"].replace("experimentitionId", "experimentId")
            texts["observables"] = "observableId observableFormula noiseFormula\nlevel A sd"
        for name, text in texts.items():
            (tmp_path / f"{name}.tsv").write_text(table(text))
        return tmp_path / "problem.yaml"

    return write


L10 = math.log10
DENSITIES = {
    "normal 0.7;0.2": stats.norm(0.7, 0.2).logpdf(K),
    "laplace 0.7;0.2": stats.laplace(0.7, 0.2).logpdf(K),
    "uniform 0.1;0.9": -math.log(0.8),
    "logNormal -1;0.5": stats.lognorm(0.5, scale=math.exp(-1)).logpdf(K),
    "logLaplace -1;0.5": stats.loglaplace(2.0, scale=math.exp(-1)).logpdf(K),
    "parameterScaleNormal -0.2;0.3": stats.norm(-0.2, 0.3).logpdf(L10(K)),
    "parameterScaleLaplace -0.2;0.3": stats.laplace(-0.2, 0.3).logpdf(L10(K)),
    "parameterScaleUniform -2;1": -math.log(3.0),
    "parameterScaleUniform .": 0.0,
}
DENSITIES2 = {
    "normal 0.7;0.2": stats.norm(0.7, 0.2).logpdf(K),
    "log-normal -1;0.5": stats.lognorm(0.5, scale=math.exp(-1)).logpdf(K),
    "log-laplace -1;0.5": stats.loglaplace(2.0, scale=math.exp(-1)).logpdf(K),
    "log-uniform 0.1;2": stats.loguniform(0.1, 2.0).logpdf(K),
    "cauchy 0.7;0.2": stats.cauchy(0.7, 0.2).logpdf(K),
    "gamma 3;0.2": stats.gamma(3.0, scale=0.2).logpdf(K),
    "exponential 0.4": stats.expon(scale=0.4).logpdf(K),
    "chisquare 3": stats.chi2(3.0).logpdf(K),
    "rayleigh 0.4": stats.rayleigh(scale=0.4).logpdf(K),
}


@pytest.mark.kind("petab-priors")
@pytest.mark.parametrize(("version", "prior"), [(1, p) for p in DENSITIES] + [(2, p) for p in DENSITIES2])
def test_a_prior_counts_by_its_density(problem, version, prior):
    plain = likelihood(problem([("k", K, ". ."), ("sd", SD, ". .")], version))
    found = likelihood(problem([("k", K, prior), ("sd", SD, ". .")], version))
    expected = (DENSITIES if version == 1 else DENSITIES2)[prior]
    assert found - plain == pytest.approx(expected, abs=1e-9)


@pytest.mark.kind("petab-priors", sibling="of a noise, whose logarithms are decimal")
@pytest.mark.parametrize("prior", ["normal 0.5;0.1", "parameterScaleNormal -0.3;0.2", "logNormal -1;0.3"])
def test_a_prior_of_a_noise_moves_the_estimate_as_it_would_in_petabs_own_unit(problem, prior):
    path = problem([("k", K, ". ."), ("sd", SD, prior)], transformation="log10")
    model, data, arguments = ldn.read_petab(path)
    found = ldn.fit(model, data, **arguments, progress=False).sigma["lognormal"] / math.log(10.0)
    y, t = np.log10([6.0, 4.0, 1.5, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])
    k = -((y - 1.0) @ t) / (t @ t) * math.log(10.0)
    sds = np.linspace(0.02, 1.0, 200_001)
    square = ((y - 1.0 + k * t / math.log(10.0)) ** 2).sum()
    log = -0.5 * square / sds**2 - 4 * np.log(sds)
    kind, numbers = prior.split()
    a, b = map(float, numbers.split(";"))
    log += {"normal": stats.norm(a, b).logpdf(sds), "parameterScaleNormal": stats.norm(a, b).logpdf(np.log10(sds)),
            "logNormal": stats.lognorm(b, scale=math.exp(a)).logpdf(sds)}[kind]  # fmt: skip
    assert found == pytest.approx(sds[log.argmax()], rel=2e-3)


@pytest.mark.filterwarnings("ignore")  # of the package and what it stands on
@pytest.mark.parametrize("prior", [p for p in DENSITIES if not p.startswith("parameterScale")])
def test_densities_of_values_are_those_of_the_petab_library(problem, prior):
    library = pytest.importorskip("petab.v1.priors")
    from petab.v1 import Problem

    path = problem([("k", K, prior), ("sd", SD, ". .")])
    row = Problem.from_yaml(str(path)).parameter_df.loc["k"].to_dict()
    own = library.Prior.from_par_dict(row, "objective", _bounds_truncate=False)
    assert DENSITIES[prior] == pytest.approx(-own.neglogprior(K), abs=1e-9)


@pytest.mark.kind("petab-priors", sibling="of an unknown kind, with numbers that are none, that excludes the start")
@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ("beta 1;2", "prior of 'k'.*'beta'"),
        ("normal 1;many", "the prior of 'k' the numbers '1;many'"),
        ("normal 1;-2", "sd > 0"),
        ("uniform 2;1", "end above where it begins"),
        ("uniform 0.6;1", "excludes 0.5, from where the search starts"),
    ],
)
def test_what_is_no_prior_is_refused(problem, prior, words):
    with pytest.raises((InputError, UnknownNameError), match=words):
        likelihood(problem([("k", K, prior), ("sd", SD, ". .")]))


@pytest.mark.parametrize(
    ("prior", "kind"),
    [
        ({"k": "normal(-0.7, 0.2) of log"}, "parameterScaleNormal"),
        ({"k": "normal(-0.3, 0.1) of log10"}, "parameterScaleNormal"),
        ({"k": "lognormal(-0.7, 0.2)", "additive": "laplace(0.5, 0.1)"}, "logNormal"),
        ({"k": "uniform(0.1, 3)", "additive": "uniform(-3, 3) of log"}, "uniform"),
        ({"k": 1.5}, "parameterScaleNormal"),
    ],
)
def test_priors_are_written_and_read_back(tmp_path, prior, kind):
    model = ldn.Model.from_antimony("model one; A' = -k*A; A = 0; k = 0.5; end")
    rows = [{"ID": 1, "TIME": 0, "AMT": 10}] + [
        {"ID": 1, "TIME": t, "DV": v} for t, v in ((1, 6.0), (2, 4.0), (3, 1.5), (4, 1.0))
    ]
    asked = {"observe": "A", "cmt": "A", "estimate": ["k"], "iiv": [], "error": "additive", "sigma": {"additive": 0.5},
             "prior": prior}  # fmt: skip
    first = ldn.fit(model, ldn.read_data(rows), **asked)
    path = ldn.write_petab(tmp_path / "out", model, ldn.read_data(rows), **asked)
    assert kind in (tmp_path / "out" / "parameters.tsv").read_text()
    again = ldn.fit(*ldn.read_petab(path)[:2], **ldn.read_petab(path)[2])
    np.testing.assert_allclose(again.parameters.value, first.parameters.value, rtol=1e-4)
    constant = 2 * math.log(math.log(10)) if "log10" in str(prior) else 0.0  # a density of another logarithm
    assert again.objective == pytest.approx(first.objective + constant, abs=1e-4)


@pytest.mark.kind("petab-unwritable", sibling="priors that PEtab 1 has no words for")
@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ({"k": "gamma(2, 1)"}, "has no words in PEtab 1"),
        ({"k": "loguniform(1, 2)"}, "has no words in PEtab 1"),
        ({"A0": "normal(1, 2)"}, "'A0'.*is not estimated"),
        ({"k": 0.5}, "geometric standard deviation > 1"),
    ],
)
def test_priors_without_words_are_refused(tmp_path, prior, words):
    model = ldn.Model.from_antimony("model one; A' = -k*A; A = A0; A0 = 10; k = 0.5; end")
    data = ldn.read_data([{"ID": 1, "TIME": 1, "DV": 6.0}])
    with pytest.raises(InputError, match=words):
        ldn.write_petab(tmp_path, model, data, observe="A", estimate=["k"], sigma={"additive": 1.0}, prior=prior)
