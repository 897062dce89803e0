"""The methods there are, as a table of capabilities; docs, errors and tests read it."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import unknown


@dataclass(frozen=True)
class Method:
    """What one method can do.

    Attributes
    ----------
    name : str
        The name a user types.
    family : {"auto", "lanes", "scalar", "scipy"}
        Which engine runs it: groups of SIMD lanes, one trajectory after another, or SciPy.
    order, dense : int
        Order of a step and of the interpolant inside it (0: chosen at run time, varies).
    stiff : bool
        Whether stability leaves the step size free.
    needs_jacobian : bool
        Whether the system must have a Jacobian.
    scalar : str
        The scalar method that stands in where lanes cannot run (a system with state-dependent events).
    note : str
        One sentence for the user.
    """

    name: str
    family: str
    order: int
    dense: int
    stiff: bool
    needs_jacobian: bool
    scalar: str = ""
    note: str = ""

    @property
    def lanes(self) -> bool:
        """Whether several trajectories share a step, one in each SIMD lane."""
        return self.family == "lanes"

    @property
    def scipy(self) -> bool:
        """Whether SciPy does the work (an independent opinion, slow)."""
        return self.family == "scipy"


METHODS = {
    m.name: m
    for m in (
        Method("auto", "auto", 0, 0, True, False, note="chosen by counting work; Solution.why says why"),
        Method("rodas5p", "lanes", 5, 4, True, True, "rodas5p-scalar", "Rosenbrock, the default for many"),
        Method("fast", "lanes", 5, 4, True, True, "rodas5p-scalar", "rodas5p, stages in single precision"),
        Method(
            "tsit5", "lanes", 5, 4, False, False, "tsit5-scalar", "explicit Runge-Kutta, for mild systems"
        ),
        Method("rodas5p-scalar", "scalar", 5, 4, True, True, note="one trajectory at a time, pivoted LU"),
        Method("tsit5-scalar", "scalar", 5, 4, False, False, note="one trajectory at a time"),
        Method("LSODA", "scipy", 0, 0, True, False, note="SciPy: Adams and BDF, switching"),
        Method("BDF", "scipy", 0, 0, True, False, note="SciPy: backward differences"),
        Method("Radau", "scipy", 5, 3, True, False, note="SciPy: implicit Runge-Kutta"),
        Method("DOP853", "scipy", 8, 7, False, False, note="SciPy: explicit Runge-Kutta"),
    )
}


def method_named(name: str) -> Method:
    """Look a method up; an unknown name is refused with the nearest ones."""
    if name not in METHODS:
        raise unknown("method", name, METHODS)
    return METHODS[name]
