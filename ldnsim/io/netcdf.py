"""netCDF 4 files: made in memory, and closed by a checksum.

HDF5 takes the process down when a disk is full while it writes, so it never writes to one. It does not see
that bits of a file have changed either: behind its end, where no other program looks, stands a checksum.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import bad
from ..memory import check_room
from .place import write_durably

if TYPE_CHECKING:
    import xarray as xr

_MARK = b"ldnsim checksum "
_END = struct.Struct(f"<{len(_MARK)}sL")
_AT_ONCE = 1 << 24  # bytes


def netcdf_bytes(ds: xr.Dataset) -> bytes:
    """Return a Dataset as the bytes of a netCDF 4 file."""
    import h5netcdf
    import xarray as xr

    check_room("ds", 2 * ds.nbytes, "a .nc file is made in memory", "save it as .zarr")
    made = io.BytesIO()
    with h5netcdf.File(made, "w") as file:
        ds.dump_to_store(xr.backends.H5NetCDFStore(file))
    return made.getvalue()


def write_netcdf(ds: xr.Dataset, path: Path) -> None:
    """Write a Dataset with a checksum."""
    data = netcdf_bytes(ds)
    write_durably(path, data + _END.pack(_MARK, zlib.crc32(data)))


def open_netcdf(path: Path) -> xr.Dataset:
    """Open a file lazily; refuse one that has changed since it was written."""
    import xarray as xr

    from ..labelled import Dataset

    _check(path)
    return Dataset.of(xr.open_dataset(path, engine="h5netcdf"))


def _check(path: Path) -> None:
    with open(path, "rb") as file:
        left = os.path.getsize(path) - _END.size
        file.seek(max(left, 0))
        end = file.read()
        if len(end) < _END.size or not end.startswith(_MARK):  # of an earlier version or another program
            return
        file.seek(0)
        found = 0
        while left:
            data = file.read(min(left, _AT_ONCE))
            found, left = zlib.crc32(data, found), left - len(data)
    if found != _END.unpack(end)[1]:
        rule = "is damaged: its checksum is not the one it was written with"
        raise bad("path", str(path), rule, "if it was changed on purpose, xarray.open_dataset(path) reads it")
