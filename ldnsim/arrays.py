"""Arrays with names, made and taken apart without Xarray's search for other kinds of arrays.

Where Xarray is handed an array, or indexes one, it asks whether it is of Dask, and loads that where it is installed:
half a second, before the first metrics. What is known to be NumPy's need not be asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

WHOLE = 1e6  # values; of a larger variable, which may lie on disk, only what is asked for is read


def variables(given: Mapping[str, Any]) -> dict[str, xr.Variable]:
    """Wrap arrays, given as (dims, values, attributes); variables stay as they are."""
    import xarray as xr

    found = {}
    for name, one in given.items():
        if isinstance(one, xr.Variable):
            found[name] = one
            continue
        dims, values, *rest = one
        array, attrs = np.asarray(values), rest[0] if rest else None
        found[name] = xr.Variable(dims, array, attrs, fastpath=array.dtype.kind not in "OMm")
    return found


def coordinates(given: Mapping[str, Any]) -> xr.Coordinates:
    """Wrap coordinates, those of a dimension with the index that Xarray would make."""
    import pandas as pd
    import xarray as xr
    from xarray.indexes import PandasIndex

    found: dict[Any, xr.Variable] = {**variables(given)}
    indexes: dict[Any, xr.Index] = {}
    for name, variable in list(found.items()):
        if isinstance(variable, xr.IndexVariable) and isinstance(variable.to_index(), pd.MultiIndex):
            stacked = xr.Coordinates.from_pandas_multiindex(variable.to_index(), name)
            found |= stacked.variables
            indexes |= stacked.xindexes
        elif variable.dims == (name,):
            index = PandasIndex(pd.Index(variable.values), name, coord_dtype=variable.dtype)
            indexes[name] = index
            found |= index.create_variables({name: variable})
    return xr.Coordinates(found, indexes)


def at(variable: xr.Variable, dim: str, places: int | np.ndarray) -> xr.Variable:
    """Return what lies at a place, or at several, along a dimension."""
    import xarray as xr

    if variable.size > WHOLE or variable.dtype.kind in "OMm":
        return variable.isel({dim: places})
    dims = [d for d in variable.dims if d != dim or np.ndim(places)]
    values = np.asarray(np.take(variable.values, places, variable.dims.index(dim)))
    return xr.Variable(dims, values, variable.attrs, fastpath=True)


def over(variable: xr.Variable, reduce: Callable, dims: Collection[Hashable]) -> xr.Variable:
    """Reduce a variable over some dimensions, as `numpy.nanmax` does over axes."""
    import xarray as xr

    axes = tuple(k for k, d in enumerate(variable.dims) if d in dims)
    left = [d for d in variable.dims if d not in dims]
    return xr.Variable(left, np.asarray(reduce(variable.values, axis=axes)), fastpath=True)
