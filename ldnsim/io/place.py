"""Where results are written: a path is checked before the work, and what is written is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import a_path, bad, need

READABLE = (".nc", ".zarr", ".csv", ".parquet")
SUFFIXES = (*READABLE, ".xlsx")
_ELSEWHERE = "choose a place of yours"
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_ROOM = 40  # characters of a name in those made from it
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
    _try(argument, path)
    return path


def _try(argument: str, path: Path) -> None:
    """Refuse a place where nothing can be written: what a system says of its permissions is not all of it."""
    if path.exists() and not os.access(path, os.W_OK):
        raise bad(argument, str(path), "cannot be written", _ELSEWHERE)
    with _told(argument, path), _beside(path):
        pass


def made_folder(argument: str, path: Path) -> Path:
    """Make a folder, and those above it, if it is not there; refuse a place where none can be."""
    with _told(argument, path):
        path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def _told(argument: str, path: Path) -> Iterator[None]:
    """Say by name of a place that it cannot be written; a disk that is full is no fault of the name."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise bad(argument, str(path), f"cannot be written: {error.strerror}", _ELSEWHERE) from None


def checked_suffix(argument: str, path: Path, suffixes: Sequence[str]) -> str:
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


def _beside(path: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder beside a file, which goes again; the longest name that a disk allows leaves no room behind it."""
    return tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name[:_ROOM]}.")


@contextlib.contextmanager
def in_place(path: Path) -> Iterator[Path]:
    """Hand out a path in a folder beside `path`; what was written there takes its place at the end."""
    with _beside(path) as folder:
        new = Path(folder) / path.name
        yield new
        if path.is_dir():  # no system moves a folder over another one
            path.rename(Path(folder) / "before")
        new.replace(path)


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, even if the power fails."""
    part = path.with_name(f"{path.name[-_ROOM:]}.{os.getpid()}.part")
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
