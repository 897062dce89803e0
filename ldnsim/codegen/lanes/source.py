"""The lane kernels of one model: compiled when first needed, kept on disk."""

from __future__ import annotations

import functools
import hashlib
import json
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from ...cachedir import cache_folder, keep, kept
from ...engine.target import Loaded, Processor, host
from ..origins import GENERATOR
from .variant import Variant


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
        self._works: dict[Variant, float | None] = {}
        self._lock = threading.Lock()

    def kernels(self, method: str, *, full: bool, inputs: bool) -> LaneKernels | None:
        """Return the kernels for a method, compiled, from disk, or as used before; None where it cannot be."""
        variant = _variant(method, full, inputs)
        with self._lock:  # threads that need the same kernels wait for one to compile them
            if variant not in self._loaded:
                self._loaded[variant] = self._load(variant, host())
            return self._loaded[variant]

    def work(self, method: str, *, full: bool, inputs: bool) -> float | None:
        """Return how much a step of a method does, which needs no code; None where there can be none."""
        variant = _variant(method, full, inputs)
        with self._lock:
            if variant not in self._works:
                self._works[variant] = json.loads(self._kept(f"work {variant}", lambda: self._weigh(variant)))
            return self._works[variant]

    def _weigh(self, variant: Variant) -> bytes:
        from .build import work_of

        return json.dumps(work_of(self._equations(), self._constants, variant)).encode()

    def _load(self, variant: Variant, processor: Processor) -> LaneKernels | None:
        data = self._kept(f"{variant} {processor}", lambda: self._compile(variant, processor))
        if not data:
            return None
        facts, _, code = data.partition(b"\n")
        return LaneKernels(code, json.loads(facts))

    def _compile(self, variant: Variant, processor: Processor) -> bytes:
        from .build import compiled

        made = compiled(self._equations(), self._constants, variant, processor)
        return b"" if made is None else json.dumps(made[0]).encode() + b"\n" + made[1]

    def _kept(self, what: str, make: Callable[[], bytes]) -> bytes:
        """Return what is on disk; make and keep it where it is not there, or damaged. Nothing is kept of nothing."""
        folder = cache_folder("lanes")
        text = f"{self._key} {self._constants} {what} {GENERATOR}"
        path = folder and folder / hashlib.sha256(text.encode()).hexdigest()[:32]
        data = kept(path) if path is not None else None
        if data is None:
            data = make()
            if data and path is not None:
                keep(path, data)
        return data


def _variant(method: str, full: bool, inputs: bool) -> Variant:
    """Return the way to compile for a method."""
    single = method == "fast"
    return Variant(single=single, full=full and not single, inputs=inputs, explicit=method == "tsit5")
