"""The scalar engine: one trajectory after another, over threads whose number does not change a bit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .compiled import JIT, NO_CALL, compile_for
from .control import N_ROWS, N_SLOTS
from .explicit import tsit5
from .problem import Problem, Solution
from .rosenbrock import rodas5p
from .trajectory import Calls, Inputs, Memory, Results, run_block


def run(problem: Problem) -> Solution:
    """Integrate a problem with a scalar method."""
    from .solve import empty_solution

    solution = empty_solution(problem)
    calls, inputs = calls_of(problem), inputs_of(problem)
    driver = run_block
    if problem.system.events is not None:
        from .triggers import driver_of

        driver = driver_of(problem.system)
    pieces = _pieces(problem.n_traj, problem.threads)
    _run_piece(driver, calls, inputs, solution, 0, 0)  # compiles

    def task(piece: tuple[int, int]) -> None:
        _run_piece(driver, calls, inputs, solution, *piece)

    if len(pieces) == 1 or not JIT:
        for piece in pieces:
            task(piece)
    else:
        with ThreadPoolExecutor(problem.threads) as pool:
            list(pool.map(task, pieces))
    return solution


def _pieces(n_traj: int, threads: int) -> list[tuple[int, int]]:
    """Cut trajectories into runs, small enough that no thread waits long for another."""
    size = n_traj if threads == 1 else max(1, min(64, -(-n_traj // (4 * threads))))
    return [(i, min(i + size, n_traj)) for i in range(0, n_traj, size)]


def _run_piece(driver, calls: Calls, inputs: Inputs, solution: Solution, first: int, last: int) -> None:
    values = np.full((last - first, *solution.values.shape[1:]), np.nan)
    names = ("status", "fail_time", "last_state", "steps", "rejected", "peak")
    results = Results(values, *(getattr(solution, name) for name in names))
    arguments = first, last, calls, inputs, memory_of(inputs), results
    if first == last:
        compile_for(driver, *arguments)
        return
    with np.errstate(all="ignore"):
        driver(*arguments)
    solution.values[first:last] = values


def calls_of(problem: Problem) -> Calls:
    """Collect what the method needs of the system; nothing else is compiled."""
    system, method = problem.system, problem.method

    def target(name: str, needed: bool = True):
        return system.calls[name].target if needed and name in system.calls else NO_CALL

    implicit = method.needs_jacobian
    return Calls(
        step=(rodas5p if implicit else tsit5).target,
        rhs=target("rhs"),
        jac=target("jac", implicit),
        dfdt=target("dfdt", implicit),
        observe=target("observe", bool((system.output_states[problem.outputs] < 0).any())),
    )


def inputs_of(problem: Problem) -> Inputs:
    """Lay a problem out as the driver reads it."""
    events = problem.events
    return Inputs(
        problem.y0,
        problem.constants,
        events.row,
        np.stack([events.time, events.kind, events.index, events.value], axis=2),
        events.states,
        events.constants,
        problem.times,
        problem.times_row,
        problem.outputs,
        problem.system.output_states,
        problem.atol,
        problem.rtol,
        problem.t0,
        problem.max_steps,
        problem.method.needs_jacobian,
    )


def memory_of(inputs: Inputs) -> Memory:
    """Allocate what one thread works in."""
    n = inputs.y0.shape[1]
    return Memory(
        np.zeros(N_SLOTS),
        np.zeros((N_ROWS, n)),
        np.zeros((2, n, n)),
        np.zeros(n, np.int64),
        np.zeros((1, len(inputs.output_states))),
        np.zeros(inputs.constants.shape[1]),
    )
