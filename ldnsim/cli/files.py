"""Files that commands write: the options that ask for them, tables, figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..io import checked_target, in_place

if TYPE_CHECKING:
    import pandas as pd

FIGURES = (".png", ".svg", ".pdf")
TABLES = (".csv", ".parquet", ".xlsx")
DPI = 300


def out_option(words: str = "Write the table", suffixes: tuple[str, ...] = TABLES) -> Callable:
    """Make the option of the file for a result."""
    return click.option("--out", type=click.Path(path_type=Path), help=f"{words}: {_listed(suffixes)}.")


def figure_option(words: str = "Write a figure") -> Callable:
    """Make the option of the file for a figure."""
    return click.option("--figure", type=click.Path(path_type=Path), help=f"{words}: {_listed(FIGURES)}.")


def _listed(names: tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def check(out: Path | None, figure: Path | None = None, suffixes: tuple[str, ...] = TABLES) -> None:
    """Refuse files that could not be written, before anything is computed."""
    for argument, path, allowed in (("out", out, suffixes), ("figure", figure, FIGURES)):
        if path is not None:
            checked_target(path, allowed, argument)


def write_table(table: pd.DataFrame, path: Path | None) -> None:
    """Write a table without its index, if a file is asked for."""
    if path is None:
        return
    with in_place(path) as new:
        if path.suffix.lower() == ".csv":
            table.to_csv(new, index=False)
        elif path.suffix.lower() == ".parquet":
            table.to_parquet(new, index=False)
        else:
            from ..io.sheets import write_frame

            write_frame(table, new)


def draw(path: Path | None, make: Callable[[], tuple[Any, Any]]) -> None:
    """Draw and write a figure, if a file is asked for; `make` gives (figure, axes)."""
    if path is None:
        return
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, _ = make()
    fig.savefig(path, dpi=DPI)
    plt.close(fig)


def given(*paths: Path | None) -> list[Path]:
    """List the files that were asked for."""
    return [path for path in paths if path is not None]
