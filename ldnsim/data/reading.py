"""`read_data`: a NONMEM-style table with measurements -> one value."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import bad, warn_user
from ..numeric import number_of
from ..regimen import Record, cells, columns, headings, tables
from ..regimen.codes import refuse_codes
from ..regimen.record import OBSERVATION
from .analytes import analytes
from .censoring import NOTHING, Measured, measured
from .clocks import hours_of
from .stated_units import distinct, measures, state
from .study_data import StudyData

if TYPE_CHECKING:
    import pandas as pd

_OWN = {"dv": "dv", "dvid": "dvid", "cens": "cens", "lloq": "lloq", "occ": "occ"}
KNOWN = tables.KNOWN | _OWN | {name: name for name in tables.DATE_COLUMNS}
_LIKE_LIMIT = {"blq": "cens", "bloq": "cens", "bql": "cens", "censored": "cens", "loq": "lloq", "lod": "lloq"}
_LIKE_DVID = ("ytype", "obsid", "obstype", "analyte", "compound", "dvname", "yname", "param", "paramcd", "endpoint")
_LIKE_DV = ("conc", "concentration", "value", "y", "cp", "measurement", "observation")


def read_data(source: Any) -> StudyData:
    """Read a table of doses, measurements and covariates.

    Parameters
    ----------
    source : DataFrame, path of a CSV file, list of dict, or dict of columns
        Columns, in any case and order: ``ID, TIME, AMT, DV, EVID, MDV, CMT, DVID, II, ADDL, SS, RATE, CENS, LLOQ,
        OCC`` and the others of `Regimen.from_records`; missing is empty or ".". TIME is hours, a clock time
        (08:30), or a date and a clock time; a column DATE (2024-01-31), DAT1 (day first), DAT2 or DAT3 may
        hold the dates. A value below the limit of quantification has CENS 1, a DV below LLOQ, or a DV such as
        "BLQ" or "<0.5". Further columns are covariates: those with exactly the name of a model's parameter
        change it over time.

    Returns
    -------
    StudyData
        Regimens, covariates and observations, in their order.

    Raises
    ------
    InputError
        If a cell or a combination is refused; the message names the record.

    Notes
    -----
    Hours count from the midnight before a subject's first record where there are dates. Rows of one subject stand
    together and act in their order: an observation listed before a dose of the same time is the trough. Where DVID
    does not tell analytes apart, more than one CMT in the observation records does. Columns without a number are
    named in a warning; they stay in ``data.covariates`` as labels.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> rows = [{"ID": 1, "TIME": "08:00", "AMT": 4.5, "DV": None}, {"ID": 1, "TIME": "09:30", "DV": 1.1}]
    >>> data = ldn.read_data(rows)
    >>> data.observations[["ID", "TIME", "DV"]].values.tolist(), data.regimens[1].doses[0].time
    ([[1.0, 9.5, 1.1]], 8.0)
    """
    return read_as("source", source)


def read_as(argument: str, source: Any) -> StudyData:
    """Read a table that an argument of this name gave; one that was read before stays as it is."""
    if isinstance(source, StudyData):
        return source
    frame = columns.frame_of(source, argument)
    named = columns.without_units(columns.named(frame, KNOWN, ()))
    if "time" not in named:
        raise bad(argument, list(map(str, frame.columns)), "must have a column 'time'")
    if not len(frame):
        raise bad(argument, list(map(str, frame.columns)), "holds names of columns and no row")
    if "id" not in named:
        columns.check_subjects(named)
    labels = cells.labels(named["id"]) if "id" in named else [1] * len(frame)
    _check_measured(named)
    others = [n for n in named if n not in KNOWN.values()]
    words = [n for n in others if not any(map(cells.is_number, named[n]))]
    columns.refuse_flags(named, words)
    _tell_of_labels(words)
    for name in others:
        refuse_codes(name, named[name], range(len(frame)), "leave the cell empty where it is not known")
    named |= {"id": labels, "time": hours_of(named, labels)}
    records = tables.records_of(_dosing(named, words, _as_written(frame)), len(frame))
    tables.refuse_unread_routes(argument, named, records)
    rows = [{name: values[k] for name, values in named.items()} for k in range(len(frame))]
    _tell_of_values_beside_doses(rows, records)
    found = [
        measured(row, k) if record.evid == OBSERVATION else NOTHING
        for k, (row, record) in enumerate(zip(rows, records, strict=True))
    ]
    is_measured = [m.mdv == 0 for m in found]
    taken = [k for k, is_one in enumerate(is_measured) if is_one]
    refuse_codes("dv", named["dv"], taken, "where nothing was measured leave DV empty, or write MDV 1")
    told = analytes(
        _labels(named["dvid"], "dvid") if "dvid" in named else None, [r.cmt for r in records],
        [r.evid == OBSERVATION for r in records], is_measured,
    )  # fmt: skip
    if told is None:
        _refuse_unnamed(named, taken)
    table = _table(named, records, found, words, told)
    state(table, _units(frame, is_measured))
    return StudyData(table, records, [_is_open(row) for row in rows])


def _units(frame: pd.DataFrame, is_measured: Sequence[bool]) -> dict[str, str]:
    """Units of measurements and doses that headings say, or a column of units beside the measurements."""
    said = {h.name.lower(): h.unit for h in (headings.parted(str(head), KNOWN) for head in frame.columns)}
    found = {"AMT": said["amt"]} if said.get("amt") else {}
    dv = said.get("dv", "")
    found |= {"DV": dv} if headings.is_of_values(dv) or measures(dv) else {}
    beside = columns.units_beside(frame, is_measured)
    return found if "DV" in found or not beside else found | {"DV": ", ".join(distinct(beside))}


def _dosing(named: Mapping[str, list], words: Sequence[str], occasions: str) -> dict[str, list]:
    """Columns that the regimen reads: all of a dosing table, and covariates; that of occasions as it is called."""
    covariates = [n for n in named if n not in KNOWN.values() and n not in words]
    chosen = {n: named[n] for n in named if n in tables.KNOWN.values() or n in covariates}
    if "occ" in named and any(map(cells.is_number, named["occ"])):
        chosen[occasions] = named["occ"]
    return chosen


def _is_open(row: Mapping[str, Any]) -> bool:
    """Whether a row does not say where a dose goes."""
    nowhere = row.get("cmt") in (0, "0") or cells.missing(row.get("cmt"))
    return nowhere and all(cells.missing(row.get(name)) for name in tables.WORDS)


def _table(
    named: Mapping[str, list],
    records: Sequence[Record],
    found: Sequence[Measured],
    words: Sequence[str],
    told: Sequence[Any] | None,
) -> pd.DataFrame:
    """Rows in their places: standard columns in capitals, as far as the source has them, then the others."""
    import pandas as pd

    table: dict[str, Any] = {
        "ID": named["id"],
        "TIME": [r.time for r in records],
        "AMT": [r.amt for r in records],
    }
    table |= {
        "DV": [m.value for m in found],
        "EVID": [r.evid for r in records],
        "MDV": [m.mdv for m in found],
        "CENS": [int(m.below) for m in found],
        "LLOQ": [m.limit for m in found],
    }
    table |= {
        n.upper(): [getattr(r, n) for r in records] for n in ("cmt", "ii", "addl", "ss", "rate") if n in named
    }
    table |= {} if told is None else {"DVID": pd.Series(told, dtype=object if None in told else None)}
    table |= {"OCC": _labels(named["occ"], "occ")} if "occ" in named else {}
    for name in (n for n in named if n not in KNOWN.values()):
        read = (lambda v: str(v).strip()) if name in words else functools.partial(cells.number, name)
        table[name] = [None if cells.missing(v) else read(v) for v in named[name]]
        if name not in words:
            table[name] = pd.Series(table[name], dtype=float)
    return pd.DataFrame(table)


def _labels(values: Sequence[Any], name: str) -> list[Any]:
    """Labels of analytes or occasions; None where there is none."""
    given = [k for k, v in enumerate(values) if not cells.missing(v)]
    found: list[Any] = [None] * len(values)
    for k, label in zip(given, cells.labels([values[k] for k in given], name, given), strict=True):
        found[k] = label
    return found


def _as_written(frame) -> str:
    """Name of the column of occasions as the table has it: a parameter may be named so."""
    return next((str(h).strip() for h in frame.columns if str(h).strip().lower() == "occ"), "occ")


def _refuse_unnamed(named: Mapping[str, list], taken: Sequence[int]) -> None:
    """Refuse a column that tells measurements apart under another name than DVID; `taken` are their rows."""
    for name in (n for n in named if n.lower() in _LIKE_DVID):
        said = cells.distinct(named[name], taken)
        if len(said) > 1:
            rule = f"tells measurements apart ({', '.join(said[:3])}), which would be taken for one variable"
            raise bad("data", name, rule, "name it 'dvid', or leave the column out")


def _check_measured(named: Mapping[str, list]) -> None:
    for name in named:
        meant = _LIKE_LIMIT.get(headings.parted(name, _LIKE_LIMIT).name.lower())
        if meant:
            says = {"cens": "marks values below the limit (1)", "lloq": "is the limit of quantification"}[meant]
            raise bad("data", name, "is no column of the limit and would be a covariate", f"{meant!r} {says}")
    if "dv" not in named:
        likely = [name for name in named if headings.parted(name, _LIKE_DV).name.lower() in _LIKE_DV]
        if likely:
            raise bad("data", likely[0], "is no column of measurements", "name it 'dv'")
        raise bad("data", list(named), "must have a column 'dv', the measurements")
    columns.check_amounts(named, KNOWN.values(), tables.speaks_of_doses(named))


def _tell_of_labels(names: list[str]) -> None:
    if names:
        warn_user(
            f"no numbers in the columns {', '.join(map(repr, names))} of the data: they are kept as labels, "
            "and no model reads them",
        )


def _tell_of_values_beside_doses(rows: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> None:
    """Warn of measurements on records that give a dose; 0 is how many tables fill that cell."""
    beside = [
        k
        for k, (row, record) in enumerate(zip(rows, records, strict=True))
        if record.evid != OBSERVATION and number_of(row.get("dv")) > 0 and number_of(row.get("mdv")) != 1
    ]
    if beside:
        warn_user(
            f"dv on records that are no observations is left out ({len(beside)} times, the first in record "
            f"{beside[0]}); give each measurement its own record, with evid 0",
        )
