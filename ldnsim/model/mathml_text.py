"""A formula as MathML text: the way back from `ldnsim.model.mathml`."""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np

from .expressions import Formula

_SYMBOL = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/{0}">{0}</csymbol>'


def mathml_of(formula: Formula) -> str:
    """Write a formula as a ``math`` element.

    Examples
    --------
    >>> mathml_of(["times", 2.0, "A"])
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><cn>2</cn><ci>A</ci></apply></math>'
    """
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{_element(formula)}</math>'


def _element(formula: Formula) -> str:
    if isinstance(formula, bool):
        return f"<{str(formula).lower()}/>"
    if isinstance(formula, float):
        return _number(formula)
    if isinstance(formula, str):
        return f"<ci>{escape(formula)}</ci>"
    function, arguments = formula[0], [_element(a) for a in formula[1:]]
    if function == "time":
        return _SYMBOL.format("time")
    if function in ("delay", "rateOf"):
        return f"<apply>{_SYMBOL.format(function)}{''.join(arguments)}</apply>"
    if function == "piecewise":
        pairs = zip(arguments[:-1:2], arguments[1::2], strict=True)
        pieces = "".join(f"<piece>{value}{condition}</piece>" for value, condition in pairs)
        return f"<piecewise>{pieces}<otherwise>{arguments[-1]}</otherwise></piecewise>"
    return f"<apply><{function}/>{''.join(arguments)}</apply>"


def _number(number: float) -> str:
    if np.isnan(number):
        return "<notanumber/>"
    if np.isinf(number):
        return "<infinity/>" if number > 0 else "<apply><minus/><infinity/></apply>"
    return f"<cn>{np.format_float_positional(number, trim='-')}</cn>"
