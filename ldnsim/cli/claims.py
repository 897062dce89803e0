"""`ldnsim claims`: what is said of low-dose naltrexone, judged."""

from __future__ import annotations

from pathlib import Path

import click

from . import options, show


@click.command()
@click.option("--draws", type=int, default=400, show_default=True, help="Draws of the uncertain parameters.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which draws.")
@click.option("--questions", is_flag=True, help="Answer the twenty questions people ask instead.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the whole table: .md or .csv.")
@click.option(
    "--readme",
    type=click.Path(path_type=Path),
    help="Page in which the short table stands between its marks.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def claims(draws, seed, questions, out, readme, as_json):
    """Judge what is said of low-dose naltrexone.

    \b
    Examples:
      ldnsim claims
      ldnsim claims --out docs/claims.md --readme README.md
      ldnsim claims --questions --out docs/questions.md
    """  # noqa: D301 (\b is the escape click reads)
    import ldnsim as ldn
    from ldnsim.study import asked, words

    options.check_target("out", out, (".md", ".csv"))
    options.check_target("readme", readme, (".md",))
    model = ldn.load_model("ldn")
    table = ldn.claims(model, draws=draws, seed=seed)
    if readme is not None:
        page = words.put_between(readme.read_text(encoding="utf-8"), words.short_table(table))
        readme.write_text(page, encoding="utf-8")
    if questions:
        table = asked.questions(model, table)
    if out is not None:
        page = words.questions_page if questions else words.claims_page
        text = page(table) if out.suffix == ".md" else table.to_csv()
        out.write_text(text, encoding="utf-8")
    if as_json:
        show.as_json({"notice": show.NOTICE, "rows": table.reset_index().to_dict("records")})
        return
    if questions:
        rows = [
            [str(i), r["question"], r["answer"]]
            for i, r in zip(table.index, table.to_dict("records"), strict=True)
        ]
        show.table(["", "question", "answer (90 % interval)"], rows, widths=(3, 35, 55))
    else:
        rows = [
            [r["claim"], words.answer(r), words.share(r), r["grade"], r["verdict"]]
            for r in table.to_dict("records")
        ]
        show.table(
            ["claim", "answer (90 % interval)", "holds in", "grade", "verdict"],
            rows,
            widths=(32, 19, 8, 8, 23),
        )
    if out is not None:
        click.echo(f"wrote {out}")
    click.echo(show.NOTICE)
