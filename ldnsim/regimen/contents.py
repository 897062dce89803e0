"""What a regimen holds: its records, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import a_list
from . import schedule, show, tables
from .periods import in_order
from .record import OBSERVATION, OF_THE_RATE, Dose, Record

if TYPE_CHECKING:
    import pandas as pd


class RegimenContents:
    """Records in the order of their times, and the doses, times and names in them; see `ldnsim.Regimen`."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        remedy = "Regimen.daily(4.5, days=28), Regimen.from_records(table) and others make them"
        given = a_list("records", records, "a list of records", kinds=Record, remedy=remedy)
        self._records = in_order(given)

    @property
    def records(self) -> tuple[Record, ...]:
        """Rows of the table, in order."""
        return self._records

    @cached_property
    def doses(self) -> tuple[Dose, ...]:
        """All doses one by one, additional ones too, in the order of their times."""
        return schedule.expand(self.records)

    @cached_property
    def missed(self) -> tuple[Dose, ...]:
        """Doses that are due and not taken, after the last one that is."""
        return tuple(d for r in schedule.trimmed(self.records) for d in r.missed)

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of the drugs given, in the order of first use."""
        return tuple(dict.fromkeys(r.drug for r in self.records if r.is_dose and r.drug))

    @property
    def is_placebo(self) -> bool:
        """Whether no dose of it holds anything; so none, too."""
        return not any(d.amt * d.record.F > 0 or d.record.is_constant_infusion for d in self.doses)

    @property
    def last_dose(self) -> Dose | None:
        """The last dose (of several at one time the one with the longest interval), None without doses."""
        return max(self.doses, key=lambda d: (d.time, d.ii), default=None)

    @property
    def end(self) -> float:
        """When the interval of the last dose, taken or due, ends (h; ii, 24 h for a single), or last record."""
        last = self.last_dose
        missed = max((d.time + d.ii for d in self.missed), default=0.0)
        return max(last.time + last.ii if last else 0.0, missed, *(r.time for r in self.records), 0.0)

    @property
    def observation_times(self) -> tuple[float, ...]:
        """Times (h) of the observation records (evid 0), one each, in their order."""
        return tuple(r.time for r in self.records if r.evid == OBSERVATION)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the columns that may change a parameter over time."""
        return tuple(dict.fromkeys(k for r in self.records for k, _ in r.extra if k not in OF_THE_RATE))

    @cached_property
    def period(self) -> float | None:
        """Shortest time (h) after which all doses repeat, None where there is no such time."""
        stated = {k: {r.get(k) for r in self.records} - {None} for k in self.covariates}
        varies = any(len(values) > 1 for values in stated.values())
        return None if varies else schedule.common_period(self.records)

    @property
    def cycle(self) -> tuple[Dose, ...]:
        """Doses of one `period` at steady state, at times in [0, period) that keep their clock."""
        return schedule.one_cycle(self.records, self.period) if self.period else ()

    def __eq__(self, other: object) -> bool:
        return self.records == other.records if isinstance(other, RegimenContents) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.records)

    # --- as a table and as text ---------------------------------------------------------------------------

    def to_records(self) -> pd.DataFrame:
        """Return the table.

        Returns
        -------
        DataFrame
            One row a record, the columns of `from_records`, which makes this regimen of it again.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.daily(4.5, days=7, at="22:00").to_records()[["time", "amt", "ii", "addl"]]
           time  amt    ii  addl
        0  22.0  4.5  24.0     6
        """
        return tables.write(self.records)

    def __repr__(self) -> str:
        return show.text(self)

    def _repr_html_(self) -> str:
        return show.html(self)
