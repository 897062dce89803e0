"""`ldnsim washout`: hours between an opioid and naltrexone."""

from __future__ import annotations

import math
from pathlib import Path

import click

from . import files, options, show

WRITABLE = (*files.TABLES, ".nc", ".zarr")


@click.command()
@click.argument("drug")
@click.option("--dose", type=options.NUMBER, required=True, help="Each dose of the drug taken first, mg.")
@click.option("--days", type=options.WHOLE, default=30, show_default=True, help="How long it was taken.")
@click.option(
    "--direction",
    default="opioid_to_ldn",
    show_default=True,
    help="opioid_to_ldn, or ldn_to_opioid (then --dose is of naltrexone).",
)
@options.interval_option("Interval between its doses, h; by default the usual one.")
@click.option(
    "--draws", type=options.WHOLE, default=200, show_default=True, help="Draws of the uncertain parameters."
)
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Which draws.")
@files.out_option("Write the table, or with .nc all that was found", WRITABLE)
@files.figure_option()
@options.model_options
@options.json_option
def washout(drug, out, figure, as_json, model, scenario, condition, params, **how):
    """Say how long to wait between an opioid DRUG and naltrexone.

    \b
    Examples:
      ldnsim washout oxycodone --dose 20
      ldnsim washout morphine --dose 4.5 --direction ldn_to_opioid
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn
    from ldnsim.study.waits import HORIZON
    from ldnsim.units import HOURS_PER_DAY

    files.check(out, figure, WRITABLE)
    chosen = options.chosen_model(model, scenario, condition, params)
    with options.busy(f"waiting for {drug} to leave"):
        ds = ldn.washout(chosen, drug, **how)
    watched = HORIZON * HOURS_PER_DAY
    found = {"wait": [float(ds[k]) for k in ("wait", "wait_low", "wait_high")]}
    if "regained" in ds:
        for site in ds["site"].values:
            for level in ds["level"].values:
                values = ds["regained"].sel(site=site, level=level).values.tolist()
                found[f"{level:.0%} of the effect, {site}"] = values
    _write(ds, found, out)
    files.draw(figure, lambda: ldn.plots.washout(ds))
    written = files.given(out, figure)
    if as_json:
        told = {k: ds.attrs[k] for k in ("drug", "direction", "dose", "days", "notice") if k in ds.attrs}
        told["watched"] = watched  # what is null lies beyond
        told["rests_on_assumed"] = ds.attrs.get("rests_on_assumed", "").split()
        told |= {"label_days": ds.attrs.get("label_days"), "units": "h", "hours": found}
        show.as_json({**show.end(written), **told})  # with the notice of a wait
        return
    rows = [
        [
            name,
            *(_told(hours, watched) for hours in values),
            " - ".join(_days(hours, watched) for hours in values[1:]),
        ]
        for name, values in found.items()
    ]
    show.table(
        ["hours since the last dose", "median of draws", "5 %", "95 %", "in days, 5 to 95 %"],
        rows,
        right=(1, 2, 3, 4),
    )
    show.rests_on(ds.attrs.get("rests_on_assumed", ""))
    if "label_days" in ds.attrs:
        click.echo(f"The label asks for {ds.attrs['label_days']} days without opioids.")
    show.finish(written, ds.attrs["notice"])


def _write(ds, found: dict[str, list[float]], out: Path | None) -> None:
    """Write the table of what is printed, or the whole result."""
    if out is not None and out.suffix.lower() in files.TABLES:
        import pandas as pd

        rows = [(name, *values) for name, values in found.items()]
        files.write_table(pd.DataFrame(rows, columns=["until", "median [h]", "low [h]", "high [h]"]), out)
    elif out is not None:
        from ..io import save

        save(ds, out)


def _told(hours: float, watched: float) -> str:
    """Write a time; one that did not come while it was watched is longer than that."""
    return f"> {watched:g}" if hours == math.inf else show.number(hours)


def _days(hours: float, watched: float) -> str:
    """Write a time in days."""
    return f"> {watched / 24:g}" if hours == math.inf else f"{hours / 24:.1f}"
