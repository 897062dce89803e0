"""Which analyte each measurement is of: what DVID says, or the CMT of observations where that tells them apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import bad

if TYPE_CHECKING:
    import pandas as pd

_NONE = ""  # CMT of a record that states none, or 0
REMEDY = "let each DVID have one CMT, or drop the column that is not meant"


def analytes(
    dvid: Sequence[Any] | None, cmt: Sequence[str | int], is_seen: Sequence[bool], is_measured: Sequence[bool]
) -> list[Any] | None:
    """Say of which analyte each record is.

    Parameters
    ----------
    dvid : list, or None without such a column
        Labels, None where a record has none.
    cmt : list
        State of each record, "" where it states none.
    is_seen, is_measured : list of bool
        Which records are observations, and which of these hold a measurement.

    Returns
    -------
    list or None
        `dvid`, or the states of the observations where they have more than one and DVID says nothing; None
        where nothing tells analytes apart.

    Raises
    ------
    InputError
        If only some measurements state a CMT, or one DVID has measurements of two.
    """
    seen = [k for k, is_one in enumerate(is_seen) if is_one]
    measured = [k for k in seen if is_measured[k]]
    states = list(dict.fromkeys(cmt[k] for k in seen if cmt[k] != _NONE))
    if dvid is not None and any(dvid[k] is not None for k in measured):
        _check_agreement(dvid, cmt, measured)
        return list(dvid)
    blank = [k for k in measured if cmt[k] == _NONE]
    if blank and len(blank) < len(measured):
        k = next(k for k in measured if cmt[k] != _NONE)
        rule = f"states no analyte in record {blank[0]}, beside {cmt[k]} in record {k}"
        raise bad(
            "cmt",
            cmt[blank[0]],
            rule,
            "give every measurement a CMT, or none, or tell analytes apart by DVID",
        )
    if len(states) < 2 or (measured and len(blank) == len(measured)):
        return None if dvid is None else list(dvid)
    return [cmt[k] if is_one and cmt[k] != _NONE else None for k, is_one in enumerate(is_seen)]


def _check_agreement(dvid: Sequence[Any], cmt: Sequence[str | int], measured: Sequence[int]) -> None:
    """Refuse one DVID with measurements of two states; several DVID of one state are told apart well."""
    first: dict[Any, int] = {}
    for k in measured:
        if cmt[k] == _NONE:
            continue
        other = first.setdefault(dvid[k], k)
        if cmt[other] != cmt[k]:
            label = "an empty DVID" if dvid[k] is None else f"DVID {dvid[k]}"
            rule = f"contradicts DVID: {label} has cmt={cmt[other]} in record {other} and cmt={cmt[k]} in record {k}"
            raise bad("cmt", cmt[k], rule, REMEDY)


def told_by(table: pd.DataFrame) -> str:
    """Name the column of the source that the labels under DVID come from."""
    if not {"DVID", "CMT"} <= set(table):
        return "DVID"
    pairs = [(d, c) for d, c in zip(table["DVID"], table["CMT"], strict=True) if d is not None]
    return "CMT" if pairs and all(d == c for d, c in pairs) else "DVID"
