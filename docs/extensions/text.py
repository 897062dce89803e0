"""Markdown from values: tables, cells, and files that are written only if they change."""

from collections.abc import Iterable, Sequence
from pathlib import Path

LONG = 60  # characters


def write(path: Path, text: str) -> None:
    """Write a page; one that is the same already keeps its date, so that it is not read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def cell(value: object) -> str:
    """Write a value into a cell: numbers short, nothing for NaN, and no character that Markdown reads."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    text = " ".join(str(value).split())
    return "".join("\\" + c if c in "\\|*_`<>[]$~" else c for c in text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of cells that are Markdown already."""
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(map(_roomy, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _roomy(text: str) -> str:
    """Mark a long text that is no list of links, for the style sheet to give it room."""
    return f'<span class="long">{text}</span>' if len(text) > LONG and text[0] != "[" else text


def heading(title: str, level: int) -> str:
    """Write a heading."""
    return f"\n{'#' * level} {title}\n\n"
