"""Run, write what was asked for, print the metrics: the common end of `simulate` and `compare`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import bad
from ..io import SUFFIXES
from . import options, show

if TYPE_CHECKING:
    import xarray as xr

    from ..regimen import Regimen


STEP = 0.25  # h between outputs


def check(out: Path | None, figure: Path | None, threshold: float) -> None:
    """Refuse files that could not be written and a threshold that is none, before anything is computed."""
    from ..readouts.summary import check_threshold

    check_threshold(threshold)
    options.check_target("out", out, SUFFIXES)
    options.check_target("figure", figure, options.FIGURES)


def check_step(every: float, regimens: Iterable[Regimen]) -> None:
    """Refuse an output step that is longer than the dosing interval, which is what was meant."""
    for regimen in regimens:
        ii = min((dose.ii for dose in regimen.doses), default=every)
        if every > ii:
            rule = f"is the output step (h), and longer than the dosing interval, {ii:g} h"
            raise bad("every", every, rule, f"--ii {every:g} is an interval between doses")


def simulated(taken, *, model, scenario, condition, params, every=STEP, draws=None, **how) -> xr.Dataset:
    """Load the model, change it as the options say, and run it; refuse only if no run finished.

    `taken` is a regimen, a dict of them, or a function that makes one of these for a model; with `draws` it is
    run with so many draws of the posterior.
    """
    import numpy as np

    import ldnsim as ldn

    chosen = options.chosen_model(model, scenario, condition, params)
    regimens = taken(chosen) if callable(taken) else taken
    check_step(every, regimens.values() if isinstance(regimens, dict) else [regimens])
    how["every"] = every
    if draws is not None:
        how["subjects"] = ldn.posterior(chosen, draws)
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
    return ds


def deliver(
    ds: xr.Dataset,
    *,
    plot: str,
    metrics: tuple[str, ...],
    threshold: float,
    out: Path | None,
    figure: Path | None,
    as_json: bool,
) -> None:
    """Write result and figure, then print the metrics.

    Parameters
    ----------
    ds : xarray.Dataset
        The run.
    plot : str
        Name of the figure in `ldnsim.plots`.
    metrics : tuple of str
        What to print instead of all that the model offers.
    threshold : float
        Occupancy that counts as blocked.
    out, figure : Path or None
        Files to write.
    as_json : bool
        Print JSON instead of a table.
    """
    import ldnsim as ldn

    wanted = list(metrics) or None
    summary = (
        ldn.summarize(ds, wanted, threshold=threshold) if wanted or "last_interval" in ds.coords else None
    )
    if out is not None:
        ldn.save(ds, out)
    if figure is not None:
        _draw(ds, plot, figure)
    found = {} if summary is None else show.metrics(summary)
    files = [f for f in (out, figure) if f is not None]
    assumed = ds.attrs.get("rests_on_assumed", "")
    if as_json:
        told = {k: ds.attrs.get(k) for k in ("model", "model_hash", "version", "solver", "rtol")}
        told |= {"threshold": threshold, "values": _values(ds), "rests_on_assumed": assumed.split()}
        show.as_json({**told, "metrics": found, **show.end(files)})
        return
    if found:
        show.metric_table(found)
        click.echo(f"{_values(ds).capitalize()}{_MEANING[ds.sizes.get('subject', 0) > 0]}")
        show.rests_on(assumed)
        if any(entry.get("at_least") for entries in found.values() for entry in entries.values()):
            click.echo(">= where it lasts as long as was looked, which only bounds it from below.")
    else:
        look = f"look at {out}" if out is not None else "--out run.nc writes the course"
        click.echo(f"Nothing is read of the variables of this model; {look}.")
    show.finish(files)


_MEANING = {
    False: " values, no draws: every parameter at its table value or as given.",
    True: " of the posterior, with the interval that holds 90 % of them.",
}


def _values(ds: xr.Dataset) -> str:
    """Say what a number of the table is."""
    n = ds.sizes.get("subject", 0)
    return f"median of {n} draws" if n else "nominal"


def _draw(ds: xr.Dataset, plot: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from .. import plots

    fig, _ = getattr(plots, plot)(ds)
    fig.savefig(path, dpi=300)
    plt.close(fig)
