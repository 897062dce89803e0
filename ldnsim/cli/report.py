"""Run, write what was asked for, print the metrics: the common end of `simulate` and `compare`."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..errors import bad, unknown
from ..inference import opioids
from ..io import SUFFIXES, checked_target
from ..numeric import FEW
from ..readouts import asked_of
from ..units import HOURS_PER_DAY
from . import files, options, show

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from ..model import Model
    from ..regimen import Regimen


STEP = 0.25  # h between outputs


def check_step(every: float, regimens: Iterable[Regimen]) -> None:
    """Refuse an output step that is longer than the dosing interval, which is what was meant."""
    for regimen in regimens:
        ii = min((dose.ii for dose in regimen.doses), default=every)
        if every > ii:
            rule = f"is the output step (h), and longer than the dosing interval, {ii:g} h"
            raise bad("every", every, rule, f"--ii {every:g} is an interval between doses")


class Run(NamedTuple):
    """A result, and what is left of an opioid's effect beside naltrexone, where it was asked for or is of interest."""

    ds: xr.Dataset
    left: xr.DataArray | None


def simulated(
    taken, shown: Shown, *, model, scenario, condition, params, every=STEP, draws=None, seed=None, **how
) -> Run:
    """Load the model, change it as the options say, and run it; refuse only if no run finished.

    `taken` is a regimen, a dict of them, or a function that makes one of these for a model; with `draws` it is
    run with so many draws of the posterior, the first ones or those of `seed`. What is to be `shown` must exist.
    """
    import numpy as np

    import ldnsim as ldn

    chosen = options.chosen_model(model, scenario, condition, params)
    regimens = taken(chosen) if callable(taken) else taken
    by_name = regimens if isinstance(regimens, dict) else {"": regimens}
    check_step(every, by_name.values())
    how["every"] = every
    if (end := _watched(by_name.values())) is not None:
        how["duration"] = end
    if draws is not None:
        how["subjects"] = options.drawn(chosen, draws, seed)
    elif seed is not None:
        raise bad("seed", seed, "chooses draws, and none are asked for", "--draws 200")
    shown.check(chosen, by_name)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        ds = ldn.simulate(chosen, regimens, progress=options.at_terminal() or False, **how)
    status = np.ravel(ds["status"])
    if not (status == "finished").any():
        time = float(np.nanmin(ds["fail_time"]))
        raise click.ClickException(
            f"the run stopped at {time:g} h: {status[0]}; try another --method, or check --param"
        )
    for warning in told:
        warnings.warn(warning.message, stacklevel=2)
    return Run(ds, _left(chosen, ds, by_name, shown.metrics, how.get("subjects")))


def _watched(regimens: Iterable[Regimen]) -> float | None:
    """When a run ends (h) that --days was given to and in which something is taken once; None: where its doses do.

    Nobody takes one dose for 28 days: they are for how long it is looked at then.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.get_parameter_source("days") != click.core.ParameterSource.COMMANDLINE:
        return None
    each = list(regimens)
    if all(any(dose.record.ii for dose in one.doses) for one in each):
        return None
    return max(HOURS_PER_DAY * context.params["days"], *(one.end for one in each))


def _left(model: Model, ds: xr.Dataset, regimens, metrics, subjects) -> xr.DataArray | None:
    """Tell what is left of an opioid's effect, from the run and one of the opioid alone, if it is asked for."""
    import ldnsim as ldn

    if not (opioids.LEFT in metrics or (not metrics and opioids.offered(model, regimens.values()))):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run has said it
        beside = ldn.summarize(ds, [opioids.EFFECT])[opioids.EFFECT]
        one = "regimen" not in beside.dims
        left = opioids.effect_left(
            model, regimens, subjects, None, beside.expand_dims(regimen=[""]) if one else beside
        )
    return left.squeeze("regimen", drop=True) if one else left


@dataclass(frozen=True)
class Shown:
    """What of a run is written and printed, as the options of `simulate` and `compare` ask for it.

    Attributes
    ----------
    metrics : tuple of str
        What to print instead of all that the model offers.
    threshold : float
        Occupancy that counts as blocked.
    out, figure : Path or None
        Files to write: the table that is printed, or with .nc and .zarr the whole result.
    course : Path or None
        File for the whole result, in any format.
    panels : tuple of str
        Variables that the figure shows, instead of the usual ones.
    as_json : bool
        Print JSON instead of a table.
    """

    metrics: tuple[str, ...]
    threshold: float
    out: Path | None
    figure: Path | None
    as_json: bool
    course: Path | None = None
    panels: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: dict[str, Any]) -> Shown:
        """Take out of the options of a command those that say what is shown; refuse what could not be."""
        from ..readouts.summary import check_threshold

        shown = cls(**{field.name: given.pop(field.name) for field in fields(cls) if field.name in given})
        check_threshold(shown.threshold)
        files.check(shown.out, shown.figure, SUFFIXES)
        if shown.panels and shown.figure is None:
            raise bad("panel", shown.panels[0], "is drawn, and no figure is asked for", "--figure run.png")
        if shown.course is not None:
            checked_target(shown.course, SUFFIXES, "course")
        return shown

    def check(self, model: Model, regimens: dict[str, Regimen]) -> None:
        """Refuse what the model does not have, before anything is solved."""
        if opioids.LEFT in self.metrics:
            opioids.mixed_of(model, regimens)
        named = [m for m in self.metrics if m != opioids.LEFT]
        if named:
            asked_of(named, model, "metric", [opioids.LEFT])
        for name in self.panels:
            if name not in model.observables:
                raise unknown("panel", name, model.observables, listing="`ldnsim models NAME`")

    def deliver(self, run: Run, plot: str) -> None:
        """Write result and figure, the one of this name in `ldnsim.plots`, then print the metrics."""
        import ldnsim as ldn

        ds = run.ds
        found = self._read(run)
        if self.out is not None and self.out.suffix.lower() in files.TABLES:
            if not found:
                rule = "would be the table of what is read, and nothing is read of the variables of this model"
                raise bad("out", str(self.out), rule, "--course writes the course")
            files.write_table(show.metric_frame(found), self.out)
        elif self.out is not None:
            ldn.save(ds, self.out)
        if self.course is not None:
            ldn.save(ds, self.course)
        files.draw(self.figure, lambda: getattr(ldn.plots, plot)(ds, **self._drawn(plot)))
        written = files.given(self.out, self.course, self.figure)
        (self._as_json if self.as_json else self._as_table)(ds, found, written)

    def _drawn(self, plot: str) -> dict[str, Any]:
        """Say which panels a figure has: those asked for, of a comparison over the last two days alone."""
        if not self.panels:
            return {}
        return {"variables": list(self.panels)} | ({"build_up": False} if plot == "compare" else {})

    def _read(self, run: Run) -> dict[str, dict[str, dict]]:
        """Take the metrics that are shown out of a run, in the order asked for."""
        import ldnsim as ldn

        ds, wanted = run.ds, [m for m in self.metrics if m != opioids.LEFT]
        is_read = wanted or (not self.metrics and "last_interval" in ds.coords)
        found = ldn.summarize(ds, wanted or None, threshold=self.threshold) if is_read else None
        if run.left is not None:
            found = run.left.to_dataset() if found is None else found.assign({opioids.LEFT: run.left})
        return {} if found is None else show.metrics(found)

    def _as_json(self, ds: xr.Dataset, found: dict[str, Any], written: list[Path]) -> None:
        kept = ("model", "model_hash", "scenario", "condition", "version", "solver", "rtol")
        told = {k: ds.attrs.get(k) for k in kept}
        told["changed_parameters"] = json.loads(ds.attrs.get("changed_parameters", "{}"))
        assumed = ds.attrs.get("rests_on_assumed", "").split()
        told |= {"threshold": self.threshold, "values": _values(ds), "taken": _taken(ds)}
        told |= {"rests_on_assumed": assumed}
        show.as_json({**told, "metrics": found, **show.end(written)})

    def _as_table(self, ds: xr.Dataset, found: dict[str, Any], written: list[Path]) -> None:
        if found:
            show.metric_table(found)
            for label, words in _taken(ds).items():
                show.sentence(f"Taken{f', {label}' if label else ''}: {words}.")
            if changed := _changed(ds):
                show.sentence(f"Model {ds.attrs['model']}, {changed}.")
            click.echo(f"{_values(ds).capitalize()}{_meaning(ds)}")
            show.rests_on(ds.attrs.get("rests_on_assumed", ""))
            if any(entry.get("at_least") for entries in found.values() for entry in entries.values()):
                click.echo(">= where it lasts as long as was looked, which only bounds it from below.")
            if any(math.isnan(entries.get(opioids.LEFT, _ANY)["value"]) for entries in found.values()):
                show.sentence(f"{opioids.LEFT}: {opioids.WHY_MISSING}.")
        else:
            kept = self.course or self.out
            look = f"look at {kept}" if kept is not None else "--course run.nc writes the course"
            click.echo(f"Nothing is read of the variables of this model; {look}.")
        show.finish(written)


_ANY = {"value": 0.0}


def _meaning(ds: xr.Dataset) -> str:
    """Say what the numbers of the table are of."""
    n = ds.sizes.get("subject", 0)
    if not n:
        return " values, no draws: every parameter at its table value or as given."
    if n < FEW:
        return f" of the posterior; {show.TOO_FEW}."
    return " of the posterior, with the interval that holds 90 % of them."


def _changed(ds: xr.Dataset) -> str:
    """Tell what was changed of the model, so that its numbers are not taken for those of the table."""
    parts = [f"{kind} {ds.attrs[kind]}" for kind in ("scenario", "condition") if ds.attrs.get(kind)]
    values = json.loads(ds.attrs.get("changed_parameters", "{}"))
    told = ", ".join(f"{name} = {value:g}" for name, value in values.items())
    return "; ".join([*parts, *([f"changed from its table: {told}"] if told else [])])


def _taken(ds: xr.Dataset) -> dict[str, str]:
    """Tell each regimen as it was read, with the clock times that words left open; of very long ones nothing."""
    from ..regimen.kept import from_text
    from ..regimen.show import sentence

    kept = from_text(ds.attrs["regimen"]) or {}
    return {label: sentence(regimen) for label, regimen in kept.items() if regimen is not None}


def _values(ds: xr.Dataset) -> str:
    """Say what a number of the table is."""
    n = ds.sizes.get("subject", 0)
    return f"median of {n} draws" if n else "nominal"
