"""A run seen at the observation records of its regimen: one value a record, in the order of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import bad
from ..regimen import Regimen
from ..regimen.record import OBSERVATION
from ..regimen.schedule import instants
from ..result import hour_of_day

if TYPE_CHECKING:
    import xarray as xr

RECORDS = "records"


class Observed(NamedTuple):
    """When a run is looked at.

    Attributes
    ----------
    times : array, shape (record,)
        Times of the observation records (h), in their order.
    instants : array, shape (k,)
        Where the run is looked at (h), ascending: an instant before a dose of the same time lies a hair earlier.
    places : array of int, shape (regimen, record)
        Where each record is among them.
    """

    times: np.ndarray
    instants: np.ndarray
    places: np.ndarray

    @classmethod
    def of(cls, regimens: Sequence[Regimen | None]) -> Observed:
        """Find when the records of regimens look, which must be at the same times.

        Raises
        ------
        InputError
            If a regimen has no observation records, or two differ in their times.
        """
        times = {regimen.observation_times if regimen is not None else () for regimen in regimens}
        if () in times:
            remedy = "rows with evid 0 in the table of Regimen.from_records"
            raise bad("times", RECORDS, "needs a regimen that holds observation records", remedy)
        if len(times) > 1:
            remedy = "{name: simulate(model, r, times='records') for name, r in regimens.items()}"
            raise bad("times", RECORDS, "needs regimens that are observed at the same times", remedy)
        seen = np.array([_instants_of(regimen) for regimen in regimens if regimen is not None])
        ascending, places = np.unique(seen, return_inverse=True)
        return cls(np.array(times.pop()), ascending, places.reshape(seen.shape))

    def in_order(self, ds: xr.Dataset, by_regimen: bool) -> xr.Dataset:
        """Give each record its value.

        Parameters
        ----------
        ds : xarray.Dataset
            Courses at the instants.
        by_regimen : bool
            Whether it has the dimension ``regimen``.
        """
        seen = ds.isel(time=self.places[0])
        if by_regimen:
            seen = seen.assign(
                {n: self._taken(ds[n], v) for n, v in seen.data_vars.items() if "time" in v.dims}
            )
        time = ("time", self.times, ds.time.attrs)
        clock = ("time", hour_of_day(self.times), ds.clock.attrs)
        return seen.assign_coords(time=time, clock=clock)

    def _taken(self, course: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
        """Take the values of each regimen at its own places."""
        front = course.transpose("regimen", "time", ...).values
        places = self.places.reshape(*self.places.shape, *[1] * (front.ndim - 2))
        found = like.transpose("regimen", "time", ...).copy(data=np.take_along_axis(front, places, axis=1))
        return found.transpose(*like.dims)


def _instants_of(regimen: Regimen) -> list[float]:
    """Instants (h) of the observation records."""
    pairs = zip(instants(regimen.records), regimen.records, strict=True)
    return [t for t, record in pairs if record.evid == OBSERVATION]
