"""How much of a state one unit of a dose is: masses by their scale, amounts of substance by a molar mass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InputError, bad, one_of, positive
from ..units import DOSE, is_pure
from .document import Row
from .roles import Roles

if TYPE_CHECKING:
    from .contents import ModelContents

AVOGADRO = 6.02214076e23  # items in a mol
_KINDS = {"kilogram": 1e3, "mole": 1.0, "item": 1.0}  # g in a kg
_PREFIXES = {"k": 1e3, "": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}
UNITS = {
    prefix + base: (factor, kind)
    for base, kind in (("g", "kilogram"), ("mol", "mole"))
    for prefix, factor in _PREFIXES.items()
}
_WRITTEN = dict.fromkeys(("mcg", "µg", "μg", "microgram"), "ug") | {"milligram": "mg", "gram": "g"}


class Counting(NamedTuple):
    """How doses into a state are counted.

    Attributes
    ----------
    unit : str
        A key of `UNITS`, or the unit of the state; empty where nothing is said, which is mg.
    molar_mass : float
        In g/mol; 0 where none is given.
    """

    unit: str = ""
    molar_mass: float = 0.0


def with_units(model: ModelContents, units: Mapping[str, str]) -> dict[str, Counting]:
    """Say in which units doses are counted; see `Model.with_dose_units`."""
    found = dict(model.counting)
    for state, unit in units.items():
        one_of("with_dose_units", state, model.states)
        own = unit_of(model, state)
        found[state] = found.get(state, Counting())._replace(unit=one_of(state, unit, [*UNITS, own]))
        if is_pure(own) and unit not in (own, DOSE):
            rule = "would change nothing: the state has no unit, and doses into it are taken as they are"
            raise bad(f"with_dose_units({state}=...)", unit, rule, f"give {state!r} a unit in the model")
    return found


def with_molar_masses(model: ModelContents, masses: Mapping[str, float]) -> dict[str, Counting]:
    """Say what a mol weighs; see `Model.with_molar_masses`."""
    found = dict(model.counting)
    for state, mass in masses.items():
        one_of("with_molar_masses", state, model.states)
        mass = positive(state, mass, "g/mol")
        counting = found.get(state, Counting())
        found[state] = counting._replace(molar_mass=mass)
        _check_use(model, state, mass, counting.unit or DOSE)
    return found


def _check_use(model: ModelContents, state: str, mass: float, unit: str) -> None:
    """Refuse a molar mass that no dose would need."""
    own = unit_of(model, state)
    kind, _ = _kind(_row(model, state).get("si"))
    if kind is not None and own != unit and (kind == "kilogram") != (UNITS[unit][1] == "kilogram"):
        return
    counted = "has no unit" if is_pure(own) else f"has the unit {own}"
    rule = f"would change nothing: the state {counted}, and doses into it are counted in {unit}"
    remedy = f"with_dose_units({state}='umol'), before, counts doses in mol" if kind == "kilogram" else ""
    raise bad(f"with_molar_masses({state}=...)", mass, rule, remedy or f"give {state!r} a unit of substance")


def unit_of(model: ModelContents, state: str) -> str:
    """Return the unit of what a dose adds to: of a species, its amount."""
    return str(_row(model, state).get("unit", ""))


def arrivals(model: ModelContents) -> dict[str, float | InputError]:
    """Return how much of each state one unit of a dose is, or why there is no telling; nothing for what is alike."""
    found = {state: arrival(model, state) for state in model.states}
    return {state: one for state, one in found.items() if one != 1.0}


def is_scaled(model: ModelContents, state: str) -> bool:
    """Whether doses into a state are converted though nobody said how they are counted."""
    return state in model.arrivals and model.counting.get(state, Counting()) == Counting()


def _row(model: ModelContents, state: str) -> Row:
    document = model.document
    rows = (*document.species, *document.parameters, *document.compartments)
    return next((row for row in rows if row["id"] == state), {})


def written(unit: str) -> str:
    """Return a unit of doses as it is written here, where a table of drugs says "mcg", "MG" or "milligram"."""
    plain = unit.lower().removesuffix("s")
    return unit if unit in UNITS else _WRITTEN.get(plain, plain if plain in UNITS else unit)


def arrival(model: ModelContents, state: str, dose: str = DOSE) -> float | InputError:
    """Return how much of a state one unit of a dose is, which is in `dose` unless the model says other."""
    row, own = _row(model, state), unit_of(model, state)
    counting = model.counting.get(state, Counting())
    unit, si = counting.unit or dose, row.get("si")
    if row in model.document.species and Roles(model.document).kept_as_concentration(state):
        rule = "is a concentration by a rate rule, in a compartment that follows a rule: no dose can be added to it"
        return bad("cmt", state, rule)
    if is_pure(own) or own == unit:
        return 1.0
    kind, factor = _kind(si)
    if kind is None:
        rule = f"has the unit {own}, and doses into it are counted in {unit}"
        remedy = f"dose an amount, or model.with_dose_units({state}={own!r}) takes doses as they are"
        return bad("cmt", state, rule, remedy)
    if unit not in UNITS:
        rule = f"has the unit {own}, and the drug is dosed in {unit}"
        remedy = "let the fraction in formulations.csv hold the conversion: a parameter with a unit, or a number above 1"
        return bad("cmt", state, rule, remedy)
    given, of = UNITS[unit]
    in_mol = "mole" if kind == "item" else kind
    if of != in_mol:
        if not counting.molar_mass:
            rule = f"has the unit {own}, and doses into it are counted in {unit}"
            remedy = (
                f"model.with_molar_masses({state}=...), in g/mol, lets them be converted, "
                f"model.with_dose_units({state}={own!r}) takes them as they are"
            )
            return bad("cmt", state, rule, remedy)
        given = given / counting.molar_mass if of == "kilogram" else given * counting.molar_mass
    if kind == "item":
        given *= AVOGADRO
    return float(f"{given / factor:.15g}")  # 1e-6 / 1e-9 is 1000


def _kind(si: list | None) -> tuple[str | None, float]:
    """Say whether a unit is one of mass, of substance or of items, and how many g, mol or items it has."""
    if si is None:
        return None, 0.0
    kinds = list(si[1].items())
    if len(kinds) != 1 or kinds[0][1] != 1 or kinds[0][0] not in _KINDS:
        return None, 0.0
    return kinds[0][0], si[0] * _KINDS[kinds[0][0]]
