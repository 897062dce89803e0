"""`ldnsim qualify`: every measurement against its prediction, as a report with figures."""

from __future__ import annotations

import click

from . import files, options, show

WRITABLE = (".md", *files.TABLES)


@click.command()
@click.option("--model", default="ldn", show_default=True, help="Name of a shipped model, or a model folder.")
@click.option("--quick", is_flag=True, help="Short budget: fewer posterior draws.")
@files.out_option("Write a report, .md, with figures beside it in figures/, or the table", WRITABLE)
@files.figure_option("Draw predicted against observed")
@options.json_option
def qualify(model, quick, out, figure, as_json):
    """Hold the model against every measurement.

    Rows that the model never saw stand apart from those fitted.

    \b
    Examples:
      ldnsim qualify --quick
      ldnsim qualify --out docs/qualification.md
    """  # noqa: D301 (\b is the escape click reads)
    from .. import plots
    from ..inference import report
    from ..inference.qualification import goals_of
    from ..inference.qualification import qualify as run

    files.check(out, figure, WRITABLE)
    chosen = options.chosen_model(model, None, None, ())
    with options.busy("predicting every measurement"):
        table = run(chosen, n=report.QUICK_DRAWS if quick else report.DRAWS)
    written = files.given(out, figure)
    if out is not None and out.suffix.lower() in files.TABLES:
        files.write_table(table.reset_index(), out)
    elif out is not None:
        with options.busy("writing the report"):
            written = [*report.write(chosen, table, out, quick=quick), *files.given(figure)]
    files.draw(figure, lambda: plots.qualification(table))
    if as_json:
        goals = goals_of(table).to_dict("index")
        show.as_json({"rows": table.to_dict("index"), "goals": goals, **show.end(written)})
        return
    head = ["measurement", "use", "endpoint", "observed", "predicted", "unit", "fold"]
    rows = [
        [
            str(i),
            r.use,
            r.endpoint,
            show.number(r.observed),
            show.number(r.predicted),
            r.unit,
            show.number(r.fold),
        ]
        for i, r in table.iterrows()
    ]
    show.table(head, rows, right=(3, 4, 6))
    click.echo()
    goals = [
        [str(i), r.measure, show.number(r.goal), show.number(r.reached), "met" if r.met else "missed"]
        for i, r in goals_of(table).iterrows()
    ]
    show.table(["calibration rows", "measure", "goal", "reached", ""], goals, right=(2, 3))
    show.finish(written)
