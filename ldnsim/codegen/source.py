"""Blocks as the text of a Python module that a person can read and Numba compiles."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Mapping

from sympy import Symbol

from ..errors import ModelError
from .blocks import Block
from .printer import Printer

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HELPERS = ("clear", "factorial", "power", "power_log", "root", "sign", "slope")
_RESERVED = {
    *keyword.kwlist,
    *keyword.softkwlist,
    *dir(builtins),
    *_HELPERS,
    "np",
    "t",
    "y",
    "c",
    "out",
    "_i",
    "_j",
}

_HEAD = '''"""Kernels of {name!r}, generated from its equations; edit the model, not this file.

Each takes time t (h), the state y, the constants c and writes `out`.
"""

import numpy as np

from ldnsim.codegen.functions import clear, factorial, power, power_log, root, sign, slope
from ldnsim.engine.compiled import kernel
'''


def module_text(
    name: str,
    blocks: Mapping[str, Block],
    states: tuple[str, ...],
    constants: tuple[str, ...],
    parameters: tuple[str, ...],
    time: str,
) -> str:
    """Return the whole module: one function a block.

    The block "constants" reads the parameters where the others read the constants.
    """
    local = Names([*states, *constants, time])
    parts = [_HEAD.format(name=name)]
    for kind, block in blocks.items():
        reads = parameters if kind == "constants" else constants
        parts.append(_function(kind, block, states, reads, time, local))
    return "\n\n".join(parts)


class Names:
    """Local names of ids: the id itself, or with an underscore where Python or the module uses it."""

    def __init__(self, ids: list[str]) -> None:
        self._taken = set(ids)
        self._names: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """Return the local name of an id."""
        if not _ID.match(name):
            raise ModelError(f"{name!r}: an id must be letters, digits and underscores")
        if name not in self._names:
            local = name
            while local in _RESERVED or (local != name and local in self._taken):
                local += "_"
            self._names[name] = local
        return self._names[name]


def _function(
    kind: str, block: Block, states: tuple[str, ...], constants: tuple[str, ...], time: str, local: Names
) -> str:
    printer = Printer(local, guarded=kind not in ("constants", "initial", "breaks"))
    used: set[Symbol] = set().union(
        *(x.free_symbols for _, x in block.steps), *(x.free_symbols for _, x in block.results)
    )
    names = {s.name for s in used} - {s.name for s, _ in block.steps}
    lines = ["@kernel", f"def {kind}(t, y, c, out):"]
    lines += [f"    {local(time)} = t"] if time in names else []
    lines += [f"    {local(s)} = y[{i}]" for i, s in enumerate(states) if s in names]
    lines += [f"    {local(s)} = c[{i}]" for i, s in enumerate(constants) if s in names]
    lines += [f"    {local(s.name)} = {printer(x)}" for s, x in block.steps]
    if len(block.results) < block.size:
        lines.append("    clear(out)")
    for i, x in block.results:
        place = f"{i // len(states)}, {i % len(states)}" if kind == "jac" else f"{i}"
        lines.append(f"    out[{place}] = {printer(x)}")
    return "\n".join(lines if len(lines) > 2 else [*lines, "    pass"]) + "\n"
