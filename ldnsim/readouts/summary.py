"""`summarize`: named metrics of a simulated Dataset, fresh or from a file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import as_number, bad, instance
from .carried import MORE_COORDS, NODE_COORDS, carried
from .table import BLOCKED, Metric, chosen_metrics

if TYPE_CHECKING:
    import xarray as xr


def summarize(ds: xr.Dataset, threshold: float = BLOCKED) -> xr.Dataset:
    """Compute the metrics of the last dosing interval.

    Where the doses are not all alike, the interval is the last complete cycle of the regimen: the time after
    which its final pattern repeats (24 h for unequal doses in the morning and in the evening, 168 h for five
    days on and two off). Where the pattern at the end has no cycle it is the time from the last dose to the
    next one, taken or due; 24 h for a single dose. The description of each metric says more.

    Parameters
    ----------
    ds : xarray.Dataset
        Result of `ldnsim.simulate`, or the same read back from ``.nc`` or ``.zarr``. It carries the values
        at its metric nodes (coordinate ``last_interval``), so the output grid does not matter.
    threshold : float
        Occupancy from which receptors count as blocked, between 0 and 1.

    Returns
    -------
    xarray.Dataset
        One variable for each metric that can be computed from what `ds` holds, over the dimensions that
        remain (regimen, subject, ...); `cmax`, `tmax`, `auc` and `half_life` also over ``analyte``. NaN for
        a trajectory that did not finish.

    Raises
    ------
    InputError
        If `ds` holds nothing the metrics read, its courses are no longer those of the run (as in ``2 * ds``),
        or `threshold` is not between 0 and 1.

    Warns
    -----
    UserWarning
        If the run ends before the first dosing interval does, so that the metrics describe a part of it.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ds = ldn.simulate(ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=7, at="22:00"))
    >>> bool(ldn.summarize(ds).hours_blocked_peripheral < 12)
    True
    """
    import xarray as xr

    from .measure import measure

    instance("ds", ds, xr.Dataset, "a Dataset", "the result of simulate(), or open_result(path)")
    check_threshold(threshold)
    unit = ds["time"].attrs.get("units", "h") if "time" in ds.coords else "h"
    if unit != "h":
        raise bad("ds", f"a course in {unit}", "metrics are counted in h", "simulate model.in_hours()")
    nodes = carried(ds)
    warn_of_the_begun(nodes.complete)
    metrics = chosen_metrics(nodes.traces)
    numbers = measure(
        nodes.values, nodes.times, nodes.interval, nodes.traces, metrics, float(threshold), nodes.last_dose
    )
    coords = {
        name: c.variable
        for name, c in ds.coords.items()
        if name not in (*NODE_COORDS, *MORE_COORDS) and set(c.dims) <= set(nodes.dims)
    }
    return metric_dataset(
        numbers.reshape(*nodes.shape, -1), metrics, nodes.dims, coords, {**ds.attrs, "threshold": threshold}
    )


def warn_of_the_begun(complete: bool) -> None:
    """Warn of metrics that describe no complete dosing interval."""
    if not complete:
        warnings.warn(
            "the run ends before the first dosing interval does, so these metrics describe a part of it: "
            "simulate for longer",
            UserWarning,
            stacklevel=3,
        )


def check_threshold(threshold: float) -> None:
    """Refuse a threshold that is no share of receptors."""
    if not 0.0 < as_number(threshold) < 1.0:
        raise bad("threshold", threshold, "must be a number between 0 and 1")


def metric_dataset(
    numbers: np.ndarray,
    metrics: Sequence[Metric],
    dims: Sequence[str],
    coords: Mapping[str, Any],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    """Label metrics.

    Parameters
    ----------
    numbers : array, shape (*dims, column)
        As `ldnsim.readouts.measure` returns them: one column for each (metric, label).
    metrics : sequence of Metric
        Rows of the table.
    dims : sequence of str
        Names of the leading dimensions.
    coords, attrs : mapping
        Of the result.
    """
    import xarray as xr

    labels = list(dict.fromkeys(label for m in metrics if m.dim for label in m.reads))
    variables, column = {}, 0
    for metric in metrics:
        width = len(metric.reads)
        block = numbers[..., column : column + width]
        column += width
        if metric.dim:
            full = np.full((*block.shape[:-1], len(labels)), np.nan)
            full[..., [labels.index(label) for label in metric.reads]] = block
            variables[metric.name] = ((*dims, metric.dim), full, metric.attrs)
        else:
            variables[metric.name] = (tuple(dims), block[..., 0], metric.attrs)
    extra = {"analyte": labels} if labels else {}
    named = {k: (k, np.asarray(v)) if k in dims and not hasattr(v, "dims") else v for k, v in coords.items()}
    return xr.Dataset(variables, coords={**named, **extra}, attrs=dict(attrs))
