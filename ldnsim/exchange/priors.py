"""Objective priors of a PEtab problem, in the words of `ldnsim.fit`, and back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import bad
from ..fitting.densities import Distribution, distribution_of
from .formulas import number_of
from .problem import PetabProblem

if TYPE_CHECKING:
    import pandas as pd

ON_SCALE = "parameterScale"
OF = {"lin": "", "": "", "log": "log", "log10": "log10"}


def prior_of(problem: PetabProblem, name: str) -> Distribution | None:
    """Read the prior of a parameter; None where there is none.

    Version 1 has densities of the value or, where the name begins with `parameterScale`, of the value on its scale.

    Raises
    ------
    InputError, UnknownNameError
        If it is of a kind that is not read.
    """
    row = problem.parameters.loc[name]
    kind = str(row.get("objectivePriorType", ""))
    given = str(row.get("objectivePriorParameters", ""))
    if not kind or (kind == f"{ON_SCALE}Uniform" and not given):
        return None
    numbers = [number_of(part) for part in given.split(";")]
    if None in numbers:
        raise bad("path", str(problem.path), f"gives the prior of {name!r} the numbers {given!r}")
    family = kind.removeprefix(ON_SCALE).replace("-", "").lower()
    of = OF[str(row["parameterScale"])] if kind.startswith(ON_SCALE) else ""
    text = f"{family}({', '.join(map(repr, numbers))})" + f" of {of}" * bool(of)
    return distribution_of(f"prior of {name!r}", text)


def priors_of(
    problem: PetabProblem, chosen: Iterable[str], noises: Mapping[str, tuple[str, float]]
) -> dict[str, str]:
    """Read the priors of estimates, as ``fit(prior=...)`` takes them.

    Parameters
    ----------
    problem : PetabProblem
    chosen : iterable of str
        Parameters that are estimated.
    noises : dict
        The parameter that each residual standard deviation is, and the factor between the two.
    """
    found = {name: prior_of(problem, name) for name in chosen}
    for key, (name, factor) in noises.items():
        own = prior_of(problem, name)
        found[key] = own if own is None or factor == 1.0 else own.times(factor)
    return {name: str(prior) for name, prior in found.items() if prior is not None}


def written(name: str, prior: Any, row: Mapping[str, Any]) -> dict[str, str]:
    """Write a prior for the table of parameters of version 1.

    Raises
    ------
    InputError
        If version 1 has no words for it.
    """
    argument = f"prior[{name!r}]"
    if not isinstance(prior, str):
        value, gsd = row["nominalValue"], number_of(prior)
        if gsd is None or not (gsd > 1 and value > 0):
            raise bad(argument, prior, "is no geometric standard deviation > 1 about a value > 0")
        prior = f"normal({math.log(value)!r}, {math.log(gsd)!r}) of log"
    found = distribution_of(argument, prior)
    family, numbers = found.family, found.numbers
    known = family in ("normal", "laplace") or (family == "uniform" and not found.natural)
    if not known or (found.of and not found.natural and row["parameterScale"] != "log"):
        raise bad(argument, prior, "has no words in PEtab 1", "normal, laplace or uniform, also of a logarithm")
    kind = family.capitalize()
    if found.natural:
        kind = f"log{kind}"
    elif found.of:
        kind, unit = ON_SCALE + kind, math.log(10.0) if found.of == "log10" else 1.0
        numbers = tuple(unit * n for n in numbers)
    else:
        kind = family
    return {"objectivePriorType": kind, "objectivePriorParameters": ";".join(map(repr, numbers))}


def columns(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make the table of parameters, with columns of priors only where there are any."""
    import pandas as pd

    return pd.DataFrame(rows).fillna({"objectivePriorType": "", "objectivePriorParameters": ""})
