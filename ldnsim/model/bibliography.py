"""BibTeX, as far as it is needed to hand out the entries that a model rests on.

By hand, as parsers of BibTeX rewrite an entry, and here it is handed out as it stands.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

from ..errors import ModelError, unknown
from ..textfiles import read_text

_ENTRY = re.compile(r"^@\s*\w+\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)


@functools.lru_cache(maxsize=8)
def _entries(path: Path, changed: int) -> dict[str, str]:
    text = read_text(path, ModelError)
    starts = [(m.start(), m[1]) for m in _ENTRY.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    found: dict[str, str] = {}
    for (start, key), end in zip(starts, ends, strict=True):
        if key in found:
            raise ModelError(f"{path.name}: the key {key!r} is given twice")
        found[key] = text[start : text.rindex("}", start, end) + 1]
    return found


def entries(path: Path) -> dict[str, str]:
    """Read a BibTeX file as key to entry; every entry starts with ``@`` at the head of a line."""
    return _entries(path, path.stat().st_mtime_ns)


def keys_of(sources: Iterable[str]) -> tuple[str, ...]:
    """List the keys in source fields (``Key1;Key2`` or ``assumed``), each once, in order."""
    found = (key.strip() for source in sources for key in source.split(";"))
    return tuple(dict.fromkeys(key for key in found if key and key != "assumed"))


def bibtex(path: Path, keys: Iterable[str], argument: str = "source") -> str:
    """Return the entries of the keys, one after another; `argument` is named where one is not there.

    Raises
    ------
    UnknownNameError
        For a key that the file does not hold.
    """
    known = entries(path)
    wanted = tuple(keys)
    for key in wanted:
        if key not in known:
            raise unknown(argument, key, known)
    return "\n\n".join(known[key] for key in wanted) + ("\n" if wanted else "")
