"""Names of drugs and formulations, checked against the shipped tables."""

from __future__ import annotations

import functools
from typing import NamedTuple

from ..errors import unknown

DRUG = "naltrexone"


class Drug(NamedTuple):
    """What the tables say of a drug."""

    unit: str
    usual: str  # formulation
    formulations: tuple[str, ...]


@functools.cache
def drugs() -> dict[str, Drug]:
    """Drugs of the shipped tables."""
    from .. import library

    rows, forms = library.drugs(), library.formulations()
    return {
        str(name): Drug(str(row["unit"]), str(row["formulation"]), _forms_of(forms, name))
        for name, row in rows.iterrows()
    }


def _forms_of(forms, drug: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(forms.index[forms["drug"] == drug]))


def resolve(drug: str, formulation: str) -> tuple[str, str]:
    """Fill in what was left open: the drug of the package, the usual formulation of a drug.

    Raises
    ------
    UnknownNameError
        If the tables have no such drug, or the drug no such formulation.
    """
    drug = drug or DRUG
    if drug not in drugs():
        raise unknown("drug", drug, drugs())
    known = drugs()[drug]
    if formulation and formulation not in known.formulations:
        raise unknown("formulation", formulation, known.formulations)
    return drug, formulation or known.usual


def unit_of(drug: str) -> str:
    """Look up the unit of a drug's dose; none for a name that is only a label."""
    return drugs()[drug].unit if drug in drugs() else ""
