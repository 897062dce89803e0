"""Put definitions in an order in which each uses only earlier ones, or name the circle they form."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping

from ..errors import ModelError
from .expressions import Formula, ids

LONG = 20  # names of a circle; of a longer one the middle is left out


def in_order(definitions: Mapping[str, Formula], what: str) -> tuple[str, ...]:
    """Sort ids so that each definition uses only earlier ones; ids defined elsewhere do not count.

    Parameters
    ----------
    definitions : mapping of id to formula
    what : str
        For the message, for example ``"assignment rules"``.

    Raises
    ------
    ModelError
        If the definitions form a circle; the message walks it.
    """
    uses = {name: [i for i in dict.fromkeys(ids(f)) if i in definitions] for name, f in definitions.items()}
    try:
        return tuple(graphlib.TopologicalSorter(uses).static_order())
    except graphlib.CycleError as error:
        circle = list(reversed(error.args[1]))  # graphlib lists each before its user
        if len(circle) > LONG:
            circle = [*circle[:3], f"({len(circle) - 6} more)", *circle[-3:]]
        raise ModelError(f"{what} form a circle: {' -> '.join(circle)}") from None
