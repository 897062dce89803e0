"""`ldnsim sweep`: a grid from a TOML file, resumable, on one or many workers."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import bad
from ..io import SUFFIXES
from . import STOPPED, files, options, show


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--store", type=click.Path(path_type=Path), help="Folder for finished chunks and the result.")
@click.option("--resume", is_flag=True, help="Go on with what the store holds.")
@click.option(
    "--workers", type=options.WHOLE, help="Dask workers on this machine.  [default: none, this process]"
)
@click.option("--draws", type=options.WHOLE, help="So many draws of the posterior at every point.")
@files.out_option("Write the result", SUFFIXES)
@files.figure_option("Draw the first metric over the two axes of the grid")
@options.json_option
def sweep(plan, store, resume, workers, draws, out, figure, as_json):
    """Simulate every point of a grid that a TOML file describes.

    \b
    plan.toml:
      days = 28
      metrics = ["hours_blocked_peripheral", "change_il6"]
      [over]
      dose = [0.5, 1.5, 4.5, 50]
      at = ["08:00", "22:00"]
      [population]
      n = 100

    What is uncertain is drawn at every point by `draws = 200` above [over], or by --draws.

    \b
    Examples:
      ldnsim sweep plan.toml --out grid.nc
      ldnsim sweep plan.toml --store run --workers 2 --resume
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    from ..sweeps.planfile import read_plan
    from ..sweeps.sweeping import work_of

    files.check(out, figure, SUFFIXES)
    told = read_plan(plan, ldn.posterior)
    if draws is not None:
        told["draws"] = options.drawn(told["model"], draws)
    if figure is not None and (len(told["over"]) != 2 or not told.get("metrics")):
        rule = "shows a metric over two axes"
        raise bad("figure", str(figure), rule, "name two in [over], and metrics = [...]")
    store = store or told.pop("store", None)
    if store is None and out is None:
        work_of(
            **{name: value for name, value in told.items() if name != "threads"}
        )  # a slip in it comes first
        raise bad("store", None, "must be given, or --out", "--store run keeps every finished chunk")
    told |= {"store": store, "resume": resume, "workers": workers}
    try:
        ds = ldn.sweep(**told, executor="dask" if workers else None, progress=options.at_terminal() or False)
    except KeyboardInterrupt:
        if store is None:
            raise
        raise click.exceptions.Exit(STOPPED) from None  # how to go on has been said
    if out is not None:
        ldn.save(ds, out)
    files.draw(figure, lambda: _map(ds, told["metrics"][0]))
    written = files.given(store and Path(store) / "result.nc", out, figure)
    if as_json:
        variables = {n: {"dims": v.dims, "units": v.attrs.get("units", "")} for n, v in ds.data_vars.items()}
        show.as_json({"dimensions": dict(ds.sizes), "variables": variables, **show.end(written)})
        return
    show.table(("dimension", "points"), [(str(name), str(n)) for name, n in ds.sizes.items()], right=(1,))
    show.finish(written)


def _map(ds, metric: str):
    """Draw one metric over the grid, of people and draws their median."""
    import ldnsim as ldn

    middle = ds.median([d for d in ("draw", "subject") if d in ds.dims], keep_attrs=True)
    name, _, analyte = metric.partition(" ")
    if analyte and name in ds:
        return ldn.plots.heatmap(middle[[name]].sel(analyte=analyte), name)
    return ldn.plots.heatmap(middle, metric)
