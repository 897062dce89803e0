"""`ldnsim claims`: what is said of low-dose naltrexone, judged."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import bad
from . import files, options, show

WRITABLE = (".md", *files.TABLES)


@click.command()
@click.option(
    "--draws", type=options.WHOLE, default=400, show_default=True, help="Draws of the uncertain parameters."
)
@click.option("--seed", type=options.WHOLE, default=0, show_default=True, help="Which draws.")
@click.option("--questions", is_flag=True, help="Answer the twenty questions people ask instead.")
@click.option(
    "--immune", is_flag=True, help="Show the readings of cytokines and the endotoxin check instead."
)
@click.option("--trials", is_flag=True, help="Show what the model foresees of published trials instead.")
@click.option(
    "--predictions", is_flag=True, help="Put on record what is predicted of studies under way instead."
)
@files.out_option("Write the whole table as a page, .md, or as a table", WRITABLE)
@click.option(
    "--readme", type=click.Path(path_type=Path), help="Page that gets the short table, at its marks."
)
@options.json_option
def claims(draws, seed, questions, immune, trials, predictions, out, readme, as_json):
    """Judge what is said of low-dose naltrexone.

    \b
    Examples:
      ldnsim claims
      ldnsim claims --out docs/claims.md --readme README.md
      ldnsim claims --questions --out docs/questions.md
      ldnsim claims --immune --out docs/immune.md
      ldnsim claims --trials --out docs/trials.md
      ldnsim claims --predictions --out docs/predictions.md
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn
    from ldnsim.study import pages, question_table

    files.check(out, suffixes=WRITABLE)
    if readme is not None and not (readme.is_file() and readme.suffix == ".md"):
        raise bad("readme", str(readme), "is no page", "name one that has the marks of the short table")
    if questions + immune + trials + predictions > 1:
        raise bad("questions", "with --immune, --trials or --predictions", "is one page at a time")
    model = ldn.load_model("ldn")
    if immune:
        readings, checks = ldn.cytokine_readings(model, seed=seed), ldn.endotoxin(model)
        page, shown = pages.immune_page(readings, checks, model.scenarios), _readings(readings)
        rows = readings.reset_index()
    elif predictions:
        rows = ldn.registered(model)
        page, shown = _on_record(rows, model, out), _predicted(rows)
    elif trials:
        rows = ldn.published_trials(model, seed=seed)
        page, shown, rows = pages.trials_page(rows), _trials(rows), rows.reset_index()
    else:
        rows = ldn.claims(model, draws=draws, seed=seed)
        if readme is not None:
            text = pages.put_between(readme.read_text(encoding="utf-8"), pages.short_table(rows))
            readme.write_text(text, encoding="utf-8")
        if questions:
            rows = question_table.questions(model, rows)
        page, shown = (pages.questions_page, _asked) if questions else (pages.claims_page, _judged)
        page, shown, rows = page(rows), shown(rows), rows.reset_index()
    if out is not None and out.suffix.lower() == ".md":
        out.write_text(page, encoding="utf-8")
    else:
        files.write_table(rows, out)
    written = files.given(out, readme)
    if as_json:
        show.as_json({"rows": rows.to_dict("records"), **show.end(written)})
        return
    show.table(*shown)
    if not (immune or trials or predictions):
        click.echo(f"Answers are medians of {rows.attrs['draws']} draws of the {rows.attrs['draws_from']}.")
    show.finish(written)


def _judged(table) -> tuple:
    from ..study import pages

    rows = [
        [r["claim"], pages.answer(r), pages.share(r), r["grade"], r["verdict"]]
        for r in table.to_dict("records")
    ]
    return (
        ["claim", "median of draws (90 % interval)", "holds in", "grade", "verdict"],
        rows,
        (),
        (32, 19, 8, 8, 23),
    )


def _asked(table) -> tuple:
    rows = [
        [str(i), r["question"], r["answer"]]
        for i, r in zip(table.index, table.to_dict("records"), strict=True)
    ]
    return ["", "question", "median of draws (90 % interval)"], rows, (), (3, 35, 55)


def _on_record(rows, model, out: Path | None) -> str:
    """Write the record beside the page; returns the page."""
    import datetime as dt
    import json

    from ..study import registry

    beside = None if out is None else out.with_suffix(".json")
    today = dt.datetime.now(dt.UTC).date().isoformat()
    kept = registry.record(rows, model, today, beside)
    if beside is not None:
        beside.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return registry.page(kept)


def _predicted(table) -> tuple:
    rows = [
        [r["study"], r["structure"], *(show.number(r[k]) for k in ("median", "low", "high")), r["unit"]]
        for r in table.to_dict("records")
    ]
    return ["study", "structure", "median", "low", "high", "unit"], rows, (2, 3, 4)


def _readings(table) -> tuple:
    rows = [
        [scenario, cytokine, *(f"{x:.1f}" for x in values)]
        for (scenario, cytokine), values in zip(table.index, table.to_numpy(), strict=True)
    ]
    return ["reading", "cytokine", "change, %: median of draws", "5 %", "95 %"], rows, (2, 3, 4)


def _trials(table) -> tuple:
    names = ["reported", "low", "median", "high", "power"]
    rows = [
        [name, *(f"{r[k]:.2f}" for k in names), "yes" if r["inside"] else "no"]
        for name, r in zip(table.index, table.to_dict("records"), strict=True)
    ]
    head = ["reported", "low", "median of repetitions", "high", "power"]
    return ["difference in pain, points", *head, "inside"], rows, (1, 2, 3, 4, 5)
