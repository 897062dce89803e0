"""The regimen: who takes what and when, as an immutable value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..door import check_kinds
from ..errors import a_list, finite, positive, whole
from ..units import hours_of
from . import algebra, tables
from .contents import RegimenContents
from .record import Record, check_days, count
from .sugar import How, given, pairs_of, train

if TYPE_CHECKING:
    from ..model import Model


class Regimen(RegimenContents):
    """Doses over time: an immutable NONMEM table.

    Make one with `single`, `every`, `daily`, `titration` or `from_records`; join two with ``+``, move one
    with `shift`, miss doses with `skip`. Times are hours since the first midnight, amounts mg (or the unit of
    the drug). A regimen can be compared and hashed.

    Parameters
    ----------
    records : iterable of Record
        Rows in the order of their times; rows at one time act in the order given.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.Regimen.daily(4.5, days=7, at="22:00") + ldn.Regimen.single(2, drug="lps", at=60)
    Regimen: 8 doses over 7 days
      day 1, 22:00: 4.5 mg naltrexone capsule x 7 every 24 h
      day 3, 12:00: 2 ng/kg lps iv

    What it holds; times in h:

    >>> regimen = ldn.Regimen.daily(4.5, days=7, at="22:00")
    >>> len(regimen.records), len(regimen.doses), regimen.drugs, regimen.last_dose.time, regimen.end
    (1, 7, ('naltrexone',), 166.0, 190.0)
    >>> regimen.period, [dose.time for dose in regimen.cycle], regimen.skip(days=[7]).missed[0].time
    (24.0, [22.0], 166.0)
    >>> visits = [{"time": 0, "amt": 4.5, "weight": 70}, {"time": 12, "evid": 0, "weight": 70}]
    >>> ldn.Regimen.from_records(visits).observation_times, ldn.Regimen.from_records(visits).covariates
    ((12.0,), ('weight',))
    >>> ldn.Regimen.parse("0 mg nightly", days=28).is_placebo
    True
    """

    # --- constructors -------------------------------------------------------------------------------------

    @classmethod
    def single(
        cls,
        dose: float,
        *,
        at: str | float = "00:00",
        formulation: str | None = None,
        drug: str | None = None,
        cmt: str | int | None = None,
        rate: float | None = None,
        duration: float | None = None,
        lag: float = 0.0,
        F: float = 1.0,
    ) -> Regimen:
        """One dose.

        Parameters
        ----------
        dose : float
            Amount (mg; ng/kg for the drug "lps"; the unit of the state with `cmt`).
        at : str or float
            Clock time of the first day ("22:00"), or hours since the first midnight.

        Other Parameters
        ----------------
        formulation, drug, cmt, rate, duration, lag, F
            See `every`, also for what is refused.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.single(50, at="08:00")
        Regimen: 1 dose over 1 day
          day 1, 08:00: 50 mg naltrexone capsule
        """
        how = How(formulation, drug, cmt, rate, duration, lag, F)
        return cls(train(given("dose", dose, how), 0.0, 1, at, how))

    @classmethod
    def every(
        cls,
        dose: float,
        ii: float,
        n: int,
        *,
        at: str | float = "00:00",
        formulation: str | None = None,
        drug: str | None = None,
        cmt: str | int | None = None,
        rate: float | None = None,
        duration: float | None = None,
        ss: bool = False,
        lag: float = 0.0,
        F: float = 1.0,
    ) -> Regimen:
        """Doses at a fixed interval.

        Parameters
        ----------
        dose : float
            Amount of each (mg; ng/kg for the drug "lps"; the unit of the state with `cmt`); at most 1e12, into
            a state 1e30. 0 is a placebo, which the regimen says of it: nothing is given, at these times.
        ii : float
            Interval (h).
        n : int
            Number of doses.
        at : str or float
            Clock time of the first dose on the first day ("22:00"), or hours since the first midnight.

        Other Parameters
        ----------------
        formulation : str, optional
            A name of ``ldn.formulations()``, or of the same table in a model folder of your own; the usual
            one of the drug by default. Names are checked when a model is given.
        drug : str, optional
            A name of ``ldn.drugs()``, or of a model folder; "naltrexone" by default.
        cmt : str or int, optional
            Dosed state of a model of your own, by name or by number from 1; instead of `formulation`.
        rate : float, optional
            Infusion rate (amount/h). The duration follows.
        duration : float, optional
            Duration of the infusion (h). The rate follows.
        ss : bool
            Whether the subject starts at the steady state of these doses: at time 0, whatever `at` is.
        lag : float
            Delay of every dose (h), added to the formulation's.
        F : float
            Factor on every amount.

        Raises
        ------
        InputError
            If a number is out of range or two arguments contradict each other.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.every(4.5, ii=48, n=14, at="22:00", formulation="solution")
        Regimen: 14 doses over 27 days
          day 1, 22:00: 4.5 mg naltrexone solution x 14 every 48 h
        """
        how = How(formulation, drug, cmt, rate, duration, lag, F, ss)
        return cls(train(given("dose", dose, how), positive("ii", ii, "h"), count("n", n), at, how))

    @classmethod
    def daily(
        cls,
        dose: float,
        days: int,
        *,
        at: str | float = "00:00",
        formulation: str | None = None,
        drug: str | None = None,
        cmt: str | int | None = None,
        rate: float | None = None,
        duration: float | None = None,
        ss: bool = False,
        lag: float = 0.0,
        F: float = 1.0,
    ) -> Regimen:
        """One dose a day.

        Parameters
        ----------
        dose : float
            Amount (mg; ng/kg for the drug "lps"; the unit of the state with `cmt`).
        days : int
            Number of days, one dose each.
        at : str or float
            Clock time ("22:00"), or hours since the first midnight for the first dose.

        Other Parameters
        ----------------
        formulation, drug, cmt, rate, duration, ss, lag, F
            See `every`, also for what is refused.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.daily(4.5, days=28, at="22:00", ss=True)
        Regimen: 28 doses over 28 days
          day 1, 22:00: 4.5 mg naltrexone capsule x 28 every 24 h (at steady state)
        """
        how = How(formulation, drug, cmt, rate, duration, lag, F, ss)
        return cls(train(given("dose", dose, how), 24.0, count("days", days), at, how))

    @classmethod
    def titration(
        cls,
        steps: Sequence[tuple[float, int]],
        *,
        at: str | float = "00:00",
        formulation: str | None = None,
        drug: str | None = None,
        cmt: str | int | None = None,
        rate: float | None = None,
        duration: float | None = None,
        lag: float = 0.0,
        F: float = 1.0,
    ) -> Regimen:
        """One dose a day, in steps.

        Parameters
        ----------
        steps : sequence of (float, int)
            Dose (mg) and number of days of each step.
        at : str or float
            Clock time ("22:00"), or hours since the first midnight for the first dose.

        Other Parameters
        ----------------
        formulation, drug, cmt, rate, duration, lag, F
            See `every`, also for what is refused.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.titration([(1.5, 14), (4.5, 28)], at="22:00")
        Regimen: 42 doses over 42 days
          day 1, 22:00: 1.5 mg naltrexone capsule x 14 every 24 h
          day 15, 22:00: 4.5 mg naltrexone capsule x 28 every 24 h
        """
        how, start = How(formulation, drug, cmt, rate, duration, lag, F), hours_of(at)
        records: list[Record] = []
        for dose, days in pairs_of(steps, how):
            records += train(dose, 24.0, days, start, how)
            start += 24.0 * days
        return cls(records)

    @classmethod
    def from_records(cls, records: Any) -> Regimen | dict[Any, Regimen]:
        """Read a NONMEM-style table.

        Parameters
        ----------
        records : DataFrame, path of a CSV file, list of dict, or dict of columns
            Columns, in any case and order: ``time, amt, cmt, evid, ii, addl, rate, ss, lag, F, drug,
            formulation``, ``rat`` (rate of a dose with rate -1), ``dur`` (duration of one with rate -2, or
            without rate), ``duration`` or ``tinf`` (makes an infusion), ``id``. A further column with exactly
            a parameter's name varies in time: the value of a record holds from the record before up to it;
            `simulate` names the columns that nothing reads. What is missing or "." takes its default; ``dv``,
            ``dvid``, ``cens`` and ``lloq`` are left out. A ``cmt`` other than 0 puts the dose into that state as
            it is, past any formulation: without its bioavailability, lag and shares; leave the column out to
            dose by formulation.

        Returns
        -------
        Regimen or dict
            With an ID column, a dict from each ID to its regimen: an ID is a label, a whole number where all
            are such, else text as it is written. Observations (evid 0) are kept in their order. `simulate`
            gives every subject every regimen of a dict; to give each subject the regimen of its own ID, run
            ``{i: simulate(model, r, subjects=people.loc[[i]]) for i, r in by_id.items()}``.

        Raises
        ------
        InputError
            If a value or a combination is refused; the message names the record. An ID must not come back
            after another one, and time must not fall but at a reset (evid 3 or 4): there a period begins,
            which is laid behind the one before, from a midnight on, with a warning.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.from_records([{"time": 0, "amt": 50}, {"time": 24, "amt": 4.5, "ii": 24, "addl": 6}])
        Regimen: 8 doses over 8 days
          day 1, 00:00: 50 mg naltrexone capsule
          day 2, 00:00: 4.5 mg naltrexone capsule x 7 every 24 h
        """
        return tables.read(records, cls)

    @classmethod
    def parse(cls, text: str, days: int | None = None, *, model: Model | None = None) -> Regimen:
        """Read a regimen in words.

        Parameters
        ----------
        text : str
            Parts joined by ``+``, each with a dose and, in any order, a drug, a formulation, how often ("every
            6 h", "every other day", "daily", "twice a day", "nightly", "once"), when ("at 22:00", "from
            08:00", "at bedtime") and for how long ("for 14 days", "from day 8"). Bedtime and night are 22:00,
            morning is 08:00. A mass may be in g, mg, ug or mcg. Short forms of prescriptions: qd, bid, tid,
            qid, qod, q6h, q2d, qam, qhs, hs, po.
        days : int, optional
            Days of treatment, for parts that do not say for how long; at most 3650, as in the words.
        model : Model, optional
            Drugs and formulations of its folder may be named too.

        Raises
        ------
        InputError
            If the words cannot be read, or only some parts say when, or only the last one for how long.
        UnknownNameError
            For a word that has no meaning here; the message names it.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.parse("4.5 mg every other day at bedtime + tramadol 50 mg every 6 h from 08:00", days=28)
        Regimen: 126 doses over 29 days
          day 1, 08:00: 50 mg tramadol oral x 112 every 6 h
          day 1, 22:00: 4.5 mg naltrexone capsule x 14 every 48 h
        """
        from . import language  # which most programs do without

        check_kinds(Regimen.parse, locals(), "text")
        if days is not None:
            check_days("days", whole("days", days, 1))
        return language.parse(Regimen, text, days, model)

    # --- algebra ------------------------------------------------------------------------------------------

    def __add__(self, other: Regimen) -> Regimen:
        """Give both: records merge by time; at one time no reset revives or wipes what the other gives."""
        if not isinstance(other, Regimen):
            return NotImplemented
        return Regimen(algebra.merged(self.records, other.records))

    def __radd__(self, other: object) -> Regimen:
        return self if other == 0 else NotImplemented  # so that sum() works

    def shift(self, hours: float) -> Regimen:
        """Move all records in time.

        Parameters
        ----------
        hours : float
            By how much (h); negative is earlier, but nothing may fall before time 0.

        Raises
        ------
        InputError
            If a record would fall before time 0.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> morning = ldn.Regimen.daily(2.25, days=7, at="08:00")
        >>> morning + morning.shift(hours=12)
        Regimen: 14 doses over 7 days
          day 1, 08:00: 2.25 mg naltrexone capsule x 7 every 24 h
          day 1, 20:00: 2.25 mg naltrexone capsule x 7 every 24 h
        """
        return Regimen(algebra.moved(self.records, finite("hours", hours)))

    def skip(self, days: Iterable[int]) -> Regimen:
        """Miss the doses of some days; the regimen ends when it did.

        Doses missed at the end are kept as records of doses due and not taken (evid 2), so that the run and
        the metrics include the days without them.

        Parameters
        ----------
        days : iterable of int
            Calendar days, midnight to midnight; day 1 is the day of the regimen's first dose.

        Raises
        ------
        InputError
            If no dose falls on a day, or the dose that sets a steady state does.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Regimen.daily(4.5, days=7).skip(days=[3])
        Regimen: 6 doses over 7 days
          day 1, 00:00: 4.5 mg naltrexone capsule x 2 every 24 h
          day 4, 00:00: 4.5 mg naltrexone capsule x 4 every 24 h
        """
        missed = {
            whole("days", d, 1, "day 1 is the day of the first dose")
            for d in a_list("days", days, "a list of days")
        }
        return Regimen(algebra.without(self.records, missed)) if missed else self
