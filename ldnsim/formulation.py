"""How a dose splits over the states of a model: shares, lags and zero-order durations, from a table."""

from __future__ import annotations

import functools
import math
import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import InputError, ModelError, bad, unknown
from .library import DEFAULT_MODEL, table_file, table_of
from .model.dose_units import arrival, written
from .numeric import number_of
from .units import DOSE, is_pure

if TYPE_CHECKING:
    import pandas as pd

    from .model import Model

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_COMPLEMENT = re.compile(r"\(\s*1\s*-\s*([A-Za-z_]\w*)\s*\)")


@dataclass(frozen=True)
class Product:
    """A number times parameters and complements of parameters: ``0.9*f*(1-g)``.

    Attributes
    ----------
    number : float
        Product of the plain numbers.
    factors : tuple of (str, bool)
        Parameter ids; True stands for ``(1-id)``.
    """

    number: float
    factors: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def parse(cls, text: str | float, empty: float = 0.0) -> Product:
        """Read a product; an empty cell is `empty`. Nothing is evaluated as code.

        Raises
        ------
        ModelError
            If a factor is neither a number, nor an id, nor ``(1-id)``.
        """
        text = "" if text is None or text != text else str(text).strip()
        if not text:
            return cls(empty)
        number, factors = 1.0, []
        for part in (p.strip() for p in text.split("*")):
            complement = _COMPLEMENT.fullmatch(part)
            if complement:
                factors.append((complement[1], True))
            elif _IDENTIFIER.fullmatch(part):
                factors.append((part, False))
            else:
                number *= _number(part, text)
        return cls(number, tuple(factors))

    def __call__(self, parameters: Mapping[str, np.ndarray], n: int) -> np.ndarray:
        """Value for each of `n` subjects.

        Parameters
        ----------
        parameters : mapping of str to array, shape (n,)
            Values by parameter id.
        n : int
            Number of subjects.

        Returns
        -------
        array, shape (n,)
        """
        value = np.full(n, self.number)
        for name, complement in self.factors:
            if name not in parameters:
                raise unknown("formulation parameter", name, parameters)
            value = value * (1.0 - parameters[name] if complement else parameters[name])
        return value


@dataclass(frozen=True)
class Share:
    """The part of a dose that goes to one state.

    Attributes
    ----------
    cmt : str
        The state.
    fraction : Product
        Amount that arrives, of one unit given (salt factors included).
    lag : Product
        Delay (h).
    duration : Product
        Duration of zero-order release (h); 0: all at once.
    """

    cmt: str
    fraction: Product
    lag: Product
    duration: Product

    def in_hours(self, hours: float) -> Share:
        """Return this share with delay and duration, given in a unit of so many hours, in h."""
        lag, duration = (replace(p, number=p.number * hours) for p in (self.lag, self.duration))
        return replace(self, lag=lag, duration=duration)

    @property
    def parameters(self) -> set[str]:
        """Ids of the parameters it uses."""
        return {name for p in (self.fraction, self.lag, self.duration) for name, _ in p.factors}


class Formulations(Mapping):
    """Shares by (drug, formulation).

    Parameters
    ----------
    shares : mapping
        (drug, formulation) -> the parts of a dose.
    usual : mapping, optional
        Drug -> the formulation taken where none is named.
    arrivals : mapping, optional
        State -> how much of it one unit of a dose is, or the error that says why there is no telling.
    """

    def __init__(
        self,
        shares: Mapping[tuple[str, str], tuple[Share, ...]],
        usual: Mapping[str, str] = types.MappingProxyType({}),
        arrivals: Mapping[str, float | InputError] = types.MappingProxyType({}),
    ) -> None:
        self._shares, self._usual, self._arrivals = dict(shares), dict(usual), dict(arrivals)
        self._units: Mapping[str, str] = {}
        self._foreign: Mapping[tuple[str, str], float | InputError] = {}
        self._converting: frozenset[str] = frozenset()

    @classmethod
    def from_rows(
        cls, rows: Iterable[Mapping[str, Any]], usual: Mapping[str, str] = types.MappingProxyType({})
    ) -> Formulations:
        """Read rows with drug, formulation, cmt, fraction, lag and duration; several rows split a dose."""
        shares: dict[tuple[str, str], tuple[Share, ...]] = {}
        for row in rows:
            key = (str(row["drug"]), str(row["formulation"]))
            share = Share(
                str(row["cmt"]).strip(),
                Product.parse(row["fraction"], empty=1.0),
                Product.parse(row["lag"]),
                Product.parse(row["duration"]),
            )
            shares[key] = (*shares.get(key, ()), share)
        return cls(shares, usual)

    @classmethod
    def from_table(cls, table: pd.DataFrame, drugs: pd.DataFrame | None = None) -> Formulations:
        """Read tables as `ldnsim.library.table` gives them; that of the drugs tells their usual formulations."""
        named = {} if drugs is None or "formulation" not in drugs else drugs["formulation"]
        usual = {str(k): str(v) for k, v in named.items()}
        made = cls.from_rows(table.reset_index().to_dict("records"), usual)
        units = {} if drugs is None or "unit" not in drugs else drugs["unit"]
        made._units = {str(k): str(v) for k, v in units.items()}
        return made

    def __getitem__(self, key: tuple[str, str]) -> tuple[Share, ...]:
        return self._shares[key]

    def __iter__(self):
        return iter(self._shares)

    def __len__(self) -> int:
        return len(self._shares)

    def of(self, drug: str, formulation: str) -> tuple[Share, ...]:
        """Shares of a formulation, the usual one if it has no name; an unknown one is refused."""
        drugs = list(dict.fromkeys(d for d, _ in self))
        if drug not in drugs:
            raise unknown("drug", drug, drugs)
        known = [f for d, f in self if d == drug]
        name = formulation or self.usual(drug)
        if not name:
            raise bad("formulation", name, f"must be named for {drug!r}", f"one of {', '.join(known)}")
        if name not in known:
            raise unknown("formulation", name, known)
        found = self[drug, name]
        return (
            tuple(self._arriving(drug, share) for share in found)
            if self._arrivals or self._foreign
            else found
        )

    def into(self, state: str) -> Share:
        """Share of a dose into a state by its name, past any formulation."""
        arrival = self._arrivals.get(state, 1.0)
        if isinstance(arrival, InputError):
            raise arrival
        return Share(state, Product(arrival), Product(0.0), Product(0.0))

    @property
    def foreign(self) -> tuple[tuple[str, str], ...]:
        """The states that drugs dosed in another unit than mg go into, each with that unit."""
        units = ((self.unit(drug), shares) for (drug, _), shares in self.items())
        return tuple(dict.fromkeys((s.cmt, unit) for unit, shares in units if unit != DOSE for s in shares))

    def unit(self, drug: str) -> str:
        """Return the unit in which a drug is dosed: mg where the table of drugs says none."""
        return written(self._units.get(drug, "") or DOSE)

    def arriving(
        self,
        arrivals: Mapping[str, float | InputError],
        foreign: Mapping[tuple[str, str], float | InputError],
        converting: Iterable[str],
    ) -> Formulations:
        """Return this table for a model whose states are not all in the unit of the dose.

        A fraction says itself what arrives where a parameter in it has a unit (`converting`), or it is above 1.
        """
        made = Formulations(self._shares, self._usual, arrivals)
        made._units, made._foreign, made._converting = self._units, foreign, frozenset(converting)
        return made

    def _arriving(self, drug: str, share: Share) -> Share:
        number, factors = share.fraction.number, share.fraction.factors
        if number > 1 or any(f in self._converting for f, _ in factors):
            return share
        if self.unit(drug) == DOSE:
            each: float | InputError = self.into(share.cmt).fraction.number
        else:
            each = self._foreign.get((share.cmt, self.unit(drug)), 1.0)
        if isinstance(each, InputError):
            raise each
        return share if each == 1 else replace(share, fraction=Product(number * each, factors))

    def usual(self, drug: str) -> str:
        """Name the formulation of a drug that is taken where none is named; empty where one must be."""
        known = [f for d, f in self if d == drug]
        return known[0] if len(known) == 1 else self._usual.get(drug, "")

    @property
    def states(self) -> tuple[str, ...]:
        """All states that can be dosed by a formulation."""
        return tuple(dict.fromkeys(s.cmt for shares in self.values() for s in shares))

    @property
    def parameters(self) -> tuple[str, ...]:
        """All parameters the table uses."""
        products = (p for shares in self.values() for s in shares for p in (s.fraction, s.lag, s.duration))
        return tuple(dict.fromkeys(name for p in products for name, _ in p.factors))


def formulations_of(model: Model) -> Formulations:
    """Table of a model; that of the shipped model "ldn" where it has none of its own."""
    own = table_file(model, "formulations")
    source = DEFAULT_MODEL if own is None else model
    files = [f for f in (table_file(source, name) for name in ("formulations", "drugs")) if f is not None]
    changed = tuple(f.stat().st_mtime_ns for f in files)
    made = _read(tuple(files), changed)
    pairs = [(pair, arrival(model, *pair)) for pair in made.foreign if pair[0] in model.states]
    foreign = tuple((pair, one) for pair, one in pairs if one != 1.0)
    if not model.arrivals and not foreign:
        return made
    converting = tuple(p.id for p in model.table if not is_pure(p.unit))
    return _arriving(tuple(files), changed, tuple(model.arrivals.items()), foreign, converting)


@functools.lru_cache(maxsize=32)
def _read(files: tuple[Path, ...], changed: tuple[int, ...]) -> Formulations:
    return Formulations.from_table(*map(table_of, files))


@functools.lru_cache(maxsize=32)
def _arriving(
    files: tuple[Path, ...],
    changed: tuple[int, ...],
    arrivals: tuple[tuple[str, Any], ...],
    foreign: tuple[tuple[tuple[str, str], Any], ...],
    converting: tuple[str, ...],
) -> Formulations:
    return _read(files, changed).arriving(dict(arrivals), dict(foreign), converting)


def _number(part: str, text: str) -> float:
    value = number_of(part)
    if not math.isfinite(value):
        raise ModelError(f"product={text!r}: {part!r} is no number, no parameter id and no (1-id)")
    return value
