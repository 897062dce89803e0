"""Claims and questions as text: answers with their intervals, and tables in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import bad
from ..numeric import three_digits
from .draws import LOW

if TYPE_CHECKING:
    import pandas as pd

_BARE = ("", "1", "fold")
_TRIALS_HEAD = "# Published trials of LDN in fibromyalgia, run on virtual patients"
_NOT_ADVICE = "For research, not medical advice."
_TRIALS_FOOT = """\
Negative differences favour LDN. Each trial's own spread of measured pain is used (`models/ldn/trials.csv`).
The placebo response is that of the placebo arms of the two parallel trials, and the small, assumed effect on
pain (`pain_gain`) was chosen in their view; the sizes found by the crossover trials were not used.
"As far or further" counts the repetitions at least as far from the median as the trial, on its side: 5 % is the
edge of the interval.
The placebo response grows over weeks, so a placebo phase that is shorter, or always first, makes any drug
look better: that alone gives most of the difference foreseen for the crossover trials."""
_IMMUNE_FOOT = """\
A half-life is that of turnover, ln 2 / clearance constant. IL-10 given into a vein is compared by its volume
over its clearance. From under the skin a cytokine leaves plasma no faster than it is absorbed (IL-6 peaks
after 5 h), so half-lives found that way are upper bounds; no turnover of IL-6 in human plasma was found.

The rise of IL-1beta is {fold} times the measured one: its production saturates with the activation of
monocytes (`il1b_saturation`, chosen in view of that row), from a share at rest that is assumed
(`il1b_monocyte_share`). The work that the TLR4 readings rest on found IL-1beta not inhibited, so read its change
under naltrexone above as assumed. It rises too early: saturation is all that holds it back here. Nothing else in
the model depends on IL-1beta."""
_NEAR = 0.02  # share of repetitions by which other seeds differ at the edge of an interval
BEGIN, END = "<!-- claims -->", "<!-- end of claims -->"


def _written(how: str) -> str:
    """Tell who would edit the page how it is made, and readers nothing."""
    return f"<!-- made by `ldnsim claims {how}` -->"


def _margin(draws: int) -> float:
    """Half the width of a 90 % interval of a share near one half, in points (normal approximation)."""
    return 100 * 1.645 * math.sqrt(0.25 / draws)


def number(value: float) -> str:
    """Three significant digits; what is huge as a power, what is infinite in words."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "never"
    if value == 0 or abs(value) < 1e-4:
        return "0"
    if abs(value) >= 1e5:
        return f"{value:.0e}".replace("e+0", "e")
    return three_digits(value)


def answer(row: Mapping[str, Any]) -> str:
    """Median, 90 % interval and unit in one cell; empty where there is no answer."""
    if math.isnan(row["answer"]):
        return ""
    unit = "" if row["unit"] in _BARE else f" {row['unit']}"
    return f"{number(row['answer'])} ({number(row['low'])} to {number(row['high'])}){unit}"


def share(row: Mapping[str, Any]) -> str:
    """Share of draws in which a sentence holds, in percent."""
    return "" if math.isnan(row["share"]) else f"{100 * row['share']:.0f} %"


def within(row: Mapping[str, Any]) -> str:
    """Share within each structure in percent, in the order of `rival_names`; one number where all agree."""
    shares = [part.split()[1] for part in row["structures"].split(", ") if part]
    return f"{shares[0]} all" if len(set(shares)) == 1 else " / ".join(shares)


def rival_names(table: pd.DataFrame) -> list[str]:
    """Names of the structures that a table of claims tells shares of, in order."""
    told = next((text for text in table["structures"] if text), "")
    return [part.split()[0] for part in told.split(", ") if part]


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(c).replace("|", "/") for c in line) + " |" for line in lines)


def claims_page(table: pd.DataFrame) -> str:
    """Write the page of all claims."""
    head = ["claim", "regimen", "median of draws (90 % interval)", "holds in", "in each structure, %", "decided by",
            "grade", "verdict"]  # fmt: skip
    names = {"design": "The LDN hypothesis and its critics", "pages": "Met on public pages"}
    parts = [
        "# Claims about low-dose naltrexone, put to the model",
        f"{_written('--out docs/claims.md --readme README.md')} {_NOT_ADVICE}",
        f"{len(table)} sentences on {table.attrs['draws']} draws of the {table.attrs['draws_from']}, "
        f"seed {table.attrs['seed']}; each answer is their median. "
        "A sentence *holds* where it does in 90 % of the draws, is *contradicted* where it does in 10 % "
        "at most; between it is *likely* from two thirds on, *unlikely* up to one third, else *open*. With so "
        f"many draws a share is known to {_margin(table.attrs['draws']):.0f} points. "
        "A contradiction is *left open* under a scenario in which a "
        "quarter of the draws or more speak against it. The grade is that of the weakest of the parameters that "
        "decide. *In each structure*: the share of draws within each rival structure of the feedback, in the "
        f"order {', '.join(rival_names(table))}; the intervals are those of all together.",
    ]
    for said, title in names.items():
        some = table[table["said"] == said]
        rows = [
            [
                r["claim"],
                r["regimen"],
                answer(r),
                share(r),
                within(r),
                r["deciding"],
                r["grade"],
                r["verdict"],
            ]
            for r in some.to_dict("records")
        ]
        parts += [f"## {title}", markdown(head, rows)]
    return "\n\n".join(parts) + "\n"


def short_table(table: pd.DataFrame) -> str:
    """Write what the README shows: some claims in plain words, then those that are marked as short."""
    plain = [
        f"- **{share(table.loc[name])} agree**: {words}. Median {answer(table.loc[name])}. {_basis(table.loc[name])}"
        for name, words in table.attrs["plain"].items()
    ]
    rows = [
        [r["claim"], answer(r), share(r), within(r), r["verdict"]]
        for r in table.loc[table.attrs["short"]].to_dict("records")
    ]
    head = ["claim", "median of draws (90 % interval)", "holds in", "in each structure, %", "verdict"]
    note = f"In each structure: {', '.join(rival_names(table))}, five rivals of the feedback."
    return "\n\n".join(["\n".join(plain), markdown(head, rows), note])


def _basis(row: pd.Series) -> str:
    """Say which parameters decide a number, and how well the weakest of them is known."""
    if not row["deciding"]:
        return "The same in all draws."
    named = ", ".join(f"`{name}`" for name in row["deciding"].split(", "))
    return f"Decided most by {named}: {row['grade']}."


def put_between(text: str, block: str) -> str:
    """Replace what stands between the marks in a page.

    Raises
    ------
    InputError
        If the page has no such marks.
    """
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise bad("readme", text[:20] + "...", f"has no marks {BEGIN} and {END}")
    return f"{before}{mark}\n{block}\n{end}{after}"


def questions_page(questions: pd.DataFrame) -> str:
    """Write the page of questions."""
    rows = [
        [str(i), r["question"], f"`{r['call']}`", r["answer"], r["unanswered"]]
        for i, r in zip(questions.index, questions.to_dict("records"), strict=True)
    ]
    return (
        "# Twenty questions, and the call that answers each\n\n"
        f"{_written('--questions --out docs/questions.md')} {_NOT_ADVICE}\n\n"
        f"Answers: median and 90 % interval of {questions.attrs['draws']} draws of the "
        f"{questions.attrs['draws_from']}. A call without draws gives the nominal value instead, which differs a "
        "little ([three numbers for one question](concepts/people.md)). More on each in "
        "[claims.md](claims.md).\n\n"
        + markdown(["", "question", "call", "answer", "what cannot be said"], rows)
        + "\n"
    )


def immune_page(readings: pd.DataFrame, checks: pd.DataFrame, about: Mapping[str, str]) -> str:
    """Write the page of cytokines: the readings side by side, and the endotoxin check."""
    cytokines = list(readings.index.unique("cytokine"))
    rows = []
    for scenario in readings.index.unique("scenario"):
        cells = [readings.loc[scenario, name] for name in cytokines]
        rows.append(
            [scenario, *(f"{c.change:.1f} ({c.low:.1f} to {c.high:.1f})" for c in cells), about[scenario]]
        )
    checked = [
        [r["cytokine"], r["quantity"], number(r["model"]), number(r["measured"]), number(r["fold"]),
         r["asked"], "yes" if r["within"] else "no", name, r["note"]]
        for name, r in zip(checks.index, checks.to_dict("records"), strict=True)
    ]  # fmt: skip
    return (
        "\n\n".join(
            [
                "# Cytokines: the readings, and an independent check",
                f"{_written('--immune --out docs/immune.md')} {_NOT_ADVICE}",
                "## 4.5 mg at 22:00 for 8 weeks, percent of baseline: median of draws (90 % interval)",
                markdown(["reading", *cytokines, "what it assumes"], rows),
                "The readings exclude each other; they are never added up.",
                "## 2 ng/kg endotoxin in a healthy volunteer",
                markdown(
                    ["cytokine", "quantity", "model", "measured", "fold", "asked", "met", "row", "note"],
                    checked,
                ),
                _IMMUNE_FOOT.format(fold=number(checks["fold"]["lps_cannon1990_il1b_fold"])),
            ]
        )
        + "\n"
    )


def trials_page(table: pd.DataFrame) -> str:
    """Write the page of published trials and what the model foresees of them."""
    rows = [
        [name, r["design"], str(r["n"]), "positive" if r["positive"] else "null", number(r["reported"]),
         f"{number(r['median'])} ({number(r['low'])} to {number(r['high'])})", "yes" if r["inside"] else "no",
         f"{100 * r['beyond']:.1f} %", f"{100 * r['power']:.0f} %"]
        for name, r in zip(table.index, table.to_dict("records"), strict=True)
    ]  # fmt: skip
    head = [
        "trial",
        "design",
        "n",
        "published as",
        "difference, points",
        "foreseen: median (90 %)",
        "inside",
        "as far or further",
        "power",
    ]
    out = ", ".join(table.index[~table["inside"]])
    told = f"Outside what is foreseen: {out}." if out else "All lie inside what is foreseen."
    near = ", ".join(table.index[(table["beyond"] - LOW).abs() < _NEAR])
    if near:
        told += f" {near}: so near to the edge that another seed may decide otherwise."
    opening = f"{_written('--trials --out docs/trials.md')} {_NOT_ADVICE}"
    return "\n\n".join([_TRIALS_HEAD, opening, markdown(head, rows), told, _TRIALS_FOOT]) + "\n"
