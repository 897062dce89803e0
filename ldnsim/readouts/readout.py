"""`Readout`: what a course amounts to, as a value: a variable, how it is reduced, in which window."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ..door import check_kinds
from ..errors import a_text, bad, finite, in_short, unknown
from ..unit_sizes import contradicts
from ..units import no_share
from .reducers import REDUCERS, Reducer, unit_of
from .windows import hours_in, window_named, words_of

if TYPE_CHECKING:
    import xarray as xr

THRESHOLD = "threshold"  # a level that `summarize` is told, instead of a number
_CALL = re.compile(r"(\w+)\((.*)\)")
_FORM = "'auc(Cp)', 'auc(Cp, 0, 24)', 'time_above(Cp, 2.0)' or 'cmax(Cp, first dose)'"


@dataclass(frozen=True)
class Readout:
    """A number of a course: a variable, reduced over a window.

    Two are equal if they give the same number, whatever they are called.

    Parameters
    ----------
    variable : str
        Id of a variable of the model.
    reduce : str
        How it becomes a number: cmax, tmax, cmin, ctrough, cavg, mean, auc, auc_inf, aumc, aumc_inf, mrt,
        half_life, accumulation, swing, fluctuation, at (value at an hour), time_above, time_below,
        hours_above (a day), area_above, stretch_above, percent_change, peak_over, time_to, decay_half_life.
    window : str or (float, float), optional
        "last interval", "last dose", "last days", "after last dose", "first dose", "dose 2", "day 1",
        "days 2-5", (0, 24) or "0-24 h" (since the first midnight), "0-24 h after last dose", "night",
        "02:00-04:00", "whole course". By default what the reducer is usually read over.
    level : float, optional
        What the reducer takes beside: a level of the variable (or "threshold", that of `summarize`), the hour
        of `at`, the share of `time_to`.
    unit, words : str
        Unit of the number, and a sentence on it; by default they follow from the rest.

    Other Parameters
    ----------------
    name : str
        What it is called in results; by default its text. "cmax naltrexone" is the variable ``cmax`` at
        ``naltrexone`` of the dimension ``analyte``.
    label, group : str
        What axes and tables call it, and where tables put it.

    Raises
    ------
    InputError
        If the window is none, or a level is missing or has no use.
    UnknownNameError
        If there is no such reducer.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.Readout("Cp", "auc", window=(0, 24)).text
    'auc(Cp, 0, 24)'
    >>> ldn.Readout.of("time_above(Cp, 2.0)") == ldn.Readout("Cp", "time_above", level=2)
    True
    >>> later = ldn.Readout("Cp", "at", level=12, name="C12 plasma")
    >>> later.reducer.words, later.hour, later.place
    ('value', 12.0, ('C12', 'plasma'))
    """

    variable: str
    reduce: str
    window: Any = None
    level: float | str | None = None
    unit: str = field(default="", compare=False)
    words: str = field(default="", compare=False)
    name: str = field(default="", compare=False)
    label: str = field(default="", compare=False)
    group: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        check_kinds(type(self), vars(self), "variable", "reduce", "window", "level")
        a_text("variable", self.variable, "the id of a variable of the model")
        if a_text("reduce", self.reduce, "such as 'auc'") not in REDUCERS:
            raise unknown("reduce", self.reduce, REDUCERS, limit=len(REDUCERS))
        none = self.window is None or (isinstance(self.window, str) and not self.window)
        object.__setattr__(self, "window", window_named(self.reducer.window if none else self.window))
        object.__setattr__(self, "level", self._number())
        object.__setattr__(self, "name", self.name or self.text)

    def _number(self) -> float | str | None:
        kind, usual = self.reducer.number, self.reducer.usual
        if self.level is None:
            if kind and usual is None:
                raise bad("level", None, f"is missing: {self.reduce} takes {_ARTICLE[kind]} {kind}", _FORM)
            return usual if kind else None
        if not kind:
            raise bad("level", self.level, f"has no use: {self.reduce} takes none", "leave it out")
        if self.level == THRESHOLD and kind == "level":
            return THRESHOLD
        number = finite("level", self.level, 0.0 if kind == "hour" else -float("inf"))
        if kind == "share" and not 0 < number <= 1:
            raise bad("level", self.level, "must be a share above 0 and up to 1")
        return number

    @classmethod
    def of(cls, text: str) -> Readout:
        """Read one from its text.

        Parameters
        ----------
        text : str
            ``reduce(variable)``, then a level if the reducer takes one, then the window, in words or as two
            hours.

        Raises
        ------
        InputError
            If the text cannot be read.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Readout.of("cmax(Cp, first dose)").window
        'first dose'
        """
        call = _CALL.fullmatch(a_text("readout", text, f"write it as {_FORM}").strip())
        variable, *rest = [part.strip() for part in call[2].split(",")] if call else [""]
        if call is None or not variable:
            raise bad("readout", text, "cannot be read", f"write it as {_FORM}")
        window = rest.pop() if rest and not _is_level(rest[-1]) else None
        if window is None and len(rest) >= 2:
            window, rest = (rest[-2], rest[-1]), rest[:-2]
        if len(rest) > 1:
            raise bad("readout", text, "has more numbers than a level and two hours", f"write it as {_FORM}")
        level = rest[0] if rest else None
        return cls(variable, call[1], window, THRESHOLD if level == THRESHOLD else level and float(level))

    @property
    def reducer(self) -> Reducer:
        """How the variable becomes a number."""
        return REDUCERS[self.reduce]

    @property
    def text(self) -> str:
        """What it is, in one form: without what is usual."""
        parts = [self.variable]
        if self.level is not None and self.level != self.reducer.usual:
            shown = self.level if self.reducer.number != "hour" else f"{self.level:.12g}"
            parts.append(str(shown))
        if self.window != self.reducer.window:
            hours = hours_in(self.window)
            parts.append(self.window if hours is None else "{:.12g}, {:.12g}".format(*hours))
        return f"{self.reduce}({', '.join(parts)})"

    @property
    def hour(self) -> float | None:
        """The instant it is read at, in h since the start of its window; None for all of the window."""
        return cast("float", self.level) if self.reducer.number == "hour" else None

    @property
    def place(self) -> tuple[str, str]:
        """Variable of results that it is, and its label along the dimension "analyte", if it has one."""
        name, _, label = self.name.partition(" ") if "(" not in self.name else (self.name, "", "")
        return name, label

    def picked(self, ds: xr.Dataset) -> xr.DataArray:
        """Pick its numbers out of a result.

        Parameters
        ----------
        ds : xarray.Dataset
            As `summarize` gives it.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> model, peak = ldn.load_model("ldn"), ldn.Readout("plasma_naltrexone", "cmax", name="cmax naltrexone")
        >>> bool(peak.picked(ldn.simulate(model, ldn.Regimen.single(4.5), metrics=[peak])) > 1)
        True
        """
        name, label = self.place
        if name not in getattr(ds, "data_vars", ()):
            raise bad(
                "ds", in_short(ds), f"must be a Dataset that holds {name!r}", "the result of summarize()"
            )
        return ds[name].sel(analyte=label) if label else ds[name]

    def attrs(self, variables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Describe the number in a result.

        Parameters
        ----------
        variables : mapping of str to mapping
            Attributes of the variables, as far as they are known.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.Readout("Cp", "auc").attrs({"Cp": {"units": "mg/L"}})["units"]
        'mg/L*h'
        """
        check_kinds(Readout.attrs, locals())
        own = variables.get(self.variable, {})
        named = own.get("long_name", self.variable)
        level = f" (level {self.level})" if self.reducer.number == "level" and self.level else ""
        sentence = f"{self.reducer.words}{level}, {words_of(self.window)}."
        if self.hour is not None:
            sentence = f"{self.reducer.words} {self.level:g} h after the start, {words_of(self.window)}."
        number = self.level if isinstance(self.level, float) and self.reducer.number == "level" else 0.0
        if how := no_share(number, own.get("units", "")):
            raise bad("level", self.level, f"is above 1, and {self.variable} is a {own['units']}", how)
        computed = unit_of(self.reducer.unit, own.get("units", ""))
        if contradicts(self.unit, computed, a_day=self.reduce in _A_DAY):
            rule = f"is no unit of {self.text}, which is in {computed}, and would change no number"
            raise bad("unit", self.unit, rule, f"write {computed!r}, or leave it out")
        return {
            "units": self.unit or computed,
            "long_name": self.label or f"{self.reducer.words} of {named}",
            "description": self.words or sentence[0].upper() + sentence[1:],
        }


def windows_of(readouts: Iterable[Readout]) -> dict[tuple[str, float | None], str]:
    """Give the windows, or instants of them, that readouts read, each with the name of the first that does."""
    found: dict[tuple[str, float | None], str] = {}
    for r in readouts:
        if r.reducer.against:
            found.setdefault((r.reducer.against, None), r.name)
        found.setdefault((r.window, r.hour), r.name)
    return found


_A_DAY = ("hours_above", "area_above")  # numbers for each 24 h
_ARTICLE = {"level": "a", "hour": "an", "share": "a"}


def _is_level(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == THRESHOLD
    return True
