"""The lane kernels of one model: compiled when first needed, kept on disk."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import threading
from collections.abc import Callable
from typing import Any

import llvmlite
import numpy as np

from ...cachedir import cache_folder, keep, kept
from ...engine.target import Loaded, Processor, host, object_code
from ..origins import SOURCES
from .build import Variant, assembly, layout_of, structure_of
from .graph import Unsupported
from .layout import ORIGIN, Layout

_GENERATOR = f"{SOURCES} {llvmlite.__version__} {importlib.metadata.version('sympy')}"


class LaneKernels:
    """Loaded kernels, and where things lie for them; see `ldnsim.engine.lanes`."""

    def __init__(self, code: bytes, facts: dict[str, Any]) -> None:
        self._loaded = Loaded(code)
        self.place: dict[str, int] = facts["place"]
        self.inside = [tuple(entry) for entry in facts["inside"]]
        self.n_states = len(self.inside)
        self.n_outputs: int = facts["n_outputs"]
        self.output_states = np.array(facts["output_states"], np.int64)
        self.size: int = facts["size"]
        self.work: float = facts["work"]
        self.address = functools.cache(self._loaded.address)


class LaneSource:
    """What a system needs to run in lanes.

    Parameters
    ----------
    equations : callable
        Returns the model's `Equations`; asked only if nothing is cached.
    key : str
        Hash of the model's structure.
    constants : tuple of str
        Names of the vector of constants.
    """

    def __init__(self, equations: Callable[[], Any], key: str, constants: tuple[str, ...]) -> None:
        self._equations = equations
        self._key = key
        self._constants = constants
        self._loaded: dict[Variant, LaneKernels | None] = {}
        self._lock = threading.Lock()

    def kernels(self, method: str, *, full: bool, inputs: bool) -> LaneKernels | None:
        """Return the kernels for a method, compiled, from disk, or as used before; None where it cannot be."""
        variant = Variant(
            single=method == "fast",
            full=full and method != "fast",
            inputs=inputs,
            explicit=method == "tsit5",
        )
        with self._lock:  # threads that need the same kernels wait for one to compile them
            if variant not in self._loaded:
                try:
                    self._loaded[variant] = self._load(variant, host())
                except Unsupported:
                    self._loaded[variant] = None
            return self._loaded[variant]

    def _load(self, variant: Variant, processor: Processor) -> LaneKernels:
        folder = cache_folder("lanes")
        text = f"{self._key} {self._constants} {variant} {processor} {_GENERATOR}"
        path = folder and folder / hashlib.sha256(text.encode()).hexdigest()[:32]
        data = kept(path) if path is not None else None
        if data is None:  # not there, or damaged
            structure = structure_of(self._equations(), self._constants, variant)
            layout = layout_of(structure, variant)
            code = object_code(assembly(layout, variant, processor), processor)
            data = json.dumps(facts_of(layout)).encode() + b"\n" + code
            if path is not None:
                keep(path, data)
        facts, _, code = data.partition(b"\n")
        return LaneKernels(code, json.loads(facts))


def facts_of(layout: Layout) -> dict[str, Any]:
    """Collect what the engine must know of a layout, as plain data."""
    s, wide = layout.structure, 8

    def doubles(name: str) -> int:
        return (layout.at[name] + ORIGIN) // wide

    inside: list[Any] = [None] * len(s.states)
    for i, state in enumerate(s.free):
        inside[state] = ("free", layout.u(i, 0))
    for i, state in enumerate(s.block):
        inside[state] = ("block", layout.v(0, i))
    leaves = [s.graph.nodes[n] for n in s.outputs]
    return {
        "place": {
            "ORIGIN": ORIGIN // wide,
            "WIDTH": layout.state.width,
            "Y0": doubles("y0"),
            "Y1": doubles("y1"),
            "RATES": doubles("rates"),
            "CONSTANTS": doubles("constants"),
            "ERROR": doubles("error"),
            "PEAK": doubles("peak"),
            "RTOL": doubles("scalars") + 3,
            "ATOL": doubles("atol"),
        },
        "inside": inside,
        "n_outputs": len(s.outputs),
        "output_states": [node.args[0] if node.op in ("state", "input") else -1 for node in leaves],
        "size": layout.size,
        "work": layout.work,
    }
