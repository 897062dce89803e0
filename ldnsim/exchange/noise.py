"""How measurements of a PEtab problem scatter, in the words of `ldnsim.fit`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import bad
from .formulas import filled, ids_in, number_of, value_of
from .problem import PetabProblem

if TYPE_CHECKING:
    import pandas as pd

SCALES = ("lin", "log", "log10")
CONSTANTS = ("pi", "exponentiale", "avogadro", "time")
TRIED = 8  # values of the states at which a formula is looked at
SAME = 1e-9


class Deviation(NamedTuple):
    """One standard deviation of a noise.

    Attributes
    ----------
    value : float
        On the scale of natural logarithms where the noise is lognormal.
    parameter : str
        The parameter that it is; empty if it is a number or a formula.
    """

    value: float
    parameter: str


class Noise(NamedTuple):
    """How one observable scatters.

    Attributes
    ----------
    error : str
        In the words of ``fit``: additive, proportional, combined, combined1 or lognormal.
    scale : str
        One of `SCALES`: where the measurements are normal.
    parts : dict of str to Deviation
        Standard deviations, by "additive", "proportional" or "lognormal".
    names : list of str
        Parameters in it.
    """

    error: str
    scale: str
    parts: dict[str, Deviation]
    names: list[str]

    def spread(self, f: float) -> float:
        """Return the standard deviation about a prediction, which counts where the noise is proportional."""
        found = {name: part.value for name, part in self.parts.items()}
        if "lognormal" in found:
            return found["lognormal"]
        both = found.get("additive", 0.0), found.get("proportional", 0.0) * f
        return sum(both) if self.error == "combined1" else math.hypot(*both)


def noise_of(
    problem: PetabProblem,
    observable: str,
    row: pd.Series,
    values: Mapping[str, str],
    nominal: Mapping[str, float],
) -> Noise:
    """Read the noise of an observable.

    Raises
    ------
    InputError
        If it is no normal distribution, of values or of logarithms, whose standard deviation is constant, a multiple
        of the observable, or the sum of both or of their squares.
    """
    where = str(problem.path)
    kind = row.get("noiseDistribution", "") or "normal"
    scale = row.get("observableTransformation", "") or "lin"
    if kind.startswith(("log-", "log10-")):
        scale, kind = kind.split("-", 1)
    if kind != "normal":
        raise bad("path", where, f"has noise of kind {kind!r} on {observable!r}", "normal noise is read")
    if scale not in SCALES:
        raise bad("path", where, f"transforms {observable!r} by {scale!r}", "lin, log or log10")
    observed = filled(row["observableFormula"], values)
    formula = filled(row["noiseFormula"], {**values, observable: observed})
    names = [n for n in dict.fromkeys(ids_in(formula)) if n in nominal]
    moving = [n for n in ids_in(formula) if n not in nominal and n not in CONSTANTS[:-1]]
    if moving and scale != "lin":
        rule = f"has noise on the logarithm of {observable!r} that changes with {moving[0]!r}"
        raise bad("path", where, rule, "a number, a parameter or a formula of parameters is read")
    error, parts = (
        _form(formula, observed, nominal) if moving else ("additive", {"additive": _value(formula, nominal)})
    )
    if not parts:
        rule = f"has noise on {observable!r} that changes with {moving[0]!r}"
        remedy = (
            "a constant, a multiple of the observable, their sum, or the root of their squares' sum is read"
        )
        raise bad("path", where, rule, remedy)
    if not min(parts.values()) > 0:
        raise bad("path", where, f"has noise {min(parts.values()):g} on {observable!r}", "must be > 0")
    if scale != "lin":
        error = "lognormal"
        parts = {error: parts["additive"] * (math.log(10.0) if scale == "log10" else 1.0)}
    told = {
        p: Deviation(v, _parameter(p, v, formula, observed, names, nominal, scale)) for p, v in parts.items()
    }
    return Noise(error, scale, told, names)


def _form(formula: str, observed: str, nominal: Mapping[str, float]) -> tuple[str, dict[str, float]]:
    """Find the form of a standard deviation, and its constant and its proportional part; none if it has another.

    The formula is looked at as a function of the observable f, at values of what moves that are drawn once for all and
    at their negatives, where it has values there: it must be a + b f, or its square a^2 + b^2 f^2.
    """
    moving = [n for n in dict.fromkeys((*ids_in(formula), *ids_in(observed))) if n not in nominal]
    random = np.exp(np.random.default_rng(0).uniform(-1.0, 1.0, (TRIED, len(moving))))
    given = [{**nominal, **dict(zip(moving, row.tolist(), strict=True))} for row in (*random, *-random)]
    sd, f = (np.array([_value(text, values) for values in given]) for text in (formula, observed))
    known = np.isfinite(sd) & np.isfinite(f)
    if np.isfinite(sd[:TRIED]).all() and np.isfinite(f[:TRIED]).all():
        for error, power in (("combined", 2), ("combined1", 1)):
            parts = _parts(f[known], sd[known], power)
            if parts:
                return error if len(parts) == 2 else next(iter(parts)), parts
    return "", {}


def _parts(f: np.ndarray, sd: np.ndarray, power: int) -> dict[str, float]:
    """Find the parts of a standard deviation whose powers add up to its power; none if there are no such."""
    matrix = np.column_stack([np.ones_like(f), f**power])
    found, *_ = np.linalg.lstsq(matrix, sd**power, rcond=None)
    if not np.allclose(matrix @ found, sd**power, rtol=SAME, atol=SAME * np.abs(sd**power).max()):
        return {}
    size = found * np.array([1.0, np.mean(np.abs(f**power))]) / np.mean(np.abs(sd**power))
    if min(size) < -SAME:
        return {}
    names = ("additive", "proportional")
    return {n: v ** (1.0 / power) for n, v, s in zip(names, found.tolist(), size, strict=True) if s > SAME}


def _parameter(
    part: str,
    value: float,
    formula: str,
    observed: str,
    names: Iterable[str],
    nominal: Mapping[str, float],
    scale: str,
) -> str:
    """Name the parameter that a part of the noise is: it has its value, and is followed."""
    own = value / math.log(10.0) if scale == "log10" else value
    for name in names:
        if not math.isclose(nominal[name], own, rel_tol=SAME):
            continue
        twice = {**nominal, name: 2.0 * nominal[name]}
        moving = any(n not in nominal for n in ids_in(formula))
        found = _form(formula, observed, twice)[1] if moving else {part: _value(formula, twice)}
        if math.isclose(found.get(part, 0.0), 2.0 * own, rel_tol=SAME):
            return name
    return ""


def _value(formula: str, values: Mapping[str, float]) -> float:
    """Compute a formula."""
    formula = filled(formula, {n: repr(values[n]) for n in ids_in(formula) if n in values})
    number = number_of(formula.strip("() "))
    return value_of(formula) if number is None else number
