"""`ldnsim sweep`: a grid from a TOML file, resumable, on one or many workers."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import bad
from ..io import SUFFIXES
from . import STOPPED, options, show


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--store", type=click.Path(path_type=Path), help="Folder for finished chunks and the result.")
@click.option("--resume", is_flag=True, help="Go on with what the store holds.")
@click.option(
    "--workers", type=options.WHOLE, help="Dask workers on this machine.  [default: none, this process]"
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the result: .nc, .zarr, .csv, .parquet or .xlsx."
)
@options.json_option
def sweep(plan, store, resume, workers, out, as_json):
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

    \b
    Examples:
      ldnsim sweep plan.toml --out grid.nc
      ldnsim sweep plan.toml --store run --workers 2 --resume
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    from ..sweeps.planfile import read_plan
    from ..sweeps.sweeping import work_of

    options.check_target("out", out, SUFFIXES)
    told = read_plan(plan)
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
    files = [file for file in (store and Path(store) / "result.nc", out) if file is not None]
    if as_json:
        variables = {n: {"dims": v.dims, "units": v.attrs.get("units", "")} for n, v in ds.data_vars.items()}
        show.as_json({"dimensions": dict(ds.sizes), "variables": variables, **show.end(files)})
        return
    show.table(("dimension", "points"), [(str(name), str(n)) for name, n in ds.sizes.items()], right=(1,))
    show.finish(files)
