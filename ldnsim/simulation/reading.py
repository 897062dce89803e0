"""What is read of the courses of a model, and what of it a result carries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..readouts import Readout, asked_of, available, readouts_of
from ..readouts.carried import OFFERED
from ..readouts.nodes import metric_nodes

if TYPE_CHECKING:
    from ..model import Model
    from .plan import Plan

_SMALL = 30_000  # numbers at nodes of one regimen


class Read(NamedTuple):
    """What is read, and of which variables.

    Attributes
    ----------
    wanted : tuple of Readout
        What nodes must serve.
    traces : tuple of str
        Variables wanted at the nodes, as the result calls them.
    alone : bool
        Whether the readouts are wanted instead of courses and nodes.
    """

    wanted: tuple[Readout, ...]
    traces: tuple[str, ...]
    alone: bool


def read_of(model: Model, shown: Mapping[str, str], metrics: Iterable[str | Readout] | None = None) -> Read:
    """Say what is read of a model.

    Parameters
    ----------
    model : Model
        What is run.
    shown : mapping of str to str
        Variables whose course is wanted: name -> the model's output.
    metrics : list of str or Readout, optional
        Readouts wanted instead.

    Raises
    ------
    InputError, UnknownNameError
        See `ldnsim.readouts.catalogue.chosen`.
    """
    if metrics is not None:
        wanted = asked_of(metrics, model, "metrics")
        return Read(wanted, tuple(dict.fromkeys(r.variable for r in wanted)), True)
    own = tuple(shown) if (model.time_unit or "h") == "h" else ()
    meant = [r for r in readouts_of(model) if _as_such(r.variable, shown)]
    return Read(available(meant, own), own, False)


def whole_course(plan: Plan) -> int:
    """Count the nodes of the whole course; 0 where they are too many to be kept of the nominal subject."""
    doses = ([d.time for d in own] for own in plan.doses)
    whole = zip(doses, plan.windows, plan.ends, strict=True)
    longest = max(metric_nodes(np.array(d), np.array([[0.0, end]]), w.end, end).size for d, w, end in whole)
    return longest if longest * len(plan.traces) <= _SMALL else 0


def offered(model: Model, shown: Mapping[str, str]) -> dict[str, str]:
    """Attribute of a result that says what its model offers; nothing where the usual is offered."""
    rows = [row for row in model.readout_rows if _as_such(row["variable"], shown)]
    return {OFFERED: json.dumps(rows)} if rows else {}


def _as_such(variable: str, shown: Mapping[str, str]) -> bool:
    """Whether a variable of the result is the output of that name, and not an amount where that is none."""
    return shown.get(variable, variable) == variable
