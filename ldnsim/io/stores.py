"""Zarr stores: folders of many files, sealed by a list of all of them with their checksums."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import bad
from .place import write_durably

if TYPE_CHECKING:
    import xarray as xr

SEAL = "checksums.json"


def write_zarr(ds: xr.Dataset, path: Path, append: str = "") -> None:
    """Write a new zarr store, or append along a dimension to the one that is there."""
    how: dict[str, Any] = {"append_dim": append} if append else {"mode": "w"}
    ds.to_zarr(path, zarr_format=2, consolidated=True, **how)


def seal(path: Path) -> None:
    """List the files of a finished store with their checksums."""
    write_durably(path / SEAL, json.dumps(_checksums(path), indent=0).encode())


def open_store(path: Path, checked: bool = True) -> xr.Dataset:
    """Open a store lazily, by default once all its files are found to be as they were written."""
    import xarray as xr

    if checked and (path / SEAL).is_file():
        _check(path)
    return xr.open_zarr(path, chunks=None)


def _checksums(path: Path) -> dict[str, int]:
    files = sorted(p for p in path.rglob("*") if p.is_file() and p.name != SEAL)
    return {p.relative_to(path).as_posix(): zlib.crc32(p.read_bytes()) for p in files}


def _check(path: Path) -> None:
    try:
        written = json.loads((path / SEAL).read_bytes())
        present = _checksums(path)
        wrong = next((name for name, checksum in written.items() if present.get(name) != checksum), None)
    except (ValueError, AttributeError):
        wrong = SEAL
    if wrong is not None:
        what = "damaged" if (path / wrong).is_file() else "missing"
        remedy = "if the store was changed on purpose, xarray.open_zarr(path) reads it"
        raise bad("path", str(path), f"is not whole: {wrong} is {what}", remedy)
