"""Tables of text: aligned columns that wrap between words, or one cell below the other where there is no room.

By hand, as libraries for tables break ids anywhere, and cut or overflow where a screen is too narrow for all columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

GAP = 2  # blanks between columns
SHORT = 11  # a column of text may become so narrow, the first one twice that; longer words are broken then
_PIECES = re.compile(r"\s+|[^\s_;]*[_;]+|[^\s_;]+")  # where a cell may be broken: at blanks, after _ and ;

Row = Sequence[str]


def lines_of(
    head: Row, rows: Sequence[Row], width: int, right: Sequence[int] = (), widths: Sequence[int] = ()
) -> Iterator[str]:
    """Lay out a table.

    Parameters
    ----------
    head : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        The cells.
    width : int
        Columns of the screen.
    right : sequence of int, optional
        Columns set flush right, as numbers are; they are never broken.
    widths : sequence of int, optional
        Of the columns; by default as wide as they need, and narrower where there is too little room.

    Yields
    ------
    str
        Lines of the heads, then of the rows. Where not even narrow columns fit, a block for each row.
    """
    wide = list(widths) or _fitted(head, rows, width, right)
    if sum(wide) + GAP * (len(wide) - 1) > width:
        yield from _blocks(head, rows, width)
        return
    yield from _aligned(head, wide, right, bottom=True)
    for row in rows:
        yield from _aligned(row, wide, right)


def cell_width(text: str) -> int:
    """Columns of the screen that a text takes: two for each wide letter of Chinese or Japanese."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def _fitted(head: Row, rows: Sequence[Row], width: int, right: Sequence[int]) -> list[int]:
    """Take room from the widest columns of text until all fit, from the names in the first one last of all."""
    columns = list(zip(head, *rows, strict=True))
    wide = [max(map(cell_width, cells)) for cells in columns]
    least = [
        max(map(cell_width, cells[1:]), default=0)
        if i in right
        else min(wide[i], 2 * SHORT if i == 0 else SHORT)
        for i, cells in enumerate(columns)
    ]
    least = [max(n, *map(cell_width, name.split() or [""])) for n, name in zip(least, head, strict=True)]
    while sum(wide) + GAP * (len(wide) - 1) > width:
        spare = [w if w > n else 0 for w, n in zip(wide, least, strict=True)]
        if not any(spare):
            break
        if any(spare[1:]):
            spare[0] = 0
        wide[spare.index(max(spare))] -= 1
    return wide


def _aligned(row: Row, wide: Sequence[int], right: Sequence[int], bottom: bool = False) -> Iterator[str]:
    cells = [wrapped(cell, w) for cell, w in zip(row, wide, strict=True)]
    height = max(map(len, cells))
    filled = [[""] * (height - len(c)) + c if bottom else c + [""] * (height - len(c)) for c in cells]
    for k in range(height):
        parts = []
        for i, (lines, w) in enumerate(zip(filled, wide, strict=True)):
            blank = " " * (w - cell_width(lines[k]))
            parts.append(blank + lines[k] if i in right else lines[k] + blank)
        yield (" " * GAP).join(parts).rstrip()


def _blocks(head: Row, rows: Sequence[Row], width: int) -> Iterator[str]:
    name = max(map(cell_width, head[1:]), default=0)
    room = max(width - name - 2 * GAP, SHORT)
    for row in rows:
        yield from wrapped(row[0], width)
        for about, cell in zip(head[1:], row[1:], strict=True):
            for k, line in enumerate(wrapped(cell, room) if cell else ()):
                yield f"{'':{GAP}}{'' if k else about:{name}}{'':{GAP}}{line}"


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines: at blanks, after ``_`` and ``;``, and inside a word that is too long for one.

    Examples
    --------
    >>> wrapped("Johnson2010;Licko1981 and others", 12)
    ['Johnson2010;', 'Licko1981', 'and others']
    """
    width = max(width, 2)
    lines, line = [], ""
    for piece in _PIECES.findall(text):
        if cell_width(line + piece.rstrip()) > width and line:
            lines.append(line.rstrip())
            line, piece = "", piece.lstrip()
        line += piece
        while cell_width(line.rstrip()) > width:
            cut = next(k for k in range(len(line), 0, -1) if cell_width(line[:k]) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()]
