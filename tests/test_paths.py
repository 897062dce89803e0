"""One rule for each input, whatever path it takes: a path or an input added to its table is tested with all others.

An input is a way to say something of a model or of what is taken, beside another way to say the same. A path gives
one number, the change of pain (%). Said either way it must be the same number, and not the one without it. Where a
path takes draws, these are of the model before anything was chosen on it.
"""

import json
import shutil
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.library import models_folder
from ldnsim.sweeps.planfile import read_plan

PROBE = "pain_change"
DAYS, N = 3, 6


@dataclass(frozen=True)
class Case:
    """What a path is given."""

    folder: object
    model: ldn.Model
    draws: pd.DataFrame
    taken: dict = field(default_factory=dict)  # arguments of a regimen
    columns: dict = field(default_factory=dict)  # stated in each of its records

    @property
    def arguments(self):
        return {"dose": 4.5, "at": "22:00", **self.taken}

    @property
    def regimen(self):
        regimen = ldn.Regimen.daily(**self.arguments, days=DAYS)
        return (
            ldn.Regimen.from_records(regimen.to_records().assign(**self.columns)) if self.columns else regimen
        )

    def under(self, model):
        """The same with another model, and the draws made for it."""
        return replace(self, model=model, draws=ldn.posterior(model, N))


def add_row(path, **row):
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[len(table)] = [str(row.get(c, "assumed" if c in ("grade", "source") else "")) for c in table]
    table.to_csv(path, index=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A model folder of one's own: the shipped one with a formulation and a drug more."""
    folder = tmp_path_factory.mktemp("own") / "ldn"
    shutil.copytree(models_folder() / "ldn", folder)
    shutil.copy(models_folder() / "references.bib", folder.parent)
    half = {"cmt": "A_gut", "fraction": "salt_factor*0.5", "lag": "tlag", "duration": 0}
    add_row(folder / "formulations.csv", drug="naltrexone", formulation="half", **half)
    add_row(folder / "formulations.csv", drug="wonderol", formulation="pill", **half)
    add_row(folder / "formulations.csv", drug="wonderol", formulation="dud", **half | {"fraction": 0})
    add_row(
        folder / "drugs.csv", drug="wonderol", kind="antagonist", unit="mg", formulation="pill", interval=24
    )
    model = ldn.load_model(folder)
    return Case(folder, model, ldn.posterior(model, N))


# ---- inputs: what kind, said so, and said otherwise -------------------------------------------------------------


HALF = lambda c: replace(c, taken={"dose": 2.25})  # noqa: E731
INPUTS = {
    "scenario": (
        "choice",
        lambda c: replace(c, model=c.model.with_scenario("in_vitro_tlr4")),
        lambda c: c.under(c.model.with_parameters(IC50_tlr4=105500.0, w_ntxol_tlr4=0.4345)),
    ),
    "condition": (
        "choice",
        lambda c: replace(c, model=c.model.with_condition("neuropathic_pain")),
        lambda c: c.under(c.model.with_parameters(**c.model.condition_presets["neuropathic_pain"].values)),
    ),
    "with_parameters": (
        "choice",
        lambda c: replace(c, model=c.model.with_parameters(pain_gain=0.8)),
        lambda c: c.under(c.model.with_scenario("pain_final")),
    ),
    "covariate of the records": (
        "records",
        lambda c: replace(c, columns={"weight": 120.0}),
        lambda c: c.under(c.model.with_parameters(weight=120.0)),
    ),
    "formulation of one's own": ("formulation", lambda c: replace(c, taken={"formulation": "half"}), HALF),
    "drug of one's own": (
        "drug",
        lambda c: replace(c, taken={"drug": "wonderol", "formulation": "pill"}),
        HALF,
    ),
    "usual formulation of one's own": ("drug", lambda c: replace(c, taken={"drug": "wonderol"}), HALF),
}

# ---- paths: what kinds it has a way in for, whether it is given draws, and its number ----------------------------

ALL = {"choice", "records", "formulation", "drug"}
ARGUMENTS = ALL - {"records"}


def of(ds):
    return float(np.median(np.ravel(ds[PROBE])))


def simulate(c, **how):
    return ldn.simulate(c.model, c.regimen, subjects=c.draws, progress=False, **how)


def steady_state(c):
    return of(ldn.summarize(ldn.steady_state(c.model, c.regimen, subjects=c.draws)))


def sweep(c, over, **how):
    return of(ldn.sweep(c.model, over, draws=c.draws, metrics=[PROBE], progress=False, **how))


def plan_file(c):
    told = {"model": str(c.folder), "days": DAYS, "metrics": [PROBE], **c.arguments}
    told |= {k: v for k in ("scenario", "condition") if (v := getattr(c.model, k))}
    over = told.pop("dose")
    lines = [f"{k} = {v!r}" for k, v in told.items()] + ["[over]", f"dose = [{over}]", "[parameters]"]
    plan = c.folder.parent / "plan.toml"
    plan.write_text("\n".join(lines + [f"{k} = {v!r}" for k, v in c.model.overrides.items()]))
    return of(ldn.sweep(**read_plan(plan, ldn.posterior), progress=False))


def sensitivity(c):
    draws = pd.concat([c.draws] * 4, ignore_index=True)  # as many as an interval takes
    draws.attrs = c.draws.attrs
    how = {"metric": PROBE, "parameters": ["F_oral"], "draws": draws, "rtol": 1e-6}
    return float(ldn.sensitivity(c.model, c.regimen, **how)["slope_low"].iloc[0])


def optimize(c):
    few = {"candidates": 5, "generations": 1, "days": DAYS, "progress": False}
    arguments = c.arguments
    dose = arguments.pop("dose")
    over = {"dose": [dose, 1.001 * dose]}
    found = ldn.optimize(c.model, {PROBE: "max"}, over, draws=c.draws, **arguments, **few)
    return float(found.best[PROBE])


def compare(c):
    return float(ldn.compare(c.model, {"it": c.regimen}, metrics=[PROBE], draws=c.draws)[PROBE][1].item())


def dose_response(c):
    arguments = c.arguments
    doses = [arguments.pop("dose")]
    return float(
        ldn.dose_response(c.model, doses, PROBE, days=DAYS, draws=c.draws, **arguments)[PROBE][1].item()
    )


def headlines(c):
    return float(ldn.headlines(c.model, {"it": c.regimen}, n=N)["median"]["it", PROBE])


def claims(c):
    return float(ldn.claims(c.model, only=["pain"], draws=N).answer["pain"])


def virtual_trial(c):
    few = {"n": 40, "weeks": 0.6, "trials": 20, "worlds": 2, "patients": 4, "sd": 0.0}
    return float(ldn.virtual_trial(c.model, {"none": None, "LDN": c.regimen}, **few).difference.mean())


def command(c, capsys):
    words = [f"--{k}={v}" for k, v in c.arguments.items()]
    words += [f"--{k}={v}" for k in ("scenario", "condition") if (v := getattr(c.model, k))]
    words += [f"--param={k}={v!r}" for k, v in c.model.overrides.items()]
    assert cli.run(["simulate", f"--model={c.folder}", f"--days={DAYS}", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)["metrics"][""][PROBE]["value"]


PATHS = {
    "simulate": (ALL, True, lambda c: of(ldn.summarize(simulate(c)))),
    "simulate(metrics)": (ALL, True, lambda c: of(simulate(c, metrics=[PROBE]))),
    "simulate(store)": (
        ALL,
        True,
        lambda c: of(simulate(c, metrics=[PROBE], store=c.folder.parent / "a.zarr")),
    ),
    "simulate(dtype, rtol)": (
        ALL,
        True,
        lambda c: of(simulate(c, metrics=[PROBE], dtype="float32", rtol=1e-7)),
    ),
    "steady_state": (ALL, True, steady_state),
    "sweep over regimens": (ALL, True, lambda c: sweep(c, {"regimen": {"it": c.regimen}})),
    "sweep over arguments": (ARGUMENTS, True, lambda c: sweep(c, {"days": [DAYS]}, **c.arguments)),
    "plan file": (ARGUMENTS, False, plan_file),
    "sensitivity": (ALL, True, sensitivity),
    "optimize": (ARGUMENTS, True, optimize),
    "compare": (ALL, True, compare),
    "dose_response": ({"choice", "formulation"}, True, dose_response),
    "headlines": (ALL, False, headlines),
    "claims": ({"choice"}, False, claims),
    "virtual_trial": (ALL, False, virtual_trial),
    "ldnsim simulate": (ARGUMENTS, False, command),
}

SLOW = [("sensitivity", "scenario")]  # slopes of the whole model in a structure of its own are compiled for it
WALKED = [
    pytest.param(path, name, marks=[pytest.mark.slow] if (path, name) in SLOW else [])
    for path in PATHS
    for name in INPUTS
    if INPUTS[name][0] in PATHS[path][0]
]


@pytest.fixture(scope="module")
def without(plain):
    """The number of each path where nothing was said, found once."""
    found = {}

    def number(path, *more):
        if path not in found:
            found[path] = PATHS[path][2](plain, *more)
        return found[path]

    return number


@pytest.mark.kind("path")
@pytest.mark.filterwarnings("ignore:left out of the posterior draws")
@pytest.mark.filterwarnings("ignore:in the draws .* goes together")  # what a scenario sets, said by hand
@pytest.mark.parametrize(("path", "name"), WALKED)
def test_every_path_honours_it(path, name, plain, without, request):
    _, said, otherwise = INPUTS[name]
    number = PATHS[path][2]
    more = [request.getfixturevalue("capsys")] if number is command else []
    got, want = number(said(plain), *more), number(otherwise(plain), *more)
    assert got == pytest.approx(want, rel=2e-3, abs=1e-6)
    assert abs(got - without(path, *more)) > 0.02 * abs(got)


@pytest.mark.kind("path", sibling="draws of what was chosen")
@pytest.mark.parametrize("path", [path for path, (_, drawn, _) in PATHS.items() if drawn])
def test_draws_of_what_was_chosen_are_left_out_with_a_word(path, plain):
    chosen = replace(plain, model=plain.model.with_scenario("in_vitro_tlr4"))
    with pytest.warns(UserWarning, match=r"left out of the posterior draws.*'IC50_tlr4' \(the scenario"):
        PATHS[path][2](chosen)


@pytest.mark.kind("own-name", sibling="a misspelt name, on every path")
@pytest.mark.parametrize("path", [path for path, (kinds, _, _) in PATHS.items() if "formulation" in kinds])
def test_an_unknown_formulation_is_refused_by_name(path, plain, capsys):
    case = replace(plain, taken={"formulation": "capsul"})
    if PATHS[path][2] is command:
        assert cli.run(["simulate", "--dose", "4.5", "--formulation", "capsul"]) == 2
        assert "did you mean 'capsule'?" in capsys.readouterr().err
        return
    with pytest.raises(ldn.UnknownNameError, match=r"formulation='capsul'.*did you mean 'capsule'\?"):
        PATHS[path][2](case)
