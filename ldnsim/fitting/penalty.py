"""Priors of estimates: -2 times the logarithm of their density beside -2 log likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import bad, unknown
from ..model import Model
from ..numeric import number_of
from .densities import Distribution, distribution_of, refuse_percent
from .effects import Effects
from .likelihood import Answer
from .residual import Residual
from .search import Objective
from .specification import Wanted

TOLD = 5  # priors that a note names


def priors_of(prior: Any, model: Model, residual: Residual) -> dict[str, Distribution]:
    """Read the priors of estimates: by parameter, or by residual standard deviation.

    Raises
    ------
    InputError, UnknownNameError
        If one is no distribution, or its name is none of a parameter.
    """
    if isinstance(prior, str) and prior == "both":  # the default of methods for patients
        return {}
    remedy = "{'CL': 'lognormal(0.7, 0.3)'} gives priors of estimates; words and draws are for 'map', 'posterior'"
    if isinstance(prior, str) or not isinstance(prior, Mapping):
        raise bad("prior", prior if isinstance(prior, str) else "draws", "is for one patient", remedy)
    found = {}
    for name, given in prior.items():
        if name not in model.parameter_ids and name not in residual.names:
            raise unknown("prior", name, [*model.parameter_ids, *residual.names])
        found[str(name)] = _read(model, str(name), given)
    return found


def _read(model: Model, name: str, given: Any) -> Distribution:
    """Read one prior; a number is a geometric standard deviation about the model's value."""
    argument = f"prior[{name!r}]"
    if isinstance(given, str):
        return distribution_of(argument, given)
    gsd = number_of(given)
    value = dict(zip(model.parameter_ids, model.values.tolist(), strict=True)).get(name, 0.0)
    if not (1 < gsd < np.inf and value > 0):
        rule = "must be a distribution in words, or a geometric standard deviation > 1 about a value > 0"
        raise bad(argument, given, rule, "'lognormal(0.7, 0.3)'")
    refuse_percent(argument, gsd)
    return Distribution("normal", (float(np.log(value)), float(np.log(gsd))), "log")


def narrowed(asked: Wanted, priors: Mapping[str, Distribution]) -> None:
    """Let estimates lie where their priors have a density."""
    for name in asked.estimate:
        low, high = priors[name].ends if name in priors else (-np.inf, np.inf)
        if np.isfinite([low, high]).any():
            own = asked.bounds.get(name, (np.nan, np.nan))
            asked.bounds[name] = float(np.fmax(own[0], low)), float(np.fmin(own[1], high))


@dataclass(frozen=True)
class _Place:
    """Where the value of a parameter comes from: an entry of the vector and its scale, or a number."""

    entry: int | None
    scale: Any
    value: float = 0.0

    def at(self, x: np.ndarray) -> tuple[float, float]:
        if self.entry is None:
            return self.value, 0.0
        z = x[self.entry]
        return float(self.scale.back(z)), float(self.scale.slope(z))


class Penalised:
    """An objective beside the priors of what it moves.

    Parameters
    ----------
    objective : Objective
    priors : dict of str to Distribution
    model : Model
        Has the values of what is not moved.
    residual : Residual
    """

    def __init__(
        self, objective: Objective, priors: Mapping[str, Distribution], model: Model, residual: Residual
    ) -> None:
        self.objective, self.priors = objective, dict(priors)
        self._places = {name: _place(name, objective.effects, model, residual) for name in priors}
        self._check()

    def _check(self) -> None:
        x = self.effects.x0
        for name, prior in self.priors.items():
            value, _ = self._places[name].at(x)
            if not np.isfinite(prior.at(value)[0]):
                raise bad(f"prior[{name!r}]", str(prior), f"excludes {value:g}, from where the search starts")

    @property
    def effects(self) -> Effects:
        """The statistical model."""
        return self.objective.effects

    def restart(self) -> None:
        """Forget where the random effects were."""
        self.objective.restart()

    def value(self, x: np.ndarray) -> np.ndarray:
        """-2 log likelihood of each subject, and -2 log density of the priors."""
        return np.append(self.objective.value(x), self._own(x)[0])

    def answer(self, x: np.ndarray) -> Answer:
        """Return the same with derivatives."""
        found, (own, slopes) = self.objective.answer(x), self._own(x)
        return Answer(np.append(found.each, own), np.vstack([found.slopes, slopes]))

    def _own(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        total, slopes = 0.0, np.zeros(len(x))
        for name, prior in self.priors.items():
            place = self._places[name]
            value, turn = place.at(x)
            log, slope = prior.at(value)
            total -= 2.0 * log
            if place.entry is not None:
                slopes[place.entry] -= 2.0 * slope * turn
        return total, slopes

    def precision(self, x: np.ndarray, sd: np.ndarray) -> np.ndarray:
        """Information that the priors hold of each entry of the vector (0 where they bend the other way).

        Parameters
        ----------
        x : array
            Where.
        sd : array
            Standard errors, of which a hundredth is a step.
        """
        found = np.zeros(len(x))
        for k in np.flatnonzero(np.isfinite(sd) & (sd > 0)):
            step = np.zeros(len(x))
            step[k] = 0.01 * sd[k]
            rise = self._own(x + step)[1][k] - self._own(x - step)[1][k]
            found[k] = rise / (4.0 * step[k])
        return np.where(np.isfinite(found), np.maximum(found, 0.0), 0.0)

    @property
    def notes(self) -> list[str]:
        """What is to be said of them."""
        words = [f"{name} {prior}" for name, prior in list(self.priors.items())[:TOLD]]
        more = f" and {len(self.priors) - TOLD} more" if len(self.priors) > TOLD else ""
        return [f"priors of the estimates count in the objective: {', '.join(words)}{more}"]


class _Positive:
    """The scale of a residual standard deviation."""

    back = slope = staticmethod(np.exp)


def _place(name: str, e: Effects, model: Model, residual: Residual) -> _Place:
    if name in e.moving:
        k = e.moving.index(name)
        entry = e.estimate.index(k) if k in e.estimate else None
        return _Place(entry, e.scales[k], float(e.scales[k].back(e.base[k])))
    if name in residual.names:
        i = residual.names.index(name)
        entry = e.sizes[1] + int(e.free_sd[:i].sum()) if e.free_sd[i] else None
        return _Place(entry, _Positive, float(np.exp(e.log_sd[i])))
    return _Place(None, None, float(model.values[model.parameter_ids.index(name)]))
