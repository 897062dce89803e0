"""The journal of a sweep: a line for each finished chunk, added once the chunk is on the disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..io import write_durably


class Journal:
    """A file of lines, each a chunk (or ``"result"``) and its checksum.

    Parameters
    ----------
    path : Path
        The file; made when a line is added.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[dict[str, Any]]:
        """Return the lines that can be read, in order."""
        return [entry for entry in self._read() if entry is not None]

    def damaged(self) -> list[int]:
        """Numbers, from 1, of lines that cannot be read; but for the last one, which a death may have cut short."""
        return [number for number, entry in enumerate([*self._read()][:-1], start=1) if entry is None]

    def _read(self) -> Iterator[dict[str, Any] | None]:
        text = self.path.read_text(encoding="utf-8", errors="replace") if self.path.is_file() else ""
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                number, checksum = entry["chunk"], entry["sha256"]
                good = (isinstance(number, int) or number == "result") and isinstance(checksum, str)
                yield entry if good else None
            except (ValueError, KeyError, TypeError, RecursionError):
                yield None

    def mend(self) -> None:
        """Take out what cannot be read."""
        whole = "".join(json.dumps(line) + "\n" for line in self.entries()).encode()
        if self.path.is_file() and self.path.read_bytes() != whole:
            write_durably(self.path, whole)

    def note(self, chunk: int | str, checksum: str, **more: Any) -> None:
        """Add a line, on the disk when this returns."""
        line = json.dumps({"chunk": chunk, "sha256": checksum, **more}) + "\n"
        with open(self.path, "ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
