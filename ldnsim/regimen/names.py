"""Names of drugs and formulations: what the tables say of them.

A model may have drugs of its own, so a name is only checked once a regimen meets a model
(`ldnsim.formulation`).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from .. import library
from ..errors import instance

if TYPE_CHECKING:
    from ..model import Model

DRUG = "naltrexone"
SWALLOWED = ("capsule", "tablet", "solution", "slow_release", "oral")  # formulations taken by mouth


class Drug(NamedTuple):
    """What the tables say of a drug."""

    unit: str
    usual: str  # formulation
    formulations: tuple[str, ...] = ()


@functools.cache
def drugs() -> dict[str, Drug]:
    """Drugs of the shipped tables."""
    return _listed(library.drugs(), library.formulations())


def known(model: Model | None = None) -> dict[str, Drug]:
    """Drugs of the shipped tables and of those of a model, which tell where both do."""
    if model is None or not library.has_table(model, "formulations"):
        return drugs()
    rows = library.table(model, "drugs") if library.has_table(model, "drugs") else None
    return drugs() | _listed(rows, library.table(model, "formulations"))


def _listed(rows, forms) -> dict[str, Drug]:
    """Bring a table of drugs, if there is one, and one of formulations together."""
    told = {} if rows is None else rows.to_dict("index")
    taken: dict[str, dict[str, None]] = {drug: {} for drug in told}
    for form, drug in zip(forms.index, forms["drug"], strict=True):
        taken.setdefault(drug, {})[str(form)] = None

    def said(drug: str, column: str) -> str:
        return str(told.get(drug, {}).get(column, ""))

    return {
        str(drug): Drug(said(drug, "unit"), said(drug, "formulation"), tuple(forms)) for drug, forms in taken.items()
    }


def resolve(drug: str | None, formulation: str | None) -> tuple[str, str]:
    """Fill in what was left open: the drug of the package, the usual formulation of a shipped drug.

    Raises
    ------
    InputError
        If one is no text.
    """
    drug, formulation = (_name(k, v) for k, v in (("drug", drug), ("formulation", formulation)))
    usual = drugs()[drug or DRUG].usual if (drug or DRUG) in drugs() else ""
    return drug or DRUG, formulation or usual


def _name(argument: str, value: str | None) -> str:
    return instance(argument, "" if value is None else value, str, "a name").strip()


def unit_of(drug: str) -> str:
    """Look up the unit of a drug's dose; none for a name that is only a label."""
    return drugs()[drug].unit if drug in drugs() else ""
