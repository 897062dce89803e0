"""`ldnsim optimize`: the regimen that does best by one metric, or trades best between two."""

from __future__ import annotations

import math

import click

from ..errors import bad, renamed, unknown
from ..io.headers import headed
from ..numeric import number_of
from ..regimen.language import clock
from ..simulation.counted import unit_of_all
from ..sweeps.grid import DOSING
from ..units import unit_shown
from . import files, options, show

_ENDS = ("_low", "_high")  # of an interval, behind the name of the number
_OPTIONS = {"over": "vary", "goals": "--minimize, --maximize", "constraints": "limit"}


@click.command()
@click.option("--maximize", multiple=True, metavar="METRIC", help="Metric to make large; may be repeated.")
@click.option("--minimize", multiple=True, metavar="METRIC", help="Metric to make small; may be repeated.")
@click.option("--vary", "varied", multiple=True, required=True, metavar="NAME=LOW:HIGH | NAME=A,B,...",
              help="dose=0.5:10, formulation=capsule,slow_release, ...; may be repeated.")  # fmt: skip
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="at=22:00, dose=4.5, ...")
@click.option(
    "--limit", "limits", multiple=True, metavar="METRIC=LOW:HIGH", help="Constraint; one side may be empty."
)
@click.option("--days", type=options.DAYS, default=14, show_default=True, help="Days of treatment.")
@click.option(
    "--draws", type=options.WHOLE, help="Judge by so many posterior draws.  [default: the nominal values]"
)
@click.option(
    "--robust", type=options.NUMBER, help="Share of draws that may miss; by default their mean counts."
)
@click.option(
    "--candidates", type=options.WHOLE, default=40, show_default=True, help="Regimens of a generation."
)
@click.option("--generations", type=options.WHOLE, default=30, show_default=True, help="Generations.")
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Of the search.")
@files.out_option()
@files.figure_option("Draw the best trades between two metrics")
@options.model_options
@options.json_option
def optimize(
    model,
    scenario,
    condition,
    params,
    maximize,
    minimize,
    varied,
    fixed,
    limits,
    draws,
    robust,
    out,
    figure,
    as_json,
    **search,
):
    """Find the best regimen by one metric, or trade two metrics.

    \b
    Examples:
      ldnsim optimize --minimize change_il6 --limit hours_blocked_peripheral=:12 --vary dose=0.5:10
      ldnsim optimize --minimize change_il6 --minimize hours_blocked_peripheral --vary dose=0.5:50
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    files.check(out, figure)
    goals = options.unique("goal", [*((m, "max") for m in maximize), *((m, "min") for m in minimize)])
    if figure is not None and len(goals) != 2:
        raise bad(
            "figure", str(figure), "shows how two metrics are traded", "name two, as in the second example"
        )
    chosen = options.chosen_model(model, scenario, condition, params)
    kept = options.unique("set", (options.pair("set", text) for text in fixed))
    over = options.unique("vary", map(_varied, varied))
    if not goals:
        raise bad("--minimize, --maximize", None, "must be given, one or two", "--minimize change_il6")
    if robust is not None and draws is None:
        raise bad("--robust", robust, "has no effect without --draws", "--draws 100")
    for name in kept:
        if name not in DOSING:
            raise unknown("set", name, DOSING, limit=len(DOSING))
    if _how_long({*over, *kept}):
        del search["days"]  # which nobody gave
    elif "days" in kept:
        raise bad("--days", search["days"], f"contradicts --set days={kept['days']}", "give one of the two")
    with renamed(_OPTIONS):
        found = ldn.optimize(
            chosen,
            goals,
            over,
            constraints=options.unique("limit", map(_limit, limits)),
            draws=None if draws is None else options.drawn(chosen, draws),
            robust="mean" if robust is None else robust,
            progress=options.at_terminal() or False,
            **{name: clock(value) for name, value in kept.items()},
            **search,
        )
    units = found.table.attrs["units"]
    if "dose" in found.table:
        units = {"dose": unit_of_all(chosen, found.regimens), **units}
    files.write_table(_headed(found.table, units), out)
    files.draw(figure, lambda: ldn.plots.pareto(found))
    written = files.given(out, figure)
    if as_json:
        told = {"evaluated": found.evaluated, "message": found.message, "at_bound": found.at_bound}
        show.as_json({**told, "units": units, "rows": found.table.to_dict("records"), **show.end(written)})
        return
    head, rows = _cells(found.table, units)
    show.table(head, rows, right=range(len(head)))
    if draws is None:
        judged = "nominal values"
    else:
        judged = (
            f"the mean of {draws} draws"
            if robust is None
            else f"what all but {robust:g} of {draws} draws attain"
        )
    for line in (f"{found.evaluated} regimens, judged by {judged}; {found.message}", *found.at_bound):
        click.echo(line)
    show.finish(written)


def _headed(table, units: dict[str, str]):
    """Name the columns of a file with their units, those of an interval with that of their number."""
    of = {f"{name}{end}": unit for name, unit in units.items() for end in ("", *_ENDS)}
    return table.rename(columns={c: headed(c, of.get(c, "")) for c in table.columns})


def _cells(table, units: dict[str, str]) -> tuple[list[str], list[list[str]]]:
    """Write the table, an interval beside the number that it is of, units in the head."""
    plain = [c for c in table.columns if not c.endswith(_ENDS)]

    def cell(row, name: str) -> str:
        if isinstance(row[name], str):
            return row[name]
        text = show.number(row[name])
        between = [row.get(f"{name}{end}") for end in _ENDS]
        if None in between or math.isnan(between[0]):
            return text
        return f"{text} ({show.number(between[0])} to {show.number(between[1])})"

    head = [f"{c}, {units[c]}" if unit_shown(units.get(c)) else c for c in plain]
    return head, [[cell(row, c) for c in plain] for row in table.to_dict("records")]


def _how_long(named: set[str]) -> bool:
    """Whether what is varied or set says how long treatment is, in place of the usual --days."""
    given = click.get_current_context().get_parameter_source("days")
    return bool(named & {"days", "n"}) and given is click.core.ParameterSource.DEFAULT


def _varied(text: str) -> tuple[str, object]:
    name, value = options.pair("vary", text, value_is="LOW:HIGH or NAME=A,B")
    if "," in value:
        return name, [clock(part.strip()) for part in value.split(",")]
    return name, _range("vary", text, value)


def _limit(text: str) -> tuple[str, tuple]:
    name, value = options.pair("limit", text, value_is="LOW:HIGH")
    low, high = _range("limit", text, value)
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        raise bad("limit", text, "must read METRIC=LOW:HIGH, the lower first, one of them at least")
    return name, (low, high)


def _range(argument: str, text: str, value: str) -> tuple[float | None, float | None]:
    low, sign, high = value.partition(":")
    ends = tuple(number_of(side) if side.strip() else None for side in (low, high))
    if not sign or any(end is not None and math.isnan(end) for end in ends):
        raise bad(argument, text, "must read NAME=LOW:HIGH with numbers (hours for at)")
    return ends
