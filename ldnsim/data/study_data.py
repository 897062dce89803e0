"""A measured table as an immutable value: who got what, what was measured, and what else is known of each."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import a_text, unknown
from ..regimen import Record, Regimen, tables
from ..regimen.record import OBSERVATION
from .analytes import told_by

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

STANDARD = (
    "ID", "TIME", "AMT", "DV", "EVID", "MDV", "CENS", "LLOQ", "CMT", "II", "ADDL", "SS", "RATE", "DVID", "OCC",
)  # fmt: skip
_SHOWN = 12


class StudyData:
    """Doses, measurements and covariates of several subjects, in the order of their table; see `read_data`.

    Parameters
    ----------
    table : DataFrame
        One row a record, with the columns `STANDARD`, as far as there are such, and covariates.
    records : sequence of Record
        Of the same rows.
    is_open : sequence of bool
        Which rows do not say where a dose goes.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> rows = [{"ID": "a", "TIME": 0, "AMT": 50, "WT": 70}, {"ID": "a", "TIME": 2, "DV": 8.1, "WT": 70}]
    >>> data = ldn.read_data(rows)
    >>> data
    StudyData: 1 subject, 1 dose, 1 observation
      covariates: WT
    >>> data.subjects, data.regimens["a"].doses[0].amt, data.covariates.loc["a", "WT"].item(), data.labels
    (('a',), 50.0, 70.0, ())
    >>> data.observations.DV.tolist(), list(data.table.columns[:4])
    ([8.1], ['ID', 'TIME', 'AMT', 'DV'])
    """

    def __init__(self, table: pd.DataFrame, records: Sequence[Record], is_open: Sequence[bool]) -> None:
        self._table, self._records, self._open = table, tuple(records), tuple(is_open)
        self._regimens = tables.by_subject(self._records, table["ID"].tolist(), Regimen)

    @property
    def table(self) -> pd.DataFrame:
        """The rows in their places (a copy): times in h, DV is NaN below the limit (CENS 1) and without one."""
        return self._table.copy()

    @property
    def subjects(self) -> tuple[Any, ...]:
        """Labels of the subjects, in the order of the table."""
        return tuple(self._regimens)

    @property
    def regimens(self) -> Mapping[Any, Regimen]:
        """Regimen of each subject, with its observation records in their order."""
        return MappingProxyType(self._regimens)

    @property
    def observations(self) -> pd.DataFrame:
        """The measurements alone, indexed by their rows of the table: ID, TIME (h), DV, CENS, LLOQ, DVID, OCC."""
        shown = [c for c in ("ID", "TIME", "DV", "CENS", "LLOQ", "DVID", "OCC") if c in self._table]
        return self._table.loc[(self._table["EVID"] == OBSERVATION) & (self._table["MDV"] == 0), shown].copy()

    @cached_property
    def _covariates(self) -> pd.DataFrame:
        """First value stated of each covariate."""
        own = [c for c in self._table if c not in STANDARD]
        found = self._table[["ID", *own]].groupby("ID", sort=False)[own].first() if own else None
        import pandas as pd

        index = pd.Index(self.subjects, name="ID")
        return pd.DataFrame(index=index) if found is None else found.reindex(index)

    @property
    def covariates(self) -> pd.DataFrame:
        """One row a subject: the first value of each further column."""
        return self._covariates.copy()

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the covariates that hold no numbers, which no model reads."""
        return tuple(str(c) for c in self._covariates if self._covariates[c].dtype.kind not in "fiu")

    def observed_rows(self, subject: Any) -> np.ndarray:
        """Find the rows of the table that hold the observation records of a subject.

        Parameters
        ----------
        subject : label
            One of `subjects`.

        Returns
        -------
        array of int
            In the order of the values that ``simulate(..., times="records")`` gives, those without a
            measurement included.

        Raises
        ------
        UnknownNameError
            If there is no such subject.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> rows = [{"ID": 7, "TIME": 0, "AMT": 50}, {"ID": 7, "TIME": 2, "DV": 8.1}, {"ID": 7, "TIME": 4, "DV": 3.0}]
        >>> ldn.read_data(rows).observed_rows(7).tolist()
        [1, 2]
        """
        if not isinstance(subject, Hashable) or subject not in self.subjects:
            raise unknown("subject", subject, map(str, self.subjects), listing="data.subjects")
        return ((self._table["ID"] == subject) & (self._table["EVID"] == OBSERVATION)).to_numpy().nonzero()[0]

    def dosed_into(self, cmt: str) -> StudyData:
        """Let doses of which the table does not say where they go enter a state.

        Parameters
        ----------
        cmt : str
            Name of the state.

        Returns
        -------
        StudyData
            Doses with a CMT, a drug or a formulation of their own stay as they are.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> data = ldn.read_data([{"ID": 7, "TIME": 0, "AMT": 50}, {"ID": 7, "TIME": 2, "DV": 8.1}])
        >>> data.dosed_into("gut").regimens[7].records[0].cmt
        'gut'
        """
        a_text("cmt", cmt)
        moved = [
            replace(r, cmt=cmt, drug="", formulation="") if is_open and r.is_dose else r
            for r, is_open in zip(self._records, self._open, strict=True)
        ]
        return StudyData(self._table, moved, [False] * len(moved))

    def __repr__(self) -> str:
        seen = self.observations
        below = int(seen["CENS"].sum())
        words = [_counted(len(self.subjects), "subject")]
        words.append(_counted(sum(len(r.doses) for r in self._regimens.values()), "dose"))
        words.append(_counted(len(seen), "observation") + (f" ({below} below the limit)" if below else ""))
        named = [c for c in self._covariates if c not in self.labels]
        text = "StudyData: " + ", ".join(words)
        if told_by(self._table) == "CMT" and seen["DVID"].nunique() > 1:
            text += f"\n  measurements told apart by CMT: {', '.join(map(str, seen['DVID'].dropna().unique()))}"
        text += f"\n  covariates: {', '.join(map(str, named))}" if named else ""
        return text + (f"\n  labels, which no model reads: {', '.join(self.labels)}" if self.labels else "")

    def _repr_html_(self) -> str:
        head, *notes = repr(self).split("\n")
        seen = self.observations.groupby("ID", sort=False)["TIME"].agg(["size", "max"])
        rows = [
            (i, len(r.doses), int(seen["size"].get(i, 0)), f"{max(seen['max'].get(i, 0.0), r.end):g}")
            for i, r in list(self._regimens.items())[:_SHOWN]
        ]
        more = len(self.subjects) - len(rows)
        body = "".join(f"<tr>{''.join(f'<td>{escape(str(c))}</td>' for c in row)}</tr>" for row in rows)
        body += f'<tr><td colspan="4">... {more} more</td></tr>' if more > 0 else ""
        heads = "".join(f"<th>{h}</th>" for h in ("ID", "doses", "observations", "until (h)"))
        return (
            f"<div><p><b>{escape(head)}</b>{''.join(f'<br>{escape(n.strip())}' for n in notes)}</p>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")
