"""One published model: simulated here and by libRoadRunner, and how far the two are apart."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import ldnsim as ldn

POINTS = 51
SPAN = 100.0  # units of time, where no measurements say how long
RTOL, COARSE = 1e-9, 1e-7
CLOSE = 1e-5
ROUNDING = 1e-20
REFUSALS = (ldn.ModelError, ldn.InputError)
REPORTED = ("agrees", "differs", "unsettled", "refused", "failed", "neither", "chance")


class Outcome(NamedTuple):
    """What came of one model.

    Attributes
    ----------
    name : str
    kind : str
        ``agrees``: to `CLOSE`. ``differs``. ``unsettled``: no farther apart than either is from itself at another tolerance.
        ``refused`` here, though libRoadRunner runs it. ``failed`` here. ``neither``: libRoadRunner does not run it.
        ``chance``: it draws random numbers.
    apart, own, theirs : float
        Largest distance of the two, and of each from itself at a coarser tolerance, as a share of the largest value of
        each quantity.
    why : str
        The quantity, or the sentence of whoever refused.
    """

    name: str
    kind: str
    apart: float = np.nan
    own: float = np.nan
    theirs: float = np.nan
    why: str = ""


def outcome(path: Path, span: float | None = None) -> Outcome:
    """Run one file in both."""
    name = name_of(path)
    times = np.linspace(0.0, span or span_of(path), POINTS)
    text = path.read_text(encoding="utf-8", errors="replace")
    if re.search(r"symbols/(distrib|rand)|version1/distrib|normal\b.*distrib", text):
        return Outcome(name, "chance")
    try:
        reference, names = roadrunner(path, times, 1e-11)
        coarse, _ = roadrunner(path, times, 1e-8)
    except Exception as error:
        return Outcome(name, "neither", why=" ".join(str(error).split())[:160])
    try:
        model, shown = ours_of(path, names)
        fine, rough = (simulated(model, shown, times, rtol) for rtol in (RTOL, COARSE))
    except REFUSALS as error:
        return Outcome(name, "refused", why=" ".join(str(error).split())[:160])
    except RuntimeError as error:
        return Outcome(name, "failed", why=str(error)[:160])
    kept = {n: reference[n] for n in shown}
    apart, where = farthest(fine, kept)
    own, theirs = farthest(rough, fine)[0], farthest({n: coarse[n] for n in shown}, kept)[0]
    kind = "agrees" if apart <= CLOSE else "unsettled" if apart <= 2.0 * max(own, theirs) else "differs"
    return Outcome(name, kind, apart, own, theirs, where)


def name_of(path: Path) -> str:
    """Return the name of a file, that of its folder where many are called alike."""
    return path.stem if path.stem != "model" else path.parent.name


def span_of(path: Path) -> float:
    """Return the last time at which a PEtab problem beside the model measures."""
    last = 0.0
    for table in path.parent.glob("measurementData*.tsv"):
        times = pd.to_numeric(pd.read_csv(table, sep="\t")["time"], errors="coerce").to_numpy()
        last = max(last, *times[np.isfinite(times)], 0.0)
    return last or SPAN


def roadrunner(path: Path, times: np.ndarray, rtol: float) -> tuple[dict[str, np.ndarray], list[str]]:
    """Simulate by libRoadRunner: what SBML means by the ids of all that moves."""
    import roadrunner as package

    package.Logger.disableLogging()
    runner = package.RoadRunner(str(path))
    runner.integrator.setValue("relative_tolerance", rtol)
    runner.integrator.setValue("absolute_tolerance", 1e-6 * rtol * size_of(runner))
    runner.integrator.setValue("maximum_num_steps", 1_000_000)
    names, shown = [], []
    for name in (*runner.model.getFloatingSpeciesIds(), *runner.model.getBoundarySpeciesIds()):
        names.append(name)
        shown.append(name if is_amount(runner, name) else f"[{name}]")
    moving = {*runner.getRateRuleIds(), *runner.getAssignmentRuleIds()} - set(names)
    for name in sorted(moving & {*runner.model.getGlobalParameterIds(), *runner.model.getCompartmentIds()}):
        names.append(name)
        shown.append(name)
    runner.timeCourseSelections = ["time", *shown]
    found = np.asarray(runner.simulate(times=times.tolist()))
    return dict(zip(names, found[:, 1:].T, strict=True)), names


def size_of(runner) -> float:
    """Return the largest amount at the start, at most 1: some models count mol in a cell."""
    amounts = np.abs(np.asarray(runner.model.getFloatingSpeciesAmounts(), dtype=float))
    return min(1.0, float(amounts.max(initial=0.0)) or 1.0)


def is_amount(runner, name: str) -> bool:
    """Whether a species' id means its amount."""
    return bool(_document(runner.getSBML()).getModel().getSpecies(name).getHasOnlySubstanceUnits())


def _document(text: str):
    import libsbml

    if text not in _READ:
        _READ.clear()
        _READ[text] = libsbml.readSBMLFromString(text)
    return _READ[text]


_READ: dict[str, object] = {}


def ours_of(path: Path, names: list[str]) -> tuple[ldn.Model, list[str]]:
    """Read the model here; return what of it can be compared, and is so by libRoadRunner."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ldn.Model.from_sbml(path)
    known = set(model.outputs.index)
    return model, [n for n in names if n in known]


def simulated(model: ldn.Model, names: list[str], times: np.ndarray, rtol: float) -> dict[str, np.ndarray]:
    """Simulate here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = [s["id"] for s in model.document.species if s["substance_only"] and s["id"] in names]
        shown = [n for n in names if n not in whole] or whole
        ds = ldn.simulate(
            model, None, times=times, outputs=shown, amounts=whole, rtol=rtol, max_steps=2_000_000
        )
    if ds.status.item() != "finished":
        raise RuntimeError(f"status {ds.status.item()}")
    return {n: ds[f"{n}_" if f"{n}_" in ds and n not in ds.data_vars else n].values for n in names}


def farthest(values: dict[str, np.ndarray], reference: dict[str, np.ndarray]) -> tuple[float, str]:
    """Return the largest distance as a share of the largest value of its quantity, and whose it is.

    What is below `ROUNDING` of the largest value of all counts as 0.
    """
    worst, where = 0.0, ""
    sizes = {name: np.abs(y[np.isfinite(y)]).max(initial=0.0) for name, y in reference.items()}
    least = ROUNDING * max(sizes.values(), default=0.0) or 1.0
    for name, y in reference.items():
        given = np.broadcast_to(values[name], y.shape)
        same = (given == y) | (np.isnan(given) & np.isnan(y))
        scale = max(sizes[name], least)
        with np.errstate(invalid="ignore"):
            share = np.where(same, 0.0, np.abs(given - y) / scale)
        found = float(np.where(np.isnan(share), np.inf, share).max())
        if found > worst:
            worst, where = found, name
    return worst, where
