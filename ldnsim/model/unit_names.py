"""SBML unit definitions as the short text people write: ``mg/L``, ``1/h``, ``nM``."""

from __future__ import annotations

from collections.abc import Callable

import libsbml

_HOUR, _DAY = 3600.0, 86400.0
_SYMBOLS = {
    "metre": "m",
    "litre": "L",
    "gram": "g",
    "kilogram": "kg",
    "second": "s",
    "mole": "mol",
    "item": "item",
    "dimensionless": "1",
    "kelvin": "K",
    "ampere": "A",
}
_PREFIXES = {-12: "p", -9: "n", -6: "u", -3: "m", -2: "c", -1: "d", 0: "", 3: "k", 6: "M", 9: "G"}


def unit_namer(model: libsbml.Model) -> Callable[[str | libsbml.UnitDefinition | None], str]:
    """Return a function that turns a unit id, or a derived unit, into text; ``""`` where none is given."""

    def name(unit: str | libsbml.UnitDefinition | None) -> str:
        if not unit:
            return ""
        if isinstance(unit, str):
            definition = model.getUnitDefinition(unit)
            return _SYMBOLS.get(unit, unit) if definition is None else text_of(definition)
        return text_of(unit)

    return name


def text_of(definition: libsbml.UnitDefinition) -> str:
    """Write a unit definition as text, ``definition``'s own id where no short text exists."""
    above, below = [], []
    for i in range(definition.getNumUnits()):
        unit = definition.getUnit(i)
        symbol = _symbol(unit)
        if symbol is None:
            return definition.getName() or definition.getId()
        exponent = unit.getExponentAsDouble()
        if symbol == "1" or exponent == 0:
            continue
        power = abs(exponent)
        (above if exponent > 0 else below).append(symbol + (f"^{power:g}" if power != 1 else ""))
    top = "*".join(above) or "1"
    return "/".join([top, *below])


def _symbol(unit: libsbml.Unit) -> str | None:
    kind = libsbml.UnitKind_toString(unit.getKind())
    base = _SYMBOLS.get(kind, kind)
    factor = unit.getMultiplier() * 10.0 ** unit.getScale()
    if factor == 1:
        return base
    if kind == "second":
        return {60.0: "min", _HOUR: "h", _DAY: "d"}.get(round(factor, 6))
    if kind == "dimensionless":
        return {0.01: "percent"}.get(round(factor, 9))
    scale = unit.getScale()
    if kind == "kilogram":
        base, scale = "g", scale + 3
    if unit.getMultiplier() == 1 and scale in _PREFIXES:
        return _PREFIXES[scale] + base
    return None
