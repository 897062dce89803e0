"""Text files: UTF-8, or refused with the way to make it so."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

from .errors import bad

_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"} | {
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip


def text_of(argument: str, path: Path) -> str:
    """Read a text file.

    Parameters
    ----------
    argument : str
        Name to use in the error message.
    path : Path
        The file.

    Raises
    ------
    InputError
        If it cannot be read, or is in another encoding than UTF-8; the message names the likely one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise bad(argument, str(path), f"cannot be read: {error.strerror}") from None
    if b"\0" not in data:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig")
    marked = (name for mark, name in _MARKS.items() if data.startswith(mark))
    likely = next(marked, "utf-16" if b"\0" in data else "cp1252")
    rule = f"is no text in UTF-8, but probably in {likely}"
    remedy = (
        f"save it as UTF-8 ('CSV UTF-8' in a spreadsheet), or give pandas.read_csv(path, encoding={likely!r})"
    )
    raise bad(argument, str(path), rule, remedy)
