"""Distributions of a parameter in words, such as ``"lognormal(0.7, 0.3)"`` or ``"normal(-1, 0.2) of log10"``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..errors import bad, unknown
from ..model.parameters import MOST_GSD

_WORDS = re.compile(r"\s*(\w+)\s*\(([^()]*)\)\s*(?:of\s+(log10|log)\s*)?")
_EXAMPLE = "'lognormal(0.7, 0.3)', or 'normal(-1, 0.2) of log10'"
EDGE = 1e-9  # of the width of a uniform distribution
Told = tuple[float, float]  # logarithm of a density, and its slope


def _normal(x: float, mean: float, sd: float) -> Told:
    z = (x - mean) / sd
    return -0.5 * z * z - np.log(sd) - 0.5 * np.log(2.0 * np.pi), -z / sd


def _laplace(x: float, middle: float, scale: float) -> Told:
    return -abs(x - middle) / scale - np.log(2.0 * scale), -np.sign(x - middle) / scale


def _uniform(x: float, low: float, high: float) -> Told:
    slack = EDGE * (high - low)  # an estimate at the end, back from its scale
    return (-np.log(high - low) if low - slack <= x <= high + slack else -np.inf), 0.0


def _cauchy(x: float, middle: float, scale: float) -> Told:
    z = (x - middle) / scale
    return -np.log(np.pi * scale * (1.0 + z * z)), -2.0 * z / (scale * (1.0 + z * z))


def _gamma(x: float, shape: float, scale: float) -> Told:
    from scipy.special import gammaln

    if not x > 0:
        return -np.inf, 0.0
    size = shape * np.log(scale) + gammaln(shape)
    return (shape - 1.0) * np.log(x) - x / scale - size, (shape - 1.0) / x - 1.0 / scale


def _rayleigh(x: float, scale: float) -> Told:
    if not x > 0:
        return -np.inf, 0.0
    return np.log(x / scale**2) - 0.5 * (x / scale) ** 2, 1.0 / x - x / scale**2


FAMILIES: dict[str, tuple[Callable[..., Told], str]] = {  # numbers; those after a bar are > 0
    "normal": (_normal, "mean | sd"),
    "laplace": (_laplace, "middle | scale"),
    "uniform": (_uniform, "low high |"),
    "cauchy": (_cauchy, "middle | scale"),
    "gamma": (_gamma, "| shape scale"),
    "exponential": (lambda x, scale: _gamma(x, 1.0, scale), "| scale"),
    "chisquare": (lambda x, degrees: _gamma(x, degrees / 2.0, 2.0), "| degrees"),
    "rayleigh": (_rayleigh, "| scale"),
}
OF_LOGARITHMS = {"lognormal": "normal", "loglaplace": "laplace", "loguniform": "uniform"}


class Distribution(NamedTuple):
    """What is known of a parameter p.

    Attributes
    ----------
    family : str
        A key of `FAMILIES`.
    numbers : tuple of float
    of : str
        "log" or "log10" where it is the distribution of a logarithm; else empty.
    natural : bool
        Whether the density is one of p, as of a lognormal distribution, and not of what `of` says.
    """

    family: str
    numbers: tuple[float, ...]
    of: str = ""
    natural: bool = False

    def at(self, p: float) -> Told:
        """Return the logarithm of the density at a value, and its slope by the value."""
        if self.of and not p > 0:
            return -np.inf, 0.0
        x, unit = {"log": (np.log, 1.0), "log10": (np.log10, np.log(10.0))}.get(self.of, (float, 0.0))
        value, slope = FAMILIES[self.family][0](x(p), *self.numbers)
        if self.of:
            slope /= p * unit
        if self.natural:
            value, slope = value - np.log(p), slope - 1.0 / p
        return float(value), float(slope)

    @property
    def ends(self) -> tuple[float, float]:
        """Least and largest value of p, infinite where there is none."""
        if self.family != "uniform":
            return -np.inf, np.inf
        low, high = self.numbers
        base = {"log": np.e, "log10": 10.0}.get(self.of)
        return (low, high) if base is None else (float(base**low), float(base**high))

    def times(self, factor: float) -> Distribution:
        """Return the distribution of p times a factor above 0."""
        if self.of:
            by = np.log10(factor) if self.of == "log10" else np.log(factor)
            moved = (True, self.family == "uniform")
            return self._replace(
                numbers=tuple(n + by * m for n, m in zip(self.numbers, moved, strict=True))
            )
        if self.family == "chisquare":
            return Distribution("gamma", (self.numbers[0] / 2.0, 2.0 * factor))
        kept = 1 if self.family == "gamma" else 0
        return self._replace(numbers=(*self.numbers[:kept], *(factor * n for n in self.numbers[kept:])))

    def __str__(self) -> str:
        names = {kind: name for name, kind in OF_LOGARITHMS.items()}
        numbers = self.numbers
        if self.natural and self.family == "uniform":
            numbers = tuple(np.exp(numbers).tolist())
        name = names[self.family] if self.natural else self.family
        tail = f" of {self.of}" if self.of and not self.natural else ""
        return f"{name}({', '.join(repr(float(n)) for n in numbers)}){tail}"


def minimised(priors: Mapping[str, Distribution]) -> str:
    """Say what the objective of a fit is."""
    return "-2 log likelihood" + " and priors" * bool(priors)


def distribution_of(argument: str, text: Any) -> Distribution:
    """Read a distribution in words.

    Raises
    ------
    InputError, UnknownNameError
        If it is none, naming the argument.
    """
    found = _WORDS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise bad(argument, text, "is no distribution in words", _EXAMPLE)
    name, inside, of = found[1].lower(), found[2], found[3] or ""
    family = OF_LOGARITHMS.get(name, name)
    if family not in FAMILIES:
        raise unknown(argument, name, [*FAMILIES, *OF_LOGARITHMS])
    if of and name in OF_LOGARITHMS:
        raise bad(argument, text, "names the logarithm twice", f"{family}(...) of {of}")
    numbers = _numbers(argument, text, inside, FAMILIES[family][1])
    if name == "loguniform":
        if not numbers[0] > 0:
            raise bad(argument, text, "must begin above 0")
        numbers = tuple(np.log(numbers).tolist())
    if family == "uniform" and not numbers[0] < numbers[1]:
        raise bad(argument, text, "must end above where it begins")
    return Distribution(family, numbers, "log" if name in OF_LOGARITHMS else of, name in OF_LOGARITHMS)


def _numbers(argument: str, text: str, inside: str, words: str) -> tuple[float, ...]:
    free, positive = (part.split() for part in words.split("|"))
    names = [*free, *positive]
    try:
        numbers = tuple(float(n) for n in inside.split(",")) if inside.strip() else ()
    except ValueError:
        raise bad(argument, text, "holds what is no number", f"numbers are {', '.join(names)}") from None
    if len(numbers) != len(names) or not np.isfinite(numbers).all():
        raise bad(argument, text, f"must hold {len(names)} finite numbers: {', '.join(names)}")
    for name, number in zip(positive, numbers[len(free) :], strict=True):
        if not number > 0:
            raise bad(argument, text, f"must have a {name} > 0")
    return numbers


def refuse_percent(argument: str, gsd: float) -> None:
    """Refuse a geometric standard deviation that is likely meant in percent."""
    if gsd >= MOST_GSD:
        rule = f"must be below {MOST_GSD:g}, a factor: 30 % are written 1.3"
        raise bad(argument, gsd, rule, "a wider one in words, 'lognormal(0.7, 3)'")
