"""Call every public function with every kind of wrong argument: only errors of the package itself may come.

``python -m tests.fuzz 10000`` makes so many calls, chosen by a seed that is printed, and says which were
answered otherwise; ``--seed`` repeats them. The walk over all pairs of argument and value is a test of its own,
`tests/test_doors.py`.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import functools
import inspect
import io
import random
import re
import signal
import sys
import tempfile
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import xarray as xr

import ldnsim as ldn

from .conftest import public

SECONDS = 60  # longer than any refusal takes, on a busy machine too
OWN = (ldn.InputError, ldn.UnknownNameError, ldn.ModelError)
STUDY = {"variable": "mu_occupancy_brain", "dose": 50, "days": 1, "n": 4, "sd": 0.07, "hours": [4]}
GOALS = {"change_il6": "min", "hours_blocked_peripheral": "min"}
RULE = "from 1.5 mg raise by 1.5 mg each 7 days to 4.5 mg unless max withdrawal > 0.2; hold"

# Values by name: what each is, in the words of annotations. What fits an annotation may be taken or refused.
VALUES = {
    "None": (None, "None"),
    "a text": ("nonsense", "str"),
    "an empty text": ("", "str"),
    "bytes": (b"nonsense", ""),
    "true": (True, "bool"),
    "true of NumPy": (np.True_, "bool"),
    "whole": (-3, "int float"),
    "zero": (0, "int float"),
    "a number": (-0.5, "float"),
    "nan": (float("nan"), "float"),
    "inf": (float("inf"), "float"),
    "beyond all floats": (10**400, "int float"),
    "complex": (1 + 2j, ""),
    "a span": (dt.timedelta(hours=1), ""),
    "a span of NumPy": (np.timedelta64(3, "ns"), ""),
    "a date": (dt.datetime(2024, 1, 1), ""),
    "masked": (np.ma.masked, ""),
    "an array of one": (np.array(-3.5), "float"),
    "an array": (np.array([0.5, -1.0]), "ndarray Sequence Iterable"),
    "an array of text": (np.array(["a", "b"]), "ndarray Sequence Iterable"),
    "masked values": (np.ma.array([1.0, 2.0], mask=[0, 1]), ""),
    "an empty list": ([], "Sequence Iterable list"),
    "a list": (["nonsense", 3], "Sequence Iterable list"),
    "a list of nothing": ([None], "Sequence Iterable list"),
    "a number in a list": ([3.5], "Sequence Iterable list"),
    "a list of lists": ([[1], [2, 3]], "Sequence Iterable list"),
    "an empty dict": ({}, "Mapping Iterable"),
    "a dict": ({"nonsense": 3}, "Mapping Iterable"),
    "a dict of numbers": ({3: "nonsense"}, "Mapping Iterable"),
    "a function": (len, "Callable"),
    "a class": (int, "Callable"),
    "an object": (object(), ""),
    "a table": (pd.DataFrame(), "DataFrame"),
    "a table of text": (pd.DataFrame({"nonsense": ["a"]}), "DataFrame"),
    "a result": (xr.Dataset(), "Dataset Mapping Iterable"),
    "a result of others": (xr.Dataset({"rain": ("day", [1.0, 2.0])}), "Dataset Mapping Iterable"),
    "an array with labels": (xr.DataArray([1.0, 2.0], dims="day"), "DataArray ndarray Sequence Iterable"),
    "a path": (Path("nowhere/nonsense.txt"), "Path PathLike"),
}  # fmt: skip
NO_KIND = {"ax": "Axes None", "found": "", "how": "Any"}  # what signatures leave out
MADE = {"Fit", "Model", "StudyData"}  # classes that functions make
SKIPPED = {"explore", "calibrate"}  # they open a page, or take minutes once they are let in
SAME = {
    "Measure": "str Callable",
    "Numbers": "ndarray Sequence",
    "Readings": "Mapping",
    "Readout": "str Readout",
}  # names of kinds that hold others


class Things:
    """What valid calls are made of, each made when it is first asked for."""

    def __getattr__(self, name):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = MAKE[name](self)
        setattr(self, name, made)
        return made


MAKE = {
    "model": lambda t: ldn.load_model("ldn"),
    "regimen": lambda t: ldn.Regimen.daily(4.5, days=2),
    "regimens": lambda t: {"a": t.regimen, "b": ldn.Regimen.daily(50, days=2)},
    "subjects": lambda t: ldn.population(t.model, 3),
    "draws": lambda t: ldn.posterior(t.model, 4),
    "rule": lambda t: ldn.Feedback.of(RULE),
    "ds": lambda t: ldn.simulate(t.model, t.regimens),
    "band": lambda t: ldn.simulate(t.model, t.regimen, subjects=t.subjects),
    "titrated": lambda t: ldn.titrate(t.model, t.rule, days=7, subjects=t.subjects),
    "swept": lambda t: ldn.sweep(
        t.model, {"dose": [1.5, 4.5], "at": [8, 22]}, days=1, metrics=["change_il6"]
    ),
    "split": lambda t: ldn.sweep(
        t.model, {}, subjects=t.subjects, draws=t.draws, metrics=["change_il6"], dose=1, days=1
    ),
    "tornado": lambda t: ldn.sensitivity(t.model, t.regimen, metric="rebound_peak", parameters=["ke0"]),
    "response": lambda t: ldn.dose_response(t.model, [1.5, 4.5], days=2, n=4),
    "waits": lambda t: ldn.washout(t.model, "oxycodone", dose=30, days=3, draws=4),
    "qualified": lambda t: ldn.qualify(t.model, n=20),
    "robust": lambda t: ldn.robustness(t.model, n=10),
    "courses": lambda t: ldn.rivals(t.model, duration=24),
    "readings": lambda t: ldn.cytokine_readings(t.model, draws=2),
    "optimum": lambda t: ldn.optimize(
        t.model, GOALS, {"dose": (1, 5)}, days=1, candidates=5, generations=1, progress=False
    ),
    "readout": lambda t: ldn.Readout("endorphin", "cmax"),
    "profile": lambda t: pd.DataFrame(
        {"ID": 1, "TIME": [0.0, 1, 2, 4, 8], "AMT": [9, 0, 0, 0, 0], "DV": [None, 4, 3, 2, 1]}
    ),
    "data": lambda t: ldn.read_data(t.profile),
    "one": lambda t: ldn.Model.from_antimony("A' = -CL/V*A; A = 0; CL = 1; V = 2; Cp := A/V"),
    "fit": lambda t: ldn.fit(t.one, t.data, "Cp", "A", ["CL", "V"], [], "proportional"),
    "petab": lambda t: {
        "folder": t.folder / "petab", "model": t.one, "data": t.data, "observe": "Cp", "cmt": "A", "sigma": {"additive": 1},
    },
    "folder": lambda t: Path(tempfile.mkdtemp()),
    "file": lambda t: ldn.save(t.ds, t.folder / "run.nc"),
}

# What each function is called with but for the one argument that is wrong.
VALID = {
    "plots.compare": lambda t: {"ds": t.ds},
    "plots.cytokine_panel": lambda t: {"data": t.readings},
    "plots.dose_response": lambda t: {"table": t.response},
    "plots.gof": lambda t: {"fit": t.fit},
    "plots.individual_fits": lambda t: {"fit": t.fit},
    "plots.vpc": lambda t: {"fit": t.fit, "sets": 20},
    "plots.heatmap": lambda t: {"ds": t.swept},
    "plots.model_diagram": lambda t: {"model": t.model},
    "plots.occupancy": lambda t: {"courses": t.courses, "scans": ldn.evidence()},
    "plots.pareto": lambda t: {"found": t.optimum},
    "plots.phase_portrait": lambda t: {"ds": t.ds},
    "plots.population_band": lambda t: {"ds": t.band},
    "plots.profiles": lambda t: {"data": t.data},
    "plots.coverage": lambda t: {"table": t.qualified},
    "plots.qualification": lambda t: {"table": t.qualified},
    "plots.robustness": lambda t: {"table": t.robust},
    "plots.study_view": lambda t: {"ds": t.ds, "windows": {"day": (8, 20)}},
    "plots.timecourse": lambda t: {"ds": t.ds},
    "plots.titration_ladder": lambda t: {"ds": t.titrated},
    "plots.tornado": lambda t: {"table": t.tornado},
    "plots.washout": lambda t: {"ds": t.waits},
    "Feedback": lambda t: {
        "start": 1, "step": 1, "most": 4, "each": 7, "variable": "withdrawal", "limit": 0.2,
    },
    "Feedback.next": lambda t: {"dose": [1.5], "reading": [0.1]},
    "Feedback.of": lambda t: {"text": RULE},
    "Feedback.regimen": lambda t: {"doses": [1.5, 3]},
    "Model.from_antimony": lambda t: {"text": "A' = -A; A = 1"},
    "Model.from_sbml": lambda t: {"source": t.model.to_sbml()},
    "Model.with_condition": lambda t: {"name": None},
    "Model.with_scenario": lambda t: {"name": None},
    "Model.of": lambda t: {"document": t.model.document},
    "Regimen": lambda t: {},
    "Regimen.daily": lambda t: {"dose": 1, "days": 2},
    "Regimen.every": lambda t: {"dose": 1, "ii": 24, "n": 2},
    "Regimen.from_records": lambda t: {"records": t.regimen.to_records()},
    "Regimen.shift": lambda t: {"hours": 1},
    "Regimen.single": lambda t: {"dose": 1},
    "Regimen.skip": lambda t: {"days": [1]},
    "Model.with_readouts": lambda t: {"readouts": [t.readout]},
    "Readout": lambda t: {"variable": "endorphin", "reduce": "cmax"},
    "Readout.of": lambda t: {"text": "auc(endorphin)"},
    "Readout.attrs": lambda t: {"variables": {"endorphin": {"units": "1"}}},
    "Readout.picked": lambda t: {"ds": t.swept},
    "StudyData.dosed_into": lambda t: {"cmt": "gut"},
    "StudyData.observed_rows": lambda t: {"subject": 1},
    "nca": lambda t: {"data": t.profile},
    "read_data": lambda t: {"source": t.profile},
    "Regimen.parse": lambda t: {"text": "4.5 mg at 22:00", "days": 2},
    "Regimen.titration": lambda t: {"steps": [(1, 1)]},
    "claims": lambda t: {"only": ["transient"], "draws": 2},
    "compare": lambda t: {"model": t.model, "regimens": t.regimens, "n": 2},
    "cytokine_readings": lambda t: {
        "model": t.model, "regimen": t.regimen, "draws": 2, "scenarios": ["no_tlr4"],
    },
    "dose_for": lambda t: {
        "model": t.model, "metric": "rebound_peak", "target": 1.01, "days": 1, "draws": 2, "between": (1, 5),
    },
    "dose_response": lambda t: {"model": t.model, "doses": [1.5, 3], "days": 1, "n": 2},
    "endotoxin": lambda t: {"model": t.model},
    "Fit.curves": lambda t: {"points": 5},
    "Fit.measured": lambda t: {"variable": "Cp"},
    "Fit.readouts": lambda t: {
        "metrics": ["cmax(Cp)"], "regimen": ldn.Regimen.single(1, cmt="A"), "n": 3,
    },
    "Fit.report": lambda t: {"path": t.folder / "fit.html"},
    "Fit.visual_check": lambda t: {"sets": 20},
    "fit": lambda t: {
        "model": t.one, "data": t.data, "observe": "Cp", "cmt": "A", "estimate": ["CL", "V"], "iiv": [],
        "error": "proportional",
    },
    "predict": lambda t: {"model": t.one, "data": t.data, "observe": "Cp", "cmt": "A"},
    "headlines": lambda t: {"model": t.model, "regimens": {"a": t.regimen}, "n": 2},
    "level_at": lambda t: {"model": t.model, "regimen": t.regimen, "after": 2, "draws": 2},
    "load_model": lambda t: {"name_or_path": "ldn"},
    "open_result": lambda t: {"path": t.file},
    "open_sweep": lambda t: {"store": t.folder},
    "optimize": lambda t: {
        "model": t.model, "goals": {"change_il6": "min"}, "over": {"dose": (1, 5)}, "days": 1,
        "candidates": 5, "generations": 1, "progress": False,
    },
    "population": lambda t: {"model": t.model, "n": 2},
    "posterior": lambda t: {"model": t.model},
    "published_trials": lambda t: {"model": t.model, "worlds": 2, "patients": 2, "trials": 2},
    "qualify": lambda t: {"model": t.model, "n": 2},
    "references": lambda t: {},
    "read_petab": lambda t: {"path": ldn.write_petab(**t.petab)},
    "registered": lambda t: {"model": t.model},
    "replay": lambda t: {"model": t.model, "rule": RULE, "found": t.titrated, "subjects": t.subjects},
    "rivals": lambda t: {"model": t.model, "duration": 24},
    "robustness": lambda t: {"model": t.model, "n": 10},
    "page": lambda t: {"model": t.model, "path": t.folder / "page.html", "draws": 2},
    "rerun": lambda t: {"result": t.ds},
    "save": lambda t: {"ds": t.ds, "path": t.folder / "run.csv"},
    "sensitivity": lambda t: {
        "model": t.model, "regimen": t.regimen, "metric": "rebound_peak", "parameters": ["ke0"],
    },
    "show_versions": lambda t: {},
    "simulate": lambda t: {"model": t.model, "regimen": t.regimen},
    "steady_state": lambda t: {"model": t.model, "regimen": t.regimen},
    "summarize": lambda t: {"ds": t.ds},
    "sweep": lambda t: {"model": t.model, "over": {"dose": [1, 2]}, "days": 1, "metrics": ["cmax"]},
    "titrate": lambda t: {"model": t.model, "rule": RULE, "days": 7, "subjects": t.subjects},
    "titrations": lambda t: {"model": t.model, "schedules": {"a": [(1, 2)]}, "draws": 2},
    "variance_split": lambda t: {"ds": t.split},
    "virtual_trial": lambda t: {
        "model": t.model, "n": 6, "weeks": 2, "trials": 2, "worlds": 2, "patients": 2,
    },
    "to_table": lambda t: {"ds": t.ds},
    "to_excel": lambda t: {"ds": t.ds, "path": t.folder / "run.xlsx"},
    "washout": lambda t: {"model": t.model, "drug": "oxycodone", "dose": 30, "days": 3, "draws": 2},
    "write_petab": lambda t: t.petab,
    "which_study": lambda t: {
        "model": t.model, "studies": {"a": STUDY}, "draws": 2, "scenarios": ["brain_plasma_driven", "brain_retained"],
    },
}  # fmt: skip
# What a refusal names instead, where an argument holds several things.
ALSO = {
    "Feedback.of.text": "rule",
    "load_model.name_or_path": "model",
    "Feedback.next.dose": "reading",
    "Readout.of.text": "readout",
    "Regimen.parse.text": "regimen",  # as commands and plans call the same words
    "compare.regimens": "regimen",
    "save.ds": "path",
    "titrations.schedules": "steps",
}
THINGS = Things()


@functools.cache
def functions():
    """Name -> function, bound where it is a method: those that take an argument."""
    found = {}
    t = THINGS
    owners = {
        "Feedback": t.rule, "Fit": t.fit, "Model": t.model, "Readout": t.readout, "Regimen": t.regimen, "StudyData": t.data,
    }  # fmt: skip
    for name, thing in public().items():
        if name in MADE or (inspect.isclass(thing) and issubclass(thing, Exception)) or not callable(thing):
            continue
        owner, _, member = name.partition(".")
        if member and owner in owners:
            thing = getattr(owners[owner], member)
        if name not in SKIPPED and arguments(thing):
            found[name] = thing
    return found


def arguments(function):
    """Name -> annotation of each argument that can be given by name."""
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    return {
        name: NO_KIND.get(name, "") if p.annotation is inspect.Parameter.empty else str(p.annotation)
        for name, p in inspect.signature(function).parameters.items()
        if p.kind not in kinds
    }


@functools.cache
def fits(annotation, kinds):
    """Whether a value of some kinds may be what an annotation asks for."""
    outer = re.sub(r"\[.*\]", "", annotation)
    asked = set(re.findall(r"\w+", " ".join(SAME.get(w, w) for w in re.findall(r"\w+", outer))))
    return bool(asked & {"Any", "object", *kinds.split()})


def answer(name, function, argument, kind, base):
    """Make one call; an empty text if it was answered as it must be, else what was wrong."""
    value, kinds = VALUES[kind]
    suited = fits(arguments(function)[argument], kinds)
    call = {**base, argument: value}
    try:
        with quiet():
            function(**call)
    except OWN as error:
        also = ALSO.get(f"{name}.{argument}", argument)  # itself, or an item of it
        named = argument in str(error) or f"{also}=" in str(error) or f"{also}[" in str(error)
        return "" if named else f"refused without naming it: {str(error)[:150]}"
    except TimeoutError:
        return f"no answer in {SECONDS} s"
    except Exception as error:  # what this is about
        return f"{type(error).__name__}: {str(error)[:150]}"
    return "" if suited else "taken"


@contextlib.contextmanager
def quiet():
    """Let nothing be printed, drawn, warned of or left behind, and nothing take for ever."""

    def late(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        nowhere = contextlib.chdir(THINGS.folder)  # some calls write
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), nowhere:
            warnings.simplefilter("ignore")
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        plt = sys.modules.get("matplotlib.pyplot")
        if plt is not None:
            plt.close("all")


def pairs(suited=True):
    """All (function, argument, value), by name; without those that suit the annotation, which may take a while."""
    return [
        (name, argument, kind)
        for name, function in functions().items()
        for argument, annotation in arguments(function).items()
        for kind, (_, kinds) in VALUES.items()
        if suited or not fits(annotation, kinds)
    ]


def wrong(chosen):
    """Make calls and yield those that were answered wrongly, with what was wrong."""
    mpl.use("Agg")
    known = functions()
    for name, argument, kind in chosen:
        told = answer(name, known[name], argument, kind, VALID[name](THINGS))
        if told:
            yield f"{name}({argument}={kind}): {told}"


def main():
    """Make the calls that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("calls", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--unsuited", action="store_true", help="leave out values that suit the annotation")
    parser.add_argument("--only", default="", help="functions that begin with this")
    asked = parser.parse_args()
    seed = random.randrange(2**32) if asked.seed is None else asked.seed
    every = [pair for pair in pairs(not asked.unsuited) if pair[0].startswith(asked.only)]
    rng = random.Random(seed)
    chosen = rng.sample(every, min(asked.calls, len(every)))
    print(f"{len(chosen)} calls of {len(every)} kinds, seed {seed}", flush=True)
    found = 0
    for text in wrong(chosen):
        found += 1
        print(text, flush=True)
    print(f"{found} answered wrongly")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
