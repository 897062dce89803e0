"""Zarr stores: folders of many files, sealed by a list of all of them with their checksums."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad
from .place import write_durably

if TYPE_CHECKING:
    import xarray as xr
    import zarr

SEAL = "checksums.json"


def write_zarr(ds: xr.Dataset, path: Path) -> None:
    """Write a new zarr store."""
    ds.to_zarr(path, mode="w", zarr_format=2, consolidated=True)


def append_zarr(ds: xr.Dataset, path: Path, along: str, ragged: str) -> None:
    """Append to a store; along the dimension `ragged` what is shorter is filled up with its last values.

    Numbers of that dimension are counted from 0.
    """
    if ragged in ds.dims:
        there = _widened(path, ragged, ds.sizes[ragged])
        short = there - ds.sizes[ragged]
        ds = ds.pad({ragged: (0, short)}, mode="edge").assign_coords({ragged: np.arange(there)}) if short else ds
    ds.to_zarr(path, append_dim=along, zarr_format=2, consolidated=True)


def drop_from_zarr(path: Path, names: Iterable[str]) -> None:
    """Take arrays out of a store that is not sealed yet."""
    import zarr

    group = zarr.open_group(path, mode="r+", use_consolidated=False)
    for name in set(names) & set(group.array_keys()):
        del group[name]
    zarr.consolidate_metadata(path)


def _widened(path: Path, dim: str, width: int) -> int:
    """Fill the arrays of a store up with their last values along a dimension; return how long it is then."""
    import zarr

    arrays: dict[str, Any] = dict(zarr.open_group(path, mode="r+", use_consolidated=False).arrays())
    coordinate = arrays.pop(dim)
    there = coordinate.shape[0]
    if width <= there:
        return there
    for array in arrays.values():
        dims = array.attrs["_ARRAY_DIMENSIONS"]
        if dim in dims:
            _stretch(array, dims.index(dim), width)
    coordinate.resize((width,))
    coordinate[:] = np.arange(width)
    zarr.consolidate_metadata(path)
    return width


def _stretch(array: zarr.Array, axis: int, width: int) -> None:
    """Repeat the last values along an axis, a block at a time: the array may be larger than memory."""
    there = array.shape[axis]
    array.resize(tuple(width if k == axis else n for k, n in enumerate(array.shape)))
    starts = [[0] if k == axis else range(0, n, array.chunks[k]) for k, n in enumerate(array.shape)]
    for corner in itertools.product(*starts):
        block = [slice(a, a + size) for a, size in zip(corner, array.chunks, strict=True)]
        block[axis] = slice(there - 1, there)
        last = array[tuple(block)]
        block[axis] = slice(there, width)
        array[tuple(block)] = np.repeat(last, width - there, axis)


def seal(path: Path) -> None:
    """List the files of a finished store with their checksums."""
    write_durably(path / SEAL, json.dumps(_checksums(path), indent=0).encode())


def open_store(path: Path, checked: bool = True) -> xr.Dataset:
    """Open a store lazily, by default once all its files are found to be as they were written."""
    import xarray as xr

    from ..labelled import Dataset

    if checked and (path / SEAL).is_file():
        _check(path)
    return Dataset.of(xr.open_zarr(path, chunks=None))


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
