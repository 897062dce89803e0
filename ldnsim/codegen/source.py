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
_HELPERS = ("power", "root", "slope", "power_log", "factorial")
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
from numba import carray

from ldnsim.codegen.functions import factorial, power, power_log, root, slope
from ldnsim.engine.compiled import entry, kernel
'''


def module_text(
    name: str,
    blocks: Mapping[str, Block],
    states: tuple[str, ...],
    constants: tuple[str, ...],
    parameters: tuple[str, ...],
    time: str,
) -> str:
    """Return the whole module: a compiled function and its pointer form for each block.

    The block "constants" reads the parameters where the others read the constants.
    """
    local = Names([*states, *constants, time])
    parts = [_HEAD.format(name=name)]
    for kind, block in blocks.items():
        reads = parameters if kind == "constants" else constants
        parts.append(_function(kind, block, states, reads, time, local))
        parts.append(_entry(kind, len(states), len(reads), _shape(kind, block, len(states))))
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


def _shape(kind: str, block: Block, n_states: int) -> tuple[int, ...]:
    return (n_states, n_states) if kind == "jac" else (block.size,)


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
        lines += _cleared(kind)
    for i, x in block.results:
        place = f"{i // len(states)}, {i % len(states)}" if kind == "jac" else f"{i}"
        lines.append(f"    out[{place}] = {printer(x)}")
    return "\n".join(lines if len(lines) > 2 else [*lines, "    pass"]) + "\n"


def _cleared(kind: str) -> list[str]:
    if kind == "jac":
        return [
            "    for _i in range(out.shape[0]):",
            "        for _j in range(out.shape[1]):",
            "            out[_i, _j] = 0.0",
        ]
    return ["    for _i in range(out.size):", "        out[_i] = 0.0"]


def _entry(kind: str, n_states: int, n_constants: int, shape: tuple[int, ...]) -> str:
    size = f"({', '.join(map(str, shape))},)"
    return (
        f"@entry({kind})\n"
        f"def {kind}_call(t, y, c, out):\n"
        f"    {kind}(t, carray(y, ({n_states},)), carray(c, ({n_constants},)), carray(out, {size}))\n"
    )
