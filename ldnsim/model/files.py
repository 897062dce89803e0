"""Model files as text, in any encoding, and the files beside them that they may read."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from ..errors import ModelError, a_path
from ..textfiles import read_bytes

_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]+)["']""")
LONGEST = 1000  # letters of a path; what is longer is text of another kind
EXTERNAL = re.compile(r"""<(?:\w+:)?externalModelDefinition\b[^>]*?\bsource=["']([^"']*)["']""")


def text_of(source: str | Path) -> str:
    """Read a model file in any encoding that XML knows.

    Raises
    ------
    ModelError
        If there is no such file, or it is too large.
    """
    no_path = isinstance(source, str) and len(source) > LONGEST
    path = None if no_path else a_path("source", source)
    if path is None or not path.exists():
        raise ModelError(f"source={str(source)[:200]!r}: is neither model text nor the path of a model file")
    return decoded(read_bytes(path, lambda words: ModelError(f"source={words}")))


def decoded(data: bytes) -> str:
    """Decode a model file: UTF-8 or UTF-16, what it declares, or Latin-1 as older tools wrote it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    for mark, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    declared = _DECLARED.match(data)
    for encoding in ("utf-8-sig", declared[1].decode("ascii") if declared else "latin-1"):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            return data.decode(encoding)
    return data.decode("latin-1")


def refuse_elsewhere(text: str, file: Path | None, trail: tuple[Path, ...]) -> None:
    """Refuse submodels from anywhere but a file beside the model."""
    for source in EXTERNAL.findall(text):
        if file is None:
            raise ModelError(f"the submodel file {source!r} lies beside the model; load it by its path")
        beside = file.parent / source
        if "/" in source or "\\" in source or not beside.is_file():
            raise ModelError(
                f"the submodel file {source!r} must lie beside the model, in {str(file.parent)!r}"
            )
        if beside not in trail:
            refuse_elsewhere(text_of(beside), beside, (*trail, beside))
