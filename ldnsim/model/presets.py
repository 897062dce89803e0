"""Named sets of parameter values: scenarios and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A named set of parameter values: a scenario or a condition.

    Attributes
    ----------
    name : str
    assumes : str
        One sentence: what it assumes.
    values : mapping of str to float
    source : str
        Keys of references, separated by ``;``.
    structure : bool
        Whether it is one of the rival structures that a posterior is made of.
    silent : tuple of str
        Outputs on which no effect was ever measured there: a simulation refuses them.
    """

    name: str
    assumes: str
    values: Mapping[str, float]
    source: str = ""
    structure: bool = False
    silent: tuple[str, ...] = ()
