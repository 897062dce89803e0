"""The driver of the lanes as plain Python, where there is no JIT: kernels of a model are machine code all the same."""

from ldnsim.engine import auto, dispatch
from ldnsim.engine.lanes import choice
from ldnsim.engine.lanes.kernels import FULL_BELOW


def kernels_of(problem):
    """Do as `ldnsim.engine.lanes.kernels.kernels_of` where there is a JIT."""
    if not problem.system.in_lanes:
        return None
    full = problem.rtol < FULL_BELOW
    return problem.system.lanes.kernels(problem.method.name, full=full, inputs=problem.decision.inputs)


def work_of(problem):
    """Do as `ldnsim.engine.lanes.kernels.work_of` where there is a JIT."""
    kernels = kernels_of(problem)
    return None if kernels is None else kernels.work


def drive_plainly(monkeypatch):
    """Let lanes run without a JIT."""
    monkeypatch.setattr(auto, "work_of", work_of)
    for module in (dispatch, choice):
        monkeypatch.setattr(module, "kernels_of", kernels_of)
