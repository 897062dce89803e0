"""Files of text that people write: how large they may be, how they are encoded, and where they fail."""

from __future__ import annotations

import codecs
import contextlib
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import InputError, bad

Refusal = Callable[[str], ValueError]  # makes the error of a sentence

LARGEST = 100_000_000  # bytes
DEEPEST = 20  # tables and lists inside each other
_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"} | {
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip

_BINARY = {
    b"PK\x03\x04": ("a spreadsheet or an archive", "read_excel"),
    b"\xd0\xcf\x11\xe0": ("a spreadsheet", "read_excel"),
    b"PAR1": ("a Parquet file", "read_parquet"),
    b"\x1f\x8b": ("compressed", "read_csv"),
}  # how such files begin, and what of pandas reads them


def read_bytes(path: Path, error: Refusal = InputError) -> bytes:
    """Read a file.

    Parameters
    ----------
    path : Path
    error : callable, optional
        Makes what is raised of a sentence.

    Raises
    ------
    InputError, or what `error` makes
        For a folder, a device or a pipe, which may never end; a file above `LARGEST`; one that cannot be read.
    """
    try:
        told = path.stat()
        if not stat.S_ISREG(told.st_mode):
            raise error(f"{path}: is {'a folder' if path.is_dir() else 'a device or pipe'}, not a file")
        if told.st_size > LARGEST:
            raise error(f"{path}: is {told.st_size / 1e6:.0f} MB; at most {LARGEST / 1e6:.0f} MB are read")
        return path.read_bytes()
    except OSError as fault:
        raise error(f"{path}: cannot be read: {fault.strerror}") from None


def read_text(path: Path, error: Refusal = InputError) -> str:
    """Read a file of UTF-8; see `read_bytes`. A byte that is none is refused with its line."""
    data = read_bytes(path, error)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise error(
            f"{path.name}, line {line}: the byte 0x{data[fault.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from None


def read_table(argument: str, path: Path) -> str:
    """Read the text of a table; see `read_bytes`.

    Parameters
    ----------
    argument : str
        Name to use in the error message.
    path : Path

    Raises
    ------
    InputError
        If it cannot be read, is no text, or is in another encoding than UTF-8; the message names the likely one.
    """
    data = read_bytes(path, lambda words: bad(argument, str(path), words.removeprefix(f"{path}: ")))
    if b"\0" not in data:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig")
    for mark, (what, reader) in _BINARY.items():
        if data.startswith(mark):
            raise bad(argument, str(path), f"is {what}, no CSV file", f"give pandas.{reader}(path)")
    marked = (name for mark, name in _MARKS.items() if data.startswith(mark))
    likely = next(marked, "utf-16" if b"\0" in data else "cp1252")
    rule = f"is no text in UTF-8, but probably in {likely}"
    remedy = (
        f"save it as UTF-8 ('CSV UTF-8' in a spreadsheet), or give pandas.read_csv(path, encoding={likely!r})"
    )
    raise bad(argument, str(path), rule, remedy)


def read_toml(path: Path, error: Refusal = InputError) -> dict[str, Any]:
    """Read a file of TOML; see `read_text`."""
    text = read_text(path, error)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{path.name}: is not TOML: {fault}") from None
    except RecursionError:
        found = None
    if found is None or _deeper(found, DEEPEST):
        raise error(f"{path.name}: tables and lists are nested more than {DEEPEST} deep, which is the limit")
    return found


def _deeper(value: Any, most: int) -> bool:
    """Tell whether tables and lists are nested more than `most` deep."""
    layer = [value]
    for _ in range(most + 1):
        layer = [
            x
            for v in layer
            for x in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else ())
        ]
        layer = [x for x in layer if isinstance(x, dict | list)]
    return bool(layer)
