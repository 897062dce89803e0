"""Who has the last word on a parameter: what was chosen on a model, what was drawn, or what a table states.

From the weakest to the strongest: the table of the model, its condition, its scenario, `with_parameters`, a
table of subjects, the records of a regimen, a dimension of a sweep. Draws have no place in this order: they
say what is not known, and what was chosen is no longer unknown, so draws leave it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .errors import bad, instance, warn_user

if TYPE_CHECKING:
    import pandas as pd

    from .model import Model

CHOSEN, DRAWS = "chosen", "draws"  # notes in the attributes of a table
BY_HAND = "with_parameters"
BESIDE = ("structure", "structure_weight")  # columns of draws that are no parameters ("weight" is that of a body)

TOGETHER = 0.4  # rank correlation from which two columns of draws are said to go together
CHANCE = 3.5  # standard errors of a rank correlation: among a hundred parameters one by chance in twenty results


def noted(table: pd.DataFrame, model: Model, draws: str = "") -> pd.DataFrame:
    """Note in a table what was chosen on the model that it is made for; what it states of that then stands.

    Parameters
    ----------
    table : DataFrame
        One row a subject, a column a parameter. It is changed.
    model : Model
        Under the scenario, condition and parameters that the table goes with.
    draws : str
        "posterior" or "prior" for draws of what is not known; empty for people.
    """
    table.attrs[CHOSEN] = _choices(model)
    if draws:
        table.attrs[DRAWS] = draws
    return table


def unchosen(draws: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return draws without what was chosen on a model."""
    origin = Origin.of(draws, drawn=True)
    origin = origin._replace(draws=origin.draws or "given")
    return noted(draws.drop(columns=list(origin.left_out(model, draws.columns))), model, origin.draws)


def settled(draws: pd.DataFrame, model: Model, argument: str = "draws") -> pd.DataFrame:
    """Return draws as given, without what was chosen on a model, and say so in a warning."""
    import pandas as pd

    instance(argument, draws, pd.DataFrame, "a DataFrame, one row a draw", "ldnsim.posterior(model, 100)")
    Origin.of(draws, drawn=True).check([model], draws.columns, argument)
    warn_of_companions(draws, model)
    return unchosen(draws, model)


def warn_of_companions(draws: pd.DataFrame, model: Model, drawn: bool = True) -> None:
    """Warn where a parameter is set by hand and others, which go with it in the draws, keep theirs.

    `drawn`: a table without notes is one of draws.
    """
    if words := _companions(draws, model, Origin.of(draws, drawn).left_out(model, draws.columns)):
        warn_user(words)


def _companions(draws: pd.DataFrame, model: Model, left: Iterable[str]) -> str:
    """Name what goes with those of the parameters left out of draws that are set by hand; empty if nothing does."""
    by_hand = [name for name in left if name in model.overrides]
    if not by_hand:
        return ""
    ranks = draws.drop(columns=[c for c in BESIDE if c in draws]).rank()
    if "structure" in draws:  # whose own differences are no correlation within any of them
        ranks -= ranks.groupby(draws["structure"].to_numpy()).transform("mean")
    least = max(TOGETHER, CHANCE / np.sqrt(len(draws)))
    said = []
    with np.errstate(invalid="ignore"):  # of a column that is the same in all draws, and goes with nothing
        together = ranks.drop(columns=list(left)).apply(ranks[by_hand].corrwith, axis=0)
    for name, row in together.iterrows():
        strong = row[row.abs() >= least]
        if len(strong):
            said.append(f"{name!r} goes together with " + ", ".join(f"{k!r} ({r:.2f})" for k, r in strong.items()))
    if not said:
        return ""
    return (
        f"in the draws {' and '.join(sorted(said))} (rank correlation), and is set alone: what it goes with keeps its "
        "draws, as if its value said nothing of them, so intervals are wider than what is known; set those too"
    )


def under(model: Model, scenario: str, rivals: Iterable[str] = ()) -> Model:
    """Put a model under one scenario of several that are compared, and keep what else was chosen on it.

    What the model's own scenario sets stays, as parameters, unless this scenario or one of its `rivals` sets
    it too. A scenario that sets nothing is the default, and takes the place of the own one.
    """
    presets = model.scenario_presets
    found = model.with_scenario(scenario)
    if model.scenario is None or not presets[scenario].values:
        return found
    theirs = set().union(*(presets[name].values for name in (scenario, *rivals)))
    kept = {k: v for k, v in presets[model.scenario].values.items() if k not in theirs | set(model.overrides)}
    return found.with_parameters(**kept) if kept else found


class Origin(NamedTuple):
    """What the attributes of a table say of where it comes from.

    Attributes
    ----------
    chosen : mapping or None
        Values chosen on the model it was made for; None where nobody noted them.
    draws : str
        Which draws these are, "" for people and tables of one's own.
    """

    chosen: Mapping[str, float] | None = None
    draws: str = ""

    @classmethod
    def of(cls, table: pd.DataFrame, drawn: bool = False) -> Origin:
        """Read the notes of a table; `drawn`: without notes it is one of draws."""
        chosen, draws = table.attrs.get(CHOSEN), table.attrs.get(DRAWS)
        chosen = chosen if isinstance(chosen, Mapping) else None
        usual = "given" if drawn and chosen is None else ""
        return cls(chosen, draws if isinstance(draws, str) else usual)

    def left_out(self, model: Model, columns: Iterable[str]) -> frozenset[str]:
        """Columns that do not count for a model: draws of what was chosen on it."""
        return frozenset(self._against(model, columns)) if self.draws else frozenset()

    def check(self, models: Iterable[Model], columns: Iterable[str], argument: str) -> None:
        """Warn where a table and a choice set the same parameter.

        A table of one's own may say of subjects what `with_parameters` says of all, without a word.

        Raises
        ------
        InputError
            If people were drawn about another value than the one chosen.
        """
        found: dict[str, str] = {}
        for model in models:
            for name in self._against(model, columns):
                found.setdefault(name, setter_of(model, name))
        if not found:
            return
        if self.chosen is not None and not self.draws:
            name, setter = next(iter(found.items()))
            rule = f"{name!r} varies about another value than the one that {setter} sets"
            raise bad(argument, "people of another model", rule, "population(model, ...) of this very model")
        if self.draws:
            rule = f"left out of the {self.draws} draws, since what is chosen is not uncertain"
        else:
            rule = f"columns of {argument} take the place of what was chosen"
            found = {name: setter for name, setter in found.items() if setter != BY_HAND}
        if found:
            told = ", ".join(f"{name!r} ({setter})" for name, setter in found.items())
            warn_user(f"{rule}: {told}")

    def _against(self, model: Model, columns: Iterable[str]) -> list[str]:
        """Columns for which the model has another value than the one the table was made for."""
        choices, own = _choices(model), self.chosen or {}
        return [name for name in columns if name in choices and own.get(name) != choices[name]]


def setter_of(model: Model, name: str) -> str:
    """Say in words what set a parameter of a model: "scenario 'ogf'", "with_parameters"."""
    if name in model.overrides:
        return BY_HAND
    for kind, presets in (("scenario", model.scenario_presets), ("condition", model.condition_presets)):
        chosen = getattr(model, kind)
        if chosen is not None and name in presets[chosen].values:
            return f"the {kind} {chosen!r}"
    return "the model"


def _choices(model: Model) -> dict[str, float]:
    values = dict(zip(model.parameter_ids, model.values.tolist(), strict=True))
    return {name: values[name] for name in sorted(model.chosen & set(values))}


_SPOKEN = {"tlr4": "TLR4", "ogf": "OGF", "6bn": "6β-naltrexol", "crps": "CRPS", "pet": "PET"}


def spoken(name: str) -> str:
    """Say the id of a scenario or condition as words: ``in_vitro_tlr4`` is "In vitro TLR4"."""
    words = " ".join(_SPOKEN.get(part, part) for part in name.split("_"))
    return words[:1].upper() + words[1:]
