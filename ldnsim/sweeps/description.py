"""A sweep in JSON: what it computes, so that another one is refused, and how its chunks lie."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import __version__
from ..simulation.request import Axis, Subjects
from .grid import Dim
from .work import Chunk, Work

if TYPE_CHECKING:
    from ..readouts import Readout

FORMAT = 1


def described(work: Work, seed: Any = "") -> dict[str, Any]:
    """Say what a sweep computes, in JSON: equal if and only if its chunks are."""
    over = {
        d.name: [*map(list, d.labels)] if len(d.keys) > 1 else [p[0] for p in d.labels] for d in work.dims
    }
    fixed = {k: v if isinstance(v, bool | int | float | str) else repr(v) for k, v in work.fixed.items()}
    frame = {
        "dims": [{"name": d.name, "keys": d.keys, "labels": d.labels} for d in work.dims],
        "axes": {name: _range(axis.labels) for name, axis in work.rows.axes.items()},
        "shape": work.shape,
        "chunks": [(c.outer, _pair(c.regimens), _pair(c.rows)) for c in work.chunks],
        "seed": seed,
    }
    return {
        "format": FORMAT,
        "ldnsim": __version__,
        "model": work.model.name,
        "scenario": work.model.scenario,
        "condition": work.model.condition,
        "parameters": {p.id: float(v) for p, v in zip(work.model.table, work.model.values, strict=True)},
        "over": over,
        "fixed": fixed,
        "records": _records(work),
        "subjects": _fingerprint(work.rows.persons),
        "draws": _fingerprint(work.rows.drawn),
        "how": work.how
        | ({"metrics": list(map(_told, work.how["metrics"]))} if "metrics" in work.how else {}),
        "chunk": work.size,
        "model_hash": work.model.hash,
        "frame": frame,
    }


def _told(readout: Readout) -> str:
    """Name of a readout and what it is."""
    return readout.text if readout.name == readout.text else f"{readout.name}: {readout.text}"


def dims_in(frame: Mapping[str, Any]) -> list[Dim]:
    """Read the dimensions of the grid from a description's frame; their points are their labels."""
    points = [tuple(map(tuple, d["labels"])) for d in frame["dims"]]
    return [Dim(d["name"], tuple(d["keys"]), p, p) for d, p in zip(frame["dims"], points, strict=True)]


def axes_in(frame: Mapping[str, Any]) -> dict[str, Axis]:
    """Read the dimensions beside the grid."""
    return {name: Axis(name, _labels(told), True) for name, told in frame["axes"].items()}


def chunks_in(frame: Mapping[str, Any]) -> list[Chunk]:
    """Read where the chunks lie."""
    return [Chunk(k, o, slice(*r), slice(*n)) for k, (o, r, n) in enumerate(frame["chunks"])]


def _records(work: Work) -> str:
    """Checksum of all regimens, as they were resolved."""
    found = hashlib.sha256()
    for outer in work.outer_of_regimens:
        for regimen in work.regimens(outer):
            found.update(repr(None if regimen is None else regimen.records).encode())
    return found.hexdigest()


def _fingerprint(table: Subjects) -> dict[str, Any] | None:
    """Checksum of the parameters of a table; what else it tells, such as the structure of a draw, moves nothing."""
    if not table.axis.asked:
        return None
    numbers = np.ascontiguousarray(np.stack(list(table.given.values()), axis=1) if table.columns else [])
    labels = json.dumps([str(label) for label in table.axis.labels]).encode()
    checksum = hashlib.sha256(numbers.tobytes() + labels).hexdigest()
    return {"rows": len(table), "columns": list(table.columns), "sha256": checksum}


def _range(labels: tuple) -> dict[str, Any]:
    plain = Axis("", labels, True).array.tolist()
    if plain == list(range(len(plain))):
        return {"range": len(plain)}
    return {"labels": plain}


def _labels(told: Mapping[str, Any]) -> tuple:
    return tuple(range(told["range"])) if "range" in told else tuple(told["labels"])


def _pair(some: slice) -> tuple[int, int]:
    return some.start, some.stop
