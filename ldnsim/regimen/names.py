"""Names of drugs and formulations, checked against the shipped table."""

from __future__ import annotations

import functools

from ..errors import unknown

DRUG = "naltrexone"


@functools.cache
def formulations() -> dict[str, tuple[str, ...]]:
    """Formulations of each drug in the shipped table, the usual one first."""
    from ..library import table

    rows = table("ldn", "formulations").reset_index()
    found: dict[str, list[str]] = {}
    for drug, name in zip(rows["drug"], rows["formulation"], strict=True):
        names = found.setdefault(str(drug), [])
        if name not in names:
            names.append(str(name))
    return {drug: tuple(names) for drug, names in found.items()}


def resolve(drug: str, formulation: str) -> tuple[str, str]:
    """Fill in what was left open: the drug of the package, the usual formulation of a drug.

    Raises
    ------
    UnknownNameError
        If the table has no such drug, or the drug no such formulation.
    """
    known = formulations()
    drug = drug or DRUG
    if drug not in known:
        raise unknown("drug", drug, known)
    if formulation and formulation not in known[drug]:
        raise unknown("formulation", formulation, known[drug])
    return drug, formulation or known[drug][0]


@functools.cache
def unit_of(drug: str) -> str:
    """Look up the unit of a drug's dose in the shipped table: mg unless it says otherwise."""
    from ..library import table

    drugs = table("ldn", "drugs").reset_index()
    if "unit" in drugs and drug in set(drugs["drug"]):
        return str(drugs.loc[drugs["drug"] == drug, "unit"].iloc[0])
    return "mg"
