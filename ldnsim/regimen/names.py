"""Names of drugs and formulations: what the shipped tables say of them.

A model may have drugs of its own, so a name is only checked once a regimen meets a model
(`ldnsim.formulation`).
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from ..errors import instance

DRUG = "naltrexone"


class Drug(NamedTuple):
    """What the tables say of a drug."""

    unit: str
    usual: str  # formulation


@functools.cache
def drugs() -> dict[str, Drug]:
    """Drugs of the shipped tables."""
    from .. import library

    return {
        str(name): Drug(str(row["unit"]), str(row["formulation"])) for name, row in library.drugs().iterrows()
    }


def resolve(drug: str | None, formulation: str | None) -> tuple[str, str]:
    """Fill in what was left open: the drug of the package, the usual formulation of a shipped drug.

    Raises
    ------
    InputError
        If one is no text.
    """
    drug, formulation = (_name(k, v) for k, v in (("drug", drug), ("formulation", formulation)))
    known = drugs().get(drug or DRUG)
    return drug or DRUG, formulation or (known.usual if known else "")


def _name(argument: str, value: str | None) -> str:
    return instance(argument, "" if value is None else value, str, "a name").strip()


def unit_of(drug: str) -> str:
    """Look up the unit of a drug's dose; none for a name that is only a label."""
    return drugs()[drug].unit if drug in drugs() else ""
