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
@click.option("--days", type=options.DAYS, default=30, show_default=True, help="How long it was taken.")
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
                found[f"{100 * level:g} % of the effect, {site}"] = values
    _write(ds, {_until(ds, name): values for name, values in found.items()}, out)
    files.draw(figure, lambda: ldn.plots.washout(ds))
    written = files.given(out, figure)
    if as_json:
        told = {k: ds.attrs[k] for k in _TOLD if k in ds.attrs}
        told["watched"] = watched  # what is null lies beyond
        for name in ("decided_by_assumed", "rests_on_assumed"):
            told[name] = ds.attrs.get(name, "").split()
        told |= {"label_days": ds.attrs.get("label_days"), "units": "h", "hours": found}
        show.as_json({**show.end(written), **told})  # with the notice of a wait
        return
    _show(ds, found, watched)
    show.finish(written, ds.attrs["notice"])


_TOLD = ("drug", "direction", "dose", "ii", "days", "draws", "notice")


def _show(ds, found: dict[str, list[float]], watched: float) -> None:
    """Print the table, and what its first row means."""
    about = ds.attrs
    back = "regained" in ds
    taken = "naltrexone" if back else about["drug"]
    show.sentence(f"After {about['days']} days of {about['dose']:g} mg {taken} every {about['ii']:g} h:")
    rows = [
        [_until(ds, name), *(_told(h, watched) for h in values), *(_days(h, watched) for h in values)]
        for name, values in found.items()
    ]
    head = ["since the last dose, until", "median, h", "5 %", "95 %", "median, days", "5 %", "95 %"]
    show.table(head, rows, right=range(1, 7))
    if back:
        show.sentence("The wait is that of the slower site, which is not the same one in all draws.")
        show.sentence(_between_doses(ds))
    if "label_days" in about:
        show.sentence(f"The label asks for {about['label_days']} days without opioids.")
    show.sentence(f"Median and 5 to 95 % of {about['draws']} draws.")
    show.few(about["draws"])
    show.rests_on(about["decided_by_assumed"], "Decided by assumed")


def _until(ds, name: str) -> str:
    """Say until when a row waits; `wait` is the answer, the others are parts of it."""
    if name != "wait":
        return f"{name} receptors"
    if "regained" in ds:
        return "the wait: 90 % of the effect, both sites"
    return f"the wait: {ds.attrs['first_dose']:g} mg of naltrexone is tolerated"


def _between_doses(ds) -> str:
    """Say whether the effect is back before the next dose is due, while naltrexone goes on."""
    ii, waits = ds.attrs["ii"], ds["waits"].dropna("draw").values
    soon = int((waits <= ii).sum())
    share = "no draw" if not soon else "every draw" if soon == len(waits) else f"{soon} of {len(waits)} draws"
    return f"While it goes on, 90 % is back at both sites before the next dose, {ii:g} h later, in {share}."


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
    if hours == math.inf:
        return f"> {watched / 24:g}"
    return "-" if math.isnan(hours) else f"{hours / 24:.1f}"
