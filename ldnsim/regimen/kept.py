"""Regimens as text beside a result, and back: JSON of their records, without what is at its default."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .record import DOSE, Record
from .regimen import Regimen

if TYPE_CHECKING:
    from typing import TypeAlias

    Labelled: TypeAlias = Mapping[Any, Regimen | None]

_LONGEST = 30_000  # characters; HDF5 holds 64 kB in an attribute
_PLAIN = Record(evid=DOSE)
_HASH = "sha256"


def as_text(regimens: Labelled) -> str:
    """Write the records of regimens as JSON; a fingerprint where they would not fit into an attribute."""
    table = {
        str(label): [_told(r) for r in regimen.records] if regimen is not None else []
        for label, regimen in regimens.items()
    }
    text = json.dumps(table)
    if len(text) <= _LONGEST:
        return text
    return json.dumps({"regimens": len(table), _HASH: hashlib.sha256(text.encode()).hexdigest()})


def from_text(text: str) -> dict[str, Regimen | None] | None:
    """Read what `as_text` wrote: label -> regimen, None for no doses; None where only a fingerprint was kept."""
    kept = json.loads(text or "{}")
    if isinstance(kept.get(_HASH), str):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # all was told when these records were made
        made: dict[str, Any] = {
            label: Regimen.from_records([{"amt": _PLAIN.amt} | record for record in records])
            if records
            else None
            for label, records in kept.items()
        }
    return made


def _told(record: Record) -> dict[str, Any]:
    values = dataclasses.asdict(record)
    kept = {name: v for name, v in values.items() if name != "extra" and v != getattr(_PLAIN, name)}
    return {"time": record.time, "evid": record.evid, **kept, **dict(record.extra)}
