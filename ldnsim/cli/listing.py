"""`ldnsim models` and `ldnsim evidence`: what ships with the package."""

from __future__ import annotations

import re

import click

from .. import library
from ..result import words_of
from ..units import unit_shown
from . import files, options, show
from .layout import wrapped

# What libSBML says where units are missing; that is no mistake.
_UNDECLARED = re.compile(r"Warning (99\d{3}|20702|8\d{4}),")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--parameters", is_flag=True, help="List the parameters of the model with unit, grade and source."
)
@click.option("--metrics", is_flag=True, help="List the numbers that are read of the model, with what they mean.")
@options.json_option
def models(name, parameters, metrics, as_json):
    """List models, or what one holds.

    NAME is a shipped one, or the path of one of your own: then its units are checked, as far as declared.

    \b
    Examples:
      ldnsim models
      ldnsim models ldn --parameters
      ldnsim models ldn --metrics
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    if name is None:
        _list(ldn.list_models(), as_json)
        return
    model = ldn.load_model(name)
    if as_json:
        show.as_json(_told(model))
    elif parameters:
        _parameters(model)
    elif metrics:
        _metrics(model)
    else:
        _contents(model)


def _list(names: list[str], as_json: bool) -> None:
    import ldnsim as ldn

    found = {name: ldn.load_model(name) for name in names}
    if as_json:
        show.as_json(
            {n: {"states": len(m.states), "parameters": len(m.parameters)} for n, m in found.items()}
        )
        return
    rows = [[n, str(len(m.states)), str(len(m.parameters)), ", ".join(m.scenarios)] for n, m in found.items()]
    show.table(["model", "states", "parameters", "scenarios"], rows, right=(1, 2))


def _told(model) -> dict:
    table = model.parameters.astype(object).where(model.parameters.notna(), None)
    return {
        "model": model.name,
        "states": model.states,
        "observables": model.observables,
        "outputs": model.outputs.to_dict("index"),
        "metrics": model.readouts.astype(object).where(model.readouts.notna(), None).to_dict("index"),
        "scenarios": dict(model.scenarios),
        "parameters": table.to_dict("index"),
    }


def _parameters(model) -> None:
    rows = [
        [
            str(name),
            show.number(float(p["value"])),
            str(p["unit"]),
            str(p["grade"]),
            str(p["source"]),
            str(p["description"]),
        ]
        for name, p in model.parameters.iterrows()
    ]
    show.table(["parameter", "value", "unit", "grade", "source", "meaning"], rows, right=(1,))


def _metrics(model) -> None:
    from ..readouts import readouts_of

    words = words_of(model, {r.variable: r.variable for r in readouts_of(model)})
    told = {r.name: r.attrs(words) for r in readouts_of(model)}
    rows = [[name, unit_shown(t["units"]), t["long_name"], t["description"]] for name, t in told.items()]
    show.table(["metric", "unit", "meaning", "read"], rows)
    show.sentence("Any other: --metric 'auc(il6, 0, 24)', 'time_above(mu_occupancy_brain, 0.5)', ...")


def _contents(model) -> None:
    outputs = model.outputs
    rows = [[name, str(outputs.unit[name]), str(outputs.long_name[name])] for name in model.observables]
    show.table(["variable", "unit", "meaning"], rows)
    if model.scenarios:
        click.echo()
        show.table(["scenario", "what it assumes"], [[n, text] for n, text in model.scenarios.items()])
    if model.folder is None:
        wrong = [line for line in model.check() if not _UNDECLARED.match(line)]
        for line in [f"check: {line}" for line in wrong] or ["check: no unit contradicts another"]:
            click.echo("\n".join(wrapped(line, show.WIDTH)))
    names = [n for n in ("formulations", "drugs", "conditions") if library.has_table(model, n)]
    if names:
        click.echo()
        shelves = {n: library.table(model, n).index.unique() for n in names}
        show.table(["there are", ""], [[n, ", ".join(map(str, index))] for n, index in shelves.items()])


@click.command()
@click.argument("words", nargs=-1)
@click.option("--rows", type=click.IntRange(min=1), default=30, show_default=True, help="Rows to print.")
@options.renamed("--limit", "--rows")
@files.out_option("Write all columns of all rows found")
@click.option("--json", "as_json", is_flag=True, help="Print all columns of all rows found, as JSON.")
def evidence(words, rows, out, as_json):
    """List published measurements.

    The models rest on them. All WORDS must occur in a row.

    \b
    Example:
      ldnsim evidence naltrexol t_half
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn

    files.check(out)
    table = ldn.evidence().set_index("id")
    text = [" ".join(map(str, row)).lower() for row in table.itertuples()]
    found = table[[all(word.lower() in t for word in words) for t in text]]
    files.write_table(found.reset_index(), out)
    if as_json:
        show.as_json(found.astype(object).where(found.notna(), None).to_dict("index"))
        return
    cells = found.head(rows).astype(object).where(found.head(rows).notna(), "")
    if not len(found):
        click.echo("no row holds all of these words", err=True)
        return
    head = ["quantity", "analyte", "value", "unit", "use", "source"]
    printed = [[str(i), _with_dose(row), *(str(row[c]) for c in head[1:])] for i, row in cells.iterrows()]
    show.table(["id", *head], printed, right=(3,))
    if len(found) > rows:
        click.echo(f"{rows} of {len(found)} rows; --rows {len(found)} shows all", err=True)
    if out is not None:
        click.echo(f"wrote {out}")


def _with_dose(row) -> str:
    dose = str(row["dose_mg"]).removesuffix(".0")
    return f"{row['quantity']} at {dose} mg" if dose else str(row["quantity"])
