"""What is integrated: dy/dt = f(t, y, c), its Jacobian and its outputs, as compiled functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

Kernel = Callable[[float, np.ndarray, np.ndarray, np.ndarray], None]


@dataclass(frozen=True, eq=False)
class System:
    """Compiled equations of one model structure; parameters come as the constants vector c.

    Attributes
    ----------
    n_states, n_constants, n_outputs : int
        Lengths of y, c and of the vector of outputs.
    rhs : callable
        ``rhs(t, y, c, dy)`` writes dy/dt.
    observe : callable
        ``observe(t, y, c, out)`` writes all outputs.
    jac : callable or None
        ``jac(t, y, c, J)`` writes every entry of J[i, j] = df_i/dy_j, shape (n_states, n_states).
    dfdt : callable or None
        ``dfdt(t, y, c, out)`` writes the partial derivative of f with respect to t; None if there is none.
    calls : dict of str to Entry
        The same functions in the form that drivers call by address.
    output_states : array of int, shape (n_outputs,)
        The state an output is equal to, -1 where it must be computed.
    breaks : callable or None
        ``breaks(t, c, c, out)`` writes the times at which the right-hand side jumps by itself: `n_breaks`
        pairs of a first time and a period (h), 0 for a single jump.
    n_breaks : int
        How many.
    bent : array of bool, shape (n_states, n_sides)
        Which of the numbers that "sides" of `calls` writes the rate of a state depends on: where one changes, the
        rate bends or jumps, at a time not known beforehand (`ldnsim.engine.bends`).
    events : object or None
        State-dependent events (`ldnsim.engine.triggers.Triggers`); such systems run in the scalar engine.
    delays : object or None
        Looks into the past (`ldnsim.engine.delays.DelayRules`); such systems run in the scalar engine.
    lanes : object or None
        What the lane engine needs; None if it cannot run this system.
    name : str
        For messages.

    A kernel has one shape, ``kernel(t, y, c, out)``: time (h), state, constants, result.
    """

    n_states: int
    n_constants: int
    n_outputs: int
    rhs: Kernel
    observe: Kernel
    calls: Mapping[str, Any]
    output_states: np.ndarray
    jac: Kernel | None = None
    dfdt: Kernel | None = None
    breaks: Kernel | None = None
    n_breaks: int = 0
    bent: np.ndarray = field(default_factory=lambda: np.empty((0, 0), bool))
    events: Any = None
    delays: Any = None
    lanes: Any = None
    name: str = "system"

    @property
    def in_lanes(self) -> bool:
        """Whether several trajectories can run side by side."""
        return self.lanes is not None and self.events is None and self.delays is None

    @property
    def unsteady(self) -> str:
        """Why a period may differ from the next though the states are the same; empty if it cannot."""
        if self.delays is not None:
            return "looks into the past"
        return "" if self.events is None else self.events.unsteady

    @cached_property
    def work(self) -> tuple[float, float]:
        """Estimated cost of one step (tsit5, rodas5p) in multiply-adds; counted, never timed."""
        n = float(self.n_states)
        rhs = 8.0 * n  # a handful of terms a state; a division or a power counts as several
        linear = n**3 / 3.0 + n**2 + 8.0 * n**2  # factorise, fill, eight solves
        return 6.0 * (rhs + 6.0 * n), 8.0 * rhs + 3.0 * rhs + linear + 8.0 * 12.0 * n

    @classmethod
    def from_functions(
        cls,
        rhs: Kernel,
        n_states: int,
        jac: Kernel | None = None,
        *,
        dfdt: Kernel | None = None,
        observe: Kernel | None = None,
        n_constants: int = 0,
        n_outputs: int | None = None,
        name: str = "system",
    ) -> System:
        """Make a system from Python functions (compiled here) or from functions under ``numba.njit``.

        Parameters
        ----------
        rhs, jac, dfdt, observe : callable
            ``f(t, y, c, out)``, see the class. Without `observe` the outputs are the states.
        n_states, n_constants, n_outputs : int
            Lengths of y, c and the outputs.
        """
        from .compiled import as_njit, entry_of

        states_only = observe is None
        observe = observe or _copy_state
        n_outputs = n_states if states_only or n_outputs is None else n_outputs
        shapes = {"rhs": (rhs, (n_states,)), "jac": (jac, (n_states, n_states)), "dfdt": (dfdt, (n_states,))}
        shapes["observe"] = (observe, (n_outputs,))
        given = {k: (as_njit(f), shape) for k, (f, shape) in shapes.items() if f is not None}
        functions: dict[str, Any] = dict.fromkeys(shapes) | {k: f for k, (f, _) in given.items()}
        calls = {k: entry_of(f, n_states, n_constants, shape) for k, (f, shape) in given.items()}
        return cls(
            n_states,
            n_constants,
            n_outputs,
            calls=calls,
            output_states=np.arange(n_states) if states_only else np.full(n_outputs, -1),
            name=name,
            **functions,
        )


def _copy_state(t: float, y: np.ndarray, c: np.ndarray, out: np.ndarray) -> None:
    for i in range(out.size):
        out[i] = y[i]
