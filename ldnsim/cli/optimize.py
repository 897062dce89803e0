"""`ldnsim optimize`: the regimen that does best by one metric, or trades best between two."""

from __future__ import annotations

import math
from pathlib import Path

import click

from ..errors import bad
from ..numeric import number_of
from ..regimen.language import clock
from . import options, show


@click.command()
@click.option("--maximize", multiple=True, metavar="METRIC", help="Metric to make large; may be repeated.")
@click.option("--minimize", multiple=True, metavar="METRIC", help="Metric to make small; may be repeated.")
@click.option("--vary", "varied", multiple=True, required=True, metavar="NAME=LOW:HIGH | NAME=A,B,...",
              help="dose=0.5:10, formulation=capsule,slow_release, ...; may be repeated.")  # fmt: skip
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="at=22:00, dose=4.5, ...")
@click.option(
    "--limit", "limits", multiple=True, metavar="METRIC=LOW:HIGH", help="Constraint; one side may be empty."
)
@click.option("--days", type=options.WHOLE, default=14, show_default=True, help="Days of treatment.")
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
@click.option("--out", type=click.Path(path_type=Path), help="Write the table: .csv.")
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

    options.check_target("out", out, (".csv",))
    chosen = options.chosen_model(model, scenario, condition, params)
    kept = options.unique("set", (options.pair("set", text) for text in fixed))
    found = ldn.optimize(
        chosen,
        options.unique("goal", [*((m, "max") for m in maximize), *((m, "min") for m in minimize)]),
        options.unique("vary", map(_varied, varied)),
        constraints=options.unique("limit", map(_limit, limits)),
        draws=None if draws is None else ldn.posterior(chosen, draws),
        robust="mean" if robust is None else robust,
        progress=options.at_terminal() or False,
        **{name: clock(value) for name, value in kept.items()},
        **search,
    )
    if out is not None:
        found.table.to_csv(out, index=False)
    files = [] if out is None else [out]
    if as_json:
        told = {"evaluated": found.evaluated, "message": found.message, "at_bound": found.at_bound}
        units = found.table.attrs["units"]
        show.as_json({**told, "units": units, "rows": found.table.to_dict("records"), **show.end(files)})
        return
    rows = [[c if isinstance(c, str) else show.number(c) for c in row] for row in found.table.values.tolist()]
    show.table(list(found.table.columns), rows, right=range(len(found.table.columns)))
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
    show.finish(files)


def _varied(text: str) -> tuple[str, object]:
    name, value = options.pair("vary", text)
    if "," in value:
        return name, [clock(part.strip()) for part in value.split(",")]
    return name, _range("vary", text, value)


def _limit(text: str) -> tuple[str, tuple]:
    name, value = options.pair("limit", text)
    return name, _range("limit", text, value)


def _range(argument: str, text: str, value: str) -> tuple[float | None, float | None]:
    low, sign, high = value.partition(":")
    ends = tuple(number_of(side) if side.strip() else None for side in (low, high))
    if not sign or any(end is not None and math.isnan(end) for end in ends):
        raise bad(argument, text, "must read NAME=LOW:HIGH with numbers (hours for at)")
    return ends
