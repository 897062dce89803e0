"""`ldnsim dose-for` and `ldnsim level`: the dose for an effect, and what is there at one moment."""

from __future__ import annotations

import math
import warnings

import click
import numpy as np

from ..regimen.asked import once_or_repeated
from ..regimen.language import clock as clock_of
from ..units import unit_shown
from . import files, options, show
from .comparing import Worded
from .regimens import GRAMMAR


@click.command()
@click.argument("metric")
@click.argument("target", nargs=-1, required=True, type=options.NUMBER)
@click.option("--days", type=options.DAYS, default=28, show_default=True, help="Days of treatment.")
@click.option("--at", default="00:00", show_default=True, help="Clock time of the dose, or hours.")
@options.interval_option("Hours between doses.  [default: 24]")
@click.option("--formulation", help="capsule, slow_release, solution, ...: a row of `ldnsim models ldn`.")
@click.option("--drug", help="Drug that is given.  [default: naltrexone]")
@click.option("--cmt", help="Dosed state, in a model of your own.")
@click.option(
    "--between", nargs=2, type=options.NUMBER, default=(0.1, 100), show_default=True,
    help="Least and largest dose tried, mg (or the unit of the drug).",
)  # fmt: skip
@options.draws_options
@files.out_option()
@files.figure_option("Draw the metric over the dose")
@options.model_options
@options.json_option
def dose_for(metric, target, at, out, figure, as_json, model, scenario, condition, params, **how):
    """Find the dose that brings a metric to a target.

    METRIC is a name of the tables, TARGET a number in its unit, or a least and a largest one.

    \b
    Examples:
      ldnsim dose-for hours_blocked_peripheral 4 6 --at 22:00
      ldnsim dose-for "cmax naltrexone" 5 --days 1
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    files.check(out, figure)
    chosen = options.chosen_model(model, scenario, condition, params)
    with options.busy(f"looking for the dose of {metric}"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "no dose between")  # the table says so
        found = ldn.dose_for(chosen, metric, target if len(target) > 1 else target[0], at=clock_of(at), **how)
    counted = found.attrs["dose_units"]
    heads = {c: f"{c} [{counted}]" for c in ("dose", "low", "high")}
    files.write_table(found.rename(columns=heads).reset_index(names=metric), out)
    files.draw(figure, lambda: _over_doses(found))
    about, written = found.attrs, files.given(out, figure)
    if as_json:
        told = {
            k: about[k]
            for k in (
                "metric",
                "units",
                "meaning",
                "draws",
                "draws_from",
                "best_dose",
                "best_share",
                "decided_by_assumed",
            )
            if k in about
        }
        rows = found.reset_index(names="target").to_dict("records")
        show.as_json({**told, "dose_units": counted, "rows": rows, **show.end(written)})
        return
    least, most = how["between"]
    unit = f" {unit_shown(about['units'])}".rstrip()
    rows = [
        [f"{level:g}{unit}", *(_dose(x, least, most) for x in (r.dose, r.low, r.high)), f"{r.within:.0%}"]
        for level, r in found.iterrows()
    ]
    show.table(
        [metric, f"dose, {counted}: median of draws", "5 %", "95 %", "draws that get there"], rows, right=(1, 2, 3, 4)
    )
    if "best_dose" in about:
        low, high = found.index
        click.echo(
            f"At {show.number(about['best_dose'])} {counted} {about['best_share']:.0%} of {about['draws']} draws lie "
            f"between {low:g} and {high:g}{unit}; at no dose are there more."
        )
    show.sentence(f"{metric}: {about['meaning']}.")
    show.few(about["draws"])
    show.rests_on(about["decided_by_assumed"], "Decided by assumed")
    show.finish(written)


def _over_doses(found):
    """Draw the metric over the doses that were tried, with the values asked for."""
    import xarray as xr

    import ldnsim as ldn

    tried, about = found.attrs["tried"], found.attrs
    words = {"units": about["units"], "long_name": about["label"]}
    ds = xr.Dataset(
        {about["metric"]: (("quantile", "dose"), tried["values"], words)},
        {
            "quantile": tried["quantile"],
            "dose": ("dose", tried["dose"], {"units": about["dose_units"], "long_name": "dose"}),
        },
    )
    fig, ax = ldn.plots.dose_response(ds)
    for level in found.index:
        ax.axhline(level, linewidth=0.8, color="0.4", linestyle=":")
    return fig, ax


def _dose(dose: float, least: float, most: float) -> str:
    """Write a dose; one outside the range that was tried is only known to lie beyond."""
    if dose == math.inf:
        return f"> {most:g}"
    return f"< {least:g}" if dose == 0 else show.number(dose)


@click.command(cls=Worded, epilog=f"A regimen reads {GRAMMAR}; parts joined by + are taken together.")
@click.argument("regimen")
@click.argument("variables", nargs=-1)
@click.option("--after", type=options.NUMBER, help="Hours since the last dose; or")
@click.option("--clock", help="the clock time, HH:MM: the first one after the last dose.")
@click.option("--days", type=options.DAYS, help="Days of treatment, of a regimen that is repeated.")
@click.option("--drug", help="Whose last dose counts.  [default: naltrexone if it is taken, else all]")
@options.draws_options
@files.out_option()
@files.figure_option("Draw the course about that moment")
@options.model_options
@options.json_option
def level(regimen, variables, out, figure, as_json, model, scenario, condition, params, days, **how):
    """Tell levels at one moment, with intervals.

    After the last dose of a REGIMEN.

    All observables of the model, or the VARIABLES named.

    \b
    Examples:
      ldnsim level "3 mg sublingual" plasma_naltrexone --after 2
      ldnsim level "4.5 mg at 22:00" --clock 02:00 --days 14
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    from ..study.moments import check_moment

    files.check(out, figure)
    check_moment(how["after"], how["clock"], "--after, --clock", "--after 2 (h) or --clock 02:00")
    chosen = options.chosen_model(model, scenario, condition, params)
    taken = once_or_repeated("regimen", regimen, chosen, days, lengthened="--days 28")
    found = ldn.level_at(chosen, taken, outputs=list(variables) or None, **how)
    files.write_table(found.reset_index(), out)
    files.draw(figure, lambda: _about_the_moment(chosen, taken, list(variables), found.attrs, how))
    about, written = found.attrs, files.given(out, figure)
    if as_json:
        told = {k: about[k] for k in ("time", "after", "since", "draws", "draws_from")}
        show.as_json({**told, "variables": found.to_dict("index"), **show.end(written)})
        return
    numbers = found[["median", "low", "high"]]
    rows = [[str(n), *map(show.readout, numbers.loc[n]), unit_shown(found["unit"][n])] for n in found.index]
    show.table(["variable", "median of draws", "5 %", "95 %", "unit"], rows, right=(1, 2, 3))
    day, hour = divmod(np.round(about["time"], 4), 24)
    minutes = round(hour * 60)
    click.echo(
        f"{about['after']:g} h after the last dose ({about['since']}), "
        f"on day {day + 1:g} at {minutes // 60:02d}:{minutes % 60:02d}; "
        f"{about['draws']} draws of the {about['draws_from']}."
    )
    lost = [str(n) for n in found.index if ((numbers.loc[n] != 0) & (numbers.loc[n].abs() < show.NOTHING)).any()]
    if lost:
        show.sentence(f"0 where the solver leaves less than {show.NOTHING:g}, which is its error: {', '.join(lost)}.")
    show.few(about["draws"])
    if len(found) == 1:
        show.rests_on(found["decided_by_assumed"].iloc[0], "Decided by assumed")
    show.finish(written)


_BEFORE, _AFTER = 2.0, 1.5  # drawn: hours before the last dose, and so many times as long after it as asked


def _about_the_moment(model, taken, variables, about, how):
    """Draw the course of the same draws from the last dose on, and mark the moment."""
    import ldnsim as ldn

    from ..study.draws import draws_of

    last = about["time"] - about["after"]
    ds = ldn.simulate(
        model, taken, subjects=draws_of(model, how["draws"], how["seed"]), outputs=variables or None, every=0.1,
        duration=last + max(_AFTER * about["after"], 12.0),
    )  # fmt: skip
    shown = ds.sel(time=slice(max(last - _BEFORE, 0.0), None))
    fig, axes = ldn.plots.timecourse(shown, variables=variables or None)
    for ax in axes.flat:
        ax.axvline(about["time"], linewidth=0.8, color="0.4", linestyle=":")
    return fig, axes
