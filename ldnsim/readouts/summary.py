"""`summarize`: named metrics of a simulated Dataset, fresh or from a file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad, instance
from .table import BLOCKED, METRICS, Metric, chosen_metrics, metric_variables

if TYPE_CHECKING:
    import xarray as xr

NODES = "last_interval"
NODE_COORDS = (NODES, "trace", "node_time", "interval_start", "interval_end")
MORE_COORDS = ("last_dose", "interval_complete")  # not in results of earlier versions


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
        If `ds` holds nothing the metrics read, or `threshold` is not between 0 and 1.

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
    missing = [name for name in NODE_COORDS if name not in ds.coords]
    if missing:
        raise bad(
            "ds",
            sorted(map(str, ds.data_vars)),
            f"has no coordinate {missing[0]!r} with the values that metrics read "
            f"({', '.join(metric_variables(v for m in METRICS.values() for v in m.reads.values()))})",
            "simulate a model that has such variables, and summarize before averaging or saving as a table",
        )
    nodes = ds[NODES]
    dims = tuple(d for d in nodes.dims if d not in ("trace", "node"))
    shape = tuple(ds.sizes[d] for d in dims)

    def rows(variable: xr.Variable, *last: str) -> np.ndarray:
        sizes = {d: ds.sizes[d] for d in (*dims, *last)}
        full = np.asarray(variable.set_dims(sizes).transpose(*dims, *last))
        return full.reshape(int(np.prod(shape)), *full.shape[len(dims) :])

    warn_of_the_begun(bool(np.all(ds.coords.get("interval_complete", True))))
    last = rows(ds["last_dose"].variable) if "last_dose" in ds.coords else None
    traces = [str(t) for t in np.atleast_1d(ds["trace"].values)]
    metrics = chosen_metrics(traces)
    numbers = measure(
        rows(nodes.variable, "trace", "node"),
        rows(ds["node_time"].variable, "node"),
        np.stack([rows(ds[name].variable) for name in ("interval_start", "interval_end")], axis=-1),
        traces,
        metrics,
        float(threshold),
        last,
    )
    coords = {
        name: c.variable
        for name, c in ds.coords.items()
        if name not in (*NODE_COORDS, *MORE_COORDS) and set(c.dims) <= set(dims)
    }
    return metric_dataset(
        numbers.reshape(*shape, -1), metrics, dims, coords, {**ds.attrs, "threshold": threshold}
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
    if not (isinstance(threshold, Real) and not isinstance(threshold, bool) and 0.0 < threshold < 1.0):
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
