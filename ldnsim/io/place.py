"""Where results are written: a path is checked before the work, and what is written is there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import a_path, bad, need

READABLE = (".nc", ".zarr", ".csv", ".parquet")
SUFFIXES = (*READABLE, ".xlsx")
# Packages that are not installed with the base, and the extra that brings them.
_NEEDS = {".zarr": ("zarr", "sweep"), ".parquet": ("pyarrow", "sweep"), ".xlsx": ("openpyxl", "excel")}


def checked_target(path: str | Path, suffixes: Sequence[str] = SUFFIXES, argument: str = "path") -> Path:
    """Refuse what could not be written, before hours are spent on computing it.

    Parameters
    ----------
    path : str or Path
        File or store to be written.
    suffixes : sequence of str
        Those allowed, in capitals too.
    argument : str
        Name to use in the error message.

    Raises
    ------
    InputError
        If the suffix is none of these, the folder is missing, something else is in the way, the place cannot
        be written, or a package for the format is missing.
    """
    path = a_path(argument, path)
    suffix = checked_suffix(argument, path, suffixes)
    if not path.parent.is_dir():
        raise bad(argument, str(path), f"there is no folder {str(path.parent)!r}", "make it first")
    if path.is_dir() and suffix != ".zarr":
        raise bad(argument, str(path), "is a folder", "choose another name")
    if path.is_dir() and any(path.iterdir()) and not _is_store(path):
        raise bad(argument, str(path), "is a folder with other things in it", "choose another name")
    if suffix == ".zarr" and path.is_file():
        raise bad(argument, str(path), "is a file, a store is a folder", "choose another name")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise bad(argument, str(path), "cannot be written", "choose a place of yours")
    return path


def checked_suffix(argument: str, path: Path, suffixes: Sequence[str] = SUFFIXES) -> str:
    """Return the suffix, in small letters, of a format that can be written and read here."""
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        allowed = " or ".join(filter(None, (", ".join(suffixes[:-1]), suffixes[-1])))
        raise bad(argument, str(path), f"must end in {allowed}")
    if suffix in _NEEDS:
        need(*_NEEDS[suffix], argument, str(path))
    return suffix


def _is_store(path: Path) -> bool:
    return (path / ".zgroup").exists() or (path / "zarr.json").exists()


@contextlib.contextmanager
def in_place(path: Path) -> Iterator[Path]:
    """Hand out a path in a folder beside `path`; what was written there takes its place at the end."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        new = Path(folder) / path.name
        yield new
        if path.is_dir():  # no system moves a folder over another one
            path.rename(Path(folder) / "before")
        new.replace(path)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make a rename in this folder last; Windows does so by itself."""
    if os.name != "nt":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
