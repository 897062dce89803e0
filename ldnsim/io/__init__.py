"""Results on disk: ``.nc`` and ``.zarr`` keep everything, ``.csv`` and ``.parquet`` the time courses.

`results` is the door, `place` says where a file may be written and puts it there whole, and `netcdf`, `stores`,
`tables` and `cells` know one format each.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
