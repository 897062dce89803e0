"""How measurements of a PEtab problem scatter, in the words of `ldnsim.fit`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..errors import bad
from .formulas import filled, ids_in, number_of
from .problem import Problem

if TYPE_CHECKING:
    import pandas as pd

ERRORS = {"lin": "additive", "log": "lognormal", "log10": "lognormal"}


class Noise(NamedTuple):
    """A standard deviation that does not change in time.

    Attributes
    ----------
    scale : str
        A key of `ERRORS`: where the measurements are normal.
    value : float
        On that scale, of natural logarithms where it is one.
    names : list of str
        Parameters in it.
    parameter : str
        The one that it is; empty if it is a number or a formula.
    """

    scale: str
    value: float
    names: list[str]
    parameter: str


def noise_of(
    problem: Problem, observable: str, row: pd.Series, values: dict[str, str], nominal: dict[str, float]
) -> Noise:
    """Read the noise of an observable.

    Raises
    ------
    InputError
        If it is no normal distribution of a constant standard deviation, of values or of logarithms.
    """
    where = str(problem.path)
    kind = row.get("noiseDistribution", "") or "normal"
    scale = row.get("observableTransformation", "") or "lin"
    if kind.startswith(("log-", "log10-")):
        scale, kind = kind.split("-", 1)
    if kind != "normal":
        raise bad("path", where, f"has noise of kind {kind!r} on {observable!r}", "normal noise is read")
    if scale not in ERRORS:
        raise bad("path", where, f"transforms {observable!r} by {scale!r}", "lin, log or log10")
    formula = filled(row["noiseFormula"], values)
    names = [n for n in ids_in(formula) if n not in ("pi",)]
    for name in names:
        if name not in nominal:
            rule = f"has noise on {observable!r} that changes with {name!r}"
            raise bad("path", where, rule, "a number, a parameter or a formula of parameters is read")
    plain = formula.replace("(", "").replace(")", "").strip()
    value = _value(filled(formula, {n: repr(nominal[n]) for n in names}))
    if not value > 0:
        raise bad("path", where, f"has noise {value:g} on {observable!r}", "must be > 0")
    if scale == "log10":
        value *= math.log(10.0)
    return Noise(scale, value, names, plain if plain in nominal else "")


def _value(formula: str) -> float:
    """Compute a formula of numbers, by libSBML's parser and never as code."""
    import libsbml

    number = number_of(formula.strip("() "))
    if number is not None:
        return number
    model = libsbml.SBMLDocument(3, 2).createModel()
    math_of = libsbml.parseL3Formula(formula)
    if math_of is None:
        raise bad("noiseFormula", formula, "is no formula")
    return float(libsbml.SBMLTransforms.evaluateASTNode(math_of, model))
