"""A model as something that runs: its names, its system, and how constants follow from parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine import System
from ..engine.compiled import JIT, Call, kernel_of
from ..engine.delays import DelayRules
from ..engine.rows import over_rows
from ..engine.target import Loaded
from ..engine.triggers import TriggerRules
from ..errors import bad
from .cache import Kernels, kernels_for, module_of
from .lanes import LaneSource

_programs: dict[str, Program] = {}


@dataclass(frozen=True, eq=False)
class Program:
    """Compiled equations of one model structure; values of parameters come with each call.

    Attributes
    ----------
    states, parameters, constants, outputs : tuple of str
        Ids, in the order of the arrays. `constants` are the parameters, the assigned constants, and parts of
        the equations that were hoisted because they depend on these only.
    system : System
        What the engine integrates.
    hours : float
        Hours in the unit of time that parameters are given in; runs count in h where it is not 1.
    """

    states: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: tuple[str, ...]
    outputs: tuple[str, ...]
    system: System
    _constants: Call
    _initial: Call
    hours: float = 1.0

    def constants_of(self, values: np.ndarray) -> np.ndarray:
        """Compute the constants of many subjects from their parameters.

        Parameters
        ----------
        values : array, shape (n, n_parameters) or (n_parameters,)
            Parameters in the order of `parameters`.

        Returns
        -------
        array, shape (n, n_constants)
        """
        values = np.ascontiguousarray(np.atleast_2d(values), dtype=np.float64)
        if values.shape[1] != len(self.parameters):
            raise bad("values", values.shape, f"must have {len(self.parameters)} parameters a row")
        return over_rows(self._constants.target, 0.0, values, values, len(self.constants))

    def initial_state(self, constants: np.ndarray) -> np.ndarray:
        """Compute the states at time 0 from constants, shape (n, n_states)."""
        constants = np.ascontiguousarray(np.atleast_2d(constants), dtype=np.float64)
        return over_rows(self._initial.target, 0.0, constants, constants, len(self.states))


def program(model: Any) -> Program:
    """Compile a model's equations, or find them compiled.

    Parameters
    ----------
    model : ldnsim.model.Model
        Only `structure_hash`, `name` and, the first time, `equations()` are used.
    """
    if model.structure_hash not in _programs:
        _programs[model.structure_hash] = _program(model, generated(model))
    return _programs[model.structure_hash]


def generated(model: Any) -> Kernels:
    """Return the generated kernels of a model's equations, from disk where they were generated before."""
    return kernels_for(model.structure_hash, model.name, lambda: _build(model))


def _build(model: Any) -> Kernels:
    from .generate import generate

    text, meta, code = generate(model.equations(), model.name)
    return Kernels(text, json.loads(json.dumps(meta)), code)  # as it comes from disk


def _program(model: Any, kernels: Kernels) -> Program:
    meta = kernels.meta
    if JIT:
        code = Loaded(kernels.code)
        calls = {name: Call(code.address(name), code) for name in meta["widths"]}
    else:
        module = module_of(model.structure_hash, kernels.text)
        calls = {name: Call(getattr(module, name)) for name in meta["widths"]}
    names = {k: tuple(meta[k]) for k in ("states", "parameters", "constants", "outputs")}
    implicit = () if kernels.meta["fed"] else ("jac", "dfdt")  # they leave out what the past adds
    system = System(
        n_states=len(names["states"]),
        n_constants=len(names["constants"]),
        n_outputs=len(names["outputs"]),
        **{name: kernel_of(calls[name]) for name in ("rhs", "observe", "breaks", *implicit) if name in calls},
        calls=calls,
        output_states=np.array(meta["output_states"], dtype=np.int64),
        n_breaks=meta["n_breaks"],
        bent=np.array([np.isin(np.arange(meta["n_sides"]), sides) for sides in meta["bent"]]).reshape(
            len(names["states"]), meta["n_sides"]
        ),
        events=TriggerRules(**meta["events"]) if meta["events"] else None,
        delays=DelayRules(np.array(meta["fed"])) if meta["fed"] else None,
        lanes=LaneSource(model.equations, model.structure_hash, names["constants"]),
        name=model.name,
    )
    return Program(
        **names,
        system=system,
        _constants=calls["constants"],
        _initial=calls["initial"],
        hours=model.structure.hours,
    )
