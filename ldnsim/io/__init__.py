"""Results on disk: ``.nc`` and ``.zarr`` keep everything, ``.csv`` and ``.parquet`` the time courses.

`results` is the door, `place` says where a file may be written and puts it there whole, and `netcdf`, `stores`,
`tables` and `cells` know one format each.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "netcdf": ["netcdf_bytes"],
        "place": ["SUFFIXES", "checked_target", "in_place", "write_durably"],
        "results": ["open_result", "save"],
        "stores": ["open_store", "seal", "write_zarr"],
    },
)
