"""Small tables that functions return: frames of pandas that print all their columns."""

from __future__ import annotations

import pandas as pd


class Table(pd.DataFrame):
    """A frame whose text shows every column, in blocks where they are too wide for one line.

    What is made of it, such as some of its rows, is a plain frame.

    Examples
    --------
    >>> from ldnsim.frames import Table
    >>> wide = Table({f"a_column_of_many_{k}": [float(k)] for k in range(9)})
    >>> "..." in repr(wide), "a_column_of_many_4" in repr(wide)
    (False, True)
    """

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __repr__(self) -> str:
        """Write all columns."""
        with pd.option_context("display.max_columns", None, "display.expand_frame_repr", True):
            return super().__repr__()


def shown_whole(table: pd.DataFrame) -> Table:
    """Return a table that prints all its columns, with the same attributes."""
    found = Table(table)
    found.attrs.update(table.attrs)
    return found
