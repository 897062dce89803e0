"""Names, units and provenance: from arrays to an xarray.Dataset that can be understood years later."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from .arrays import coordinates, variables
from .errors import bad, in_short
from .formulation import formulations_of
from .memo import Memo
from .model.influence import influences
from .regimen.kept import as_text
from .units import HOURS_PER_DAY, told_apart

if TYPE_CHECKING:
    import xarray as xr

    from .model import Model
    from .regimen import Regimen

TIME = {"units": "h", "long_name": "time since the first midnight"}
CLOCK = {"units": "h", "long_name": "hour of day"}
NODE_TIME = {"units": "h", "long_name": "times at which readouts look"}
STATUS = {"long_name": "how the trajectory ended"}
FAIL_TIME = {"units": "h", "long_name": "time reached by a trajectory that did not finish"}
LAST_STATE = {"long_name": "last state reached by a trajectory that did not finish"}
DOSE_TIME = {"units": "h", "long_name": "times of the doses"}
DOSE_DRUG = {"long_name": "drugs of the doses"}
DOSE_END = {"units": "h", "long_name": "end of the dosing interval that a dose begins"}
NODES = {"long_name": "values at node_time, from which summarize computes readouts"}

_known = Memo(64)
_CLOCK_DECIMALS = 9  # of an hour: a microsecond

_VERSIONS = (
    "numpy", "scipy", "numba", "llvmlite", "xarray", "pandas", "sympy", "antimony", "python-libsbml",
    "h5netcdf", "zarr", "matplotlib",
)  # fmt: skip


def dataset(
    courses: Mapping[str, np.ndarray],
    words: Mapping[str, Mapping[str, str]],
    times: np.ndarray,
    axes: Mapping[str, Sequence[Any]],
    attrs: Mapping[str, Any],
    coords: Mapping[str, tuple] | None = None,
    unit: str = "h",
    hours: float | None = 1.0,
) -> xr.Dataset:
    """Label time courses.

    Parameters
    ----------
    courses : mapping of str to array, shape (*axes, time)
        Variables.
    words : mapping of str to mapping
        Attributes of each: ``units`` and ``long_name``.
    times : array, shape (time,)
        Output times (`unit`).
    axes : mapping of str to sequence
        Leading dimensions and their labels.
    attrs : mapping
        Of the Dataset.
    coords : mapping, optional
        Further coordinates, as (dims, values, attributes): all that is no number, and what is beside a course.
    unit : str
        Unit of time.
    hours : float or None
        Hours in it; None where it is no unit of time, and there is no hour of day.

    Returns
    -------
    xarray.Dataset
        The arrays are not copied.
    """
    from .labelled import Dataset

    dims = (*axes, "time")
    timed = {name: (dims, values, words[name]) for name, values in courses.items()}
    labels = {name: (name, np.asarray(labels)) for name, labels in axes.items()}
    clock = {"time": ("time", times, TIME | {"units": unit})}
    if hours is not None:
        clock["clock"] = ("time", hour_of_day(times * hours), CLOCK)
    return Dataset(variables(timed), coordinates({**labels, **clock, **(coords or {})}), attrs)


def hour_of_day(times: np.ndarray) -> np.ndarray:
    """Return the clock time (h) of hours since a midnight: 49.1 is 1.1, without what is left of the days before."""
    return np.mod(np.round(np.mod(times, HOURS_PER_DAY), _CLOCK_DECIMALS), HOURS_PER_DAY)


def words_of(model: Model, variables: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Attributes of variables, given as name -> output of the model; a unit that is unknown is left out."""
    known = {q.id: q for q in model.quantities}
    found = {}
    for name, output in variables.items():
        quantity = known[output]
        long_name, unit = told_apart(quantity.long_name or name, quantity.unit)
        found[name] = ({"units": unit} if unit else {}) | {"long_name": long_name}
    return found


def provenance(
    model: Model,
    *,
    outputs: Iterable[str] | None = None,
    regimens: Mapping[Any, Regimen | None] | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Say what a result rests on, in types that any file format can hold.

    Parameters
    ----------
    model : Model
        What was run.
    outputs : iterable of str, optional
        What the result holds; assumed parameters that cannot influence it are not named.
    regimens : mapping, optional
        Label to regimen: what was taken, kept as JSON of the records, without what is at its default.
    **how
        How it was run; None is left out, what is no number becomes text.
    """
    given = tuple(outputs) if outputs is not None else None
    taken = tuple((str(label), r) for label, r in regimens.items()) if regimens is not None else None
    attrs = _known((model, formulations_of(model)), (given, taken), lambda: _resting(model, given, regimens))
    return (
        attrs
        | _grade_of_condition(model)
        | {name: _plain(value) for name, value in how.items() if value is not None}
    )


def _resting(model: Model, outputs: Sequence[str] | None, regimens: Mapping | None) -> dict[str, Any]:
    """Say what a result rests on, but for how it was run."""
    from . import __version__

    attrs = {
        "model": model.name,
        "model_hash": model.hash,
        "version": __version__,
        "scenario": model.scenario or "",
        "condition": model.condition or "",
        "changed_parameters": json.dumps(_changed(model)),
        "rests_on_assumed": " ".join(_assumed(model, outputs, regimens)),
    }
    if regimens is not None:
        attrs["regimen"] = as_text(regimens)
    return attrs


def _changed(model: Model) -> dict[str, float]:
    """Values that are not those of the parameter table."""
    table = {p.id: p.value for p in model.table}
    present = zip(model.parameter_ids, model.values.tolist(), strict=True)
    return {name: value for name, value in present if value != table[name]}


def _assumed(model: Model, outputs: Iterable[str] | None, regimens: Mapping | None) -> list[str]:
    """Assumed parameters that can influence what the result holds."""
    assumed = [p.id for p in model.table if p.grade == "assumed"]
    if outputs is None:
        return assumed
    found = influences(model.structure, outputs)
    records = {r for regimen in (regimens or {}).values() if regimen is not None for r in regimen.records}
    given = {(r.drug, r.formulation) for r in records if r.is_dose and r.cmt == ""}
    table = formulations_of(model)
    for share in (share for key in sorted(given) for share in table.of(*key)):
        if share.cmt in found:
            found = found | share.parameters
    return [name for name in assumed if name in found]


def _grade_of_condition(model: Model) -> dict[str, str]:
    """Repeat what the chosen condition rests on, in the words of its table."""
    from .library import has_table, table

    if model.condition is None or not has_table(model, "conditions"):
        return {}
    row = table(model, "conditions").loc[model.condition]
    return {"condition_grade": row["grade"], "condition_note": row.get("note") or row["description"]}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bool | int | float | str):
        return value
    return json.dumps(value, default=lambda v: v.tolist() if hasattr(v, "tolist") else str(v))


def merged(attrs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Attributes of several models in one result: what is equal stays, what differs is joined by commas.

    Decisions and parameters that were changed are JSON, and so is a list of several.
    """
    names = dict.fromkeys(name for a in attrs for name in a)
    found = {name: list(dict.fromkeys(a[name] for a in attrs if name in a)) for name in names}
    one = {name: v[0] if len(v) == 1 else ", ".join(map(str, v)) for name, v in found.items()}
    several = [name for name in ("decision", "changed_parameters") if len(found.get(name, ())) > 1]
    return one | {name: f"[{one[name]}]" for name in several}


def show_versions(file: TextIO | None = None) -> None:
    """Print the versions that a report of a problem should name.

    Parameters
    ----------
    file : text file, optional
        Where to print; standard output by default.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.show_versions()  # doctest: +ELLIPSIS
    ldnsim ...
    """
    import platform
    from importlib.metadata import PackageNotFoundError, version

    if file is not None and not callable(getattr(file, "write", None)):
        raise bad("file", in_short(file), "must be an open text file, or None for standard output")
    rows = {"ldnsim": "", "python": platform.python_version(), "platform": platform.platform()}
    for name in ("ldnsim", *_VERSIONS):
        try:
            rows[name] = version(name)
        except PackageNotFoundError:
            rows[name] = "not installed"
    from .cachedir import cache_dir

    rows["cache"] = str(cache_dir() or "none")
    for name, text in rows.items():
        print(f"{name:15} {text}", file=file or sys.stdout)
