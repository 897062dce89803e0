"""The Dataset that results are: Xarray's own, whose tables leave out what lies beside the courses.

Nodes, marks and times of doses are coordinates, so that they follow a selection, of dimensions that no variable has.
A table of all dimensions would repeat each value for each of them: 28 days would take a hundred GiB.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import xarray as xr

if TYPE_CHECKING:
    import pandas as pd


class Dataset(xr.Dataset):
    """An `xarray.Dataset` that gives a row for each label of the dimensions of its variables."""

    __slots__ = ()

    @classmethod
    def of(cls, ds: xr.Dataset) -> Dataset:
        """Return a Dataset of Xarray, also one of a file that is read when a value is needed, as one of these."""
        found = cls(ds.data_vars, ds.coords, ds.attrs)
        found.encoding = ds.encoding
        found.set_close(ds.close)
        return found

    def to_dataframe(self, dim_order: Sequence[Hashable] | None = None) -> pd.DataFrame:
        """Return a table of the variables and of the coordinates along their dimensions; of numbers alone, one row."""
        if not self.data_vars:  # what lies beside the courses was asked for, as in ds[["dose_time"]]
            return super().to_dataframe(dim_order)
        told = xr.Dataset(self.data_vars, attrs=self.attrs)
        if not told.dims:
            told = told.expand_dims("row")
        if dim_order is None:
            dim_order = [name for name in self.sizes if name in told.sizes] or list(told.sizes)
        table = told.to_dataframe(dim_order)
        return table[[*self.data_vars, *(name for name in table if name not in self.data_vars)]]  # as Xarray's own
