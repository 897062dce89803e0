"""What an optimisation may vary: points of a unit cube, and the arguments of the regimen they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad, unknown
from ..simulation.inputs import check_routes
from ..sweeps.grid import DOSING, regimen_from
from ..units import HOURS_PER_DAY, hours_of

if TYPE_CHECKING:
    from ..model import Model

WHOLE = ("days", "n")
AT_BOUND = 0.01  # of a range
DIGITS = 4


@dataclass(frozen=True)
class SearchVariable:
    """One argument that is varied: between two numbers, or among choices.

    Attributes
    ----------
    name : str
        Of the argument.
    low, high : float
        Range; of a choice its first and last position.
    choices : tuple, optional
        What may be chosen.
    """

    name: str
    low: float
    high: float
    choices: tuple[Any, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it takes steps of one."""
        return bool(self.choices) or self.name in WHOLE

    def value(self, u: float) -> Any:
        """Value at a point of [0, 1]."""
        if self.is_whole:
            step = min(int(u * (self.high - self.low + 1)), int(self.high - self.low))
            return self.choices[step] if self.choices else int(self.low) + step
        number = self.low + u * (self.high - self.low)
        if self.name == "at":
            number = round(number * 60) / 60  # nobody takes a dose to the second
        elif 0 < u < 1:
            number = float(f"{number:.{DIGITS}g}")
        return min(max(number, self.low), self.high)


@dataclass(frozen=True)
class Space:
    """All that is varied, and what stays.

    Attributes
    ----------
    variables : tuple of SearchVariable
    fixed : dict
        Arguments of the regimen.
    """

    variables: tuple[SearchVariable, ...]
    fixed: dict[str, Any]

    @classmethod
    def of(cls, model: Model, over: Mapping[str, Any], fixed: Mapping[str, Any]) -> Space:
        """Check what is varied."""
        if not isinstance(over, Mapping) or not over:
            raise bad("over", over, "must be a dict, such as {'dose': (0.5, 10)}")
        for argument, names in (("over", over), ("argument", fixed)):
            for name in names:
                if name not in DOSING or name == "regimen":
                    raise unknown(argument, name, [d for d in DOSING if d != "regimen"], limit=len(DOSING))
        for name in fixed:
            if name in over:
                raise bad(name, fixed[name], "is varied too", "leave it out")
        space = cls(tuple(_variable(name, told) for name, told in over.items()), dict(fixed))
        check_routes(model, map(regimen_from, space.extremes()))  # both refuse what cannot be
        return space

    def extremes(self) -> Iterator[dict[str, Any]]:
        """Arguments at the lowest and the highest of all, and with each choice beside the lowest of the others."""
        for corner in (0.0, 1.0):
            yield self.arguments(np.full(len(self.variables), corner))
        for v in self.variables:
            for choice in v.choices:
                yield {**self.arguments(np.zeros(len(self.variables))), v.name: choice}

    def arguments(self, x: np.ndarray) -> dict[str, Any]:
        """Arguments of the regimen at a point of the cube."""
        return {**self.fixed, **self.varied(x)}

    def varied(self, x: np.ndarray) -> dict[str, Any]:
        """Arguments that are varied, at a point of the cube."""
        return {v.name: v.value(float(u)) for v, u in zip(self.variables, x, strict=True)}

    def at_bound(self, x: np.ndarray) -> tuple[str, ...]:
        """Say which variables lie at an end of their range; a clock time that spans a day has no end."""
        said = []
        for v, u in zip(self.variables, x[0], strict=True):
            if v.choices or (v.name == "at" and v.high - v.low >= HOURS_PER_DAY - 0.02):
                continue
            near = 0.0 if v.is_whole else AT_BOUND * (v.high - v.low)
            for end, limit in (("lower", v.low), ("upper", v.high)):
                if abs(v.value(float(u)) - limit) <= near:
                    said.append(
                        f"{v.name} ended at its {end} bound {limit:g}: the optimum may lie beyond, "
                        f"or nothing changes near it"
                    )
        return tuple(said)


def _variable(name: str, told: Any) -> SearchVariable:
    if isinstance(told, list):
        if len(told) < 2:
            raise bad(f"over[{name!r}]", told, "must hold at least two choices", "give one as an argument")
        return SearchVariable(name, 0.0, len(told) - 1.0, tuple(told))
    if not (isinstance(told, tuple) and len(told) == 2):
        raise bad(f"over[{name!r}]", told, "must be a tuple (low, high), or a list of choices")
    try:
        low, high = (hours_of(t) if name == "at" else float(t) for t in told)
    except (TypeError, ValueError):
        raise bad(f"over[{name!r}]", told, "must be two numbers, the lower first") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise bad(f"over[{name!r}]", told, "must be two finite numbers, the lower first")
    if name in WHOLE and not (low.is_integer() and high.is_integer()):
        raise bad(f"over[{name!r}]", told, "must be two whole numbers")
    return SearchVariable(name, low, high)
