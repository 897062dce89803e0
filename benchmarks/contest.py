"""One run, one machine: tune every solver to the same achieved error, then time them in turns."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np

from .reference import reference
from .solvers import (
    Solver,
    diffrax_vmap,
    heyoka_taylor,
    numbalsoda_lsoda,
    ours,
    roadrunner_cvode,
    scipy_lsoda,
)

BAR = 1e-5  # largest error allowed
SMALLEST = 8  # subjects in a run, whatever a solver's speed
LADDER = tuple(10.0 ** (-k / 2) for k in range(4, 17))  # tolerances, 1e-2 ... 1e-8
HALVINGS = 4  # refinements of the chosen tolerance, in ratio 3.2 -> 1.07


def contestants(threads: int) -> dict[str, Callable]:
    """Return name -> (case -> Solver); with more than one thread, only what can use them."""
    own = {
        "ldnsim": lambda case: ours.simulate(case, threads=threads),
        "ldnsim, fast": lambda case: ours.simulate(case, "fast", threads),
        "ldnsim, scalar Rodas5P": lambda case: ours.simulate(case, "rodas5p-scalar", threads),
        "ldnsim, scalar Tsit5": lambda case: ours.simulate(case, "tsit5-scalar", threads),
        "numbalsoda LSODA (C++)": lambda case: numbalsoda_lsoda.lsoda(case, threads),
    }
    if threads > 1:
        return own
    return own | {
        "heyoka Taylor, batch 8": heyoka_taylor.taylor,
        "libRoadRunner CVODE": roadrunner_cvode.cvode,
        "diffrax Tsit5, vmap": diffrax_vmap.tsit5,
        "diffrax Kvaerno4, vmap": diffrax_vmap.kvaerno4,
        "SciPy odeint, Numba": scipy_lsoda.odeint,
        "SciPy solve_ivp LSODA, Numba": scipy_lsoda.solve_ivp,
    }


@dataclass
class Rung:
    """One tolerance tried: achieved error and seconds a trajectory (CPU of all threads, and wall)."""

    tol: float
    error: float
    cpu: float
    wall: float


@dataclass
class Entry:
    """A contestant's record in one case."""

    name: str
    subjects: int = 0
    note: str = ""
    failure: str = ""
    ladder: list[Rung] = field(default_factory=list)
    chosen: Rung | None = None


class Lane:
    """One contestant at work on one case; collects its record in ``entry``."""

    def __init__(self, name: str, solver: Solver, case, values, truth, budget: float):
        self.solver, self.case, self.truth = solver, case, truth
        self.entry = Entry(name, note=solver.note)
        start = self._time(LADDER[4], values[:SMALLEST])  # compiles
        start = self._time(LADDER[4], values[:SMALLEST])
        affordable = int(budget / max(start.cpu, 1e-9))
        self.slow = affordable < 2 * SMALLEST  # tuned in coarser steps
        self.entry.subjects = min(len(values), max(SMALLEST, affordable // SMALLEST * SMALLEST))
        self.values = values[: self.entry.subjects]
        self.repeats = max(1, min(10, int(budget / (2 * start.cpu * self.entry.subjects))))

    def _time(self, tol: float, values) -> Rung:
        cpu, wall = time.process_time(), time.perf_counter()
        result = self.solver.run(tol, values)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        error = self.case.error(self.solver.array(result), self.truth)
        return Rung(tol, error, cpu / len(values), wall / len(values))

    def measure(self, tol: float) -> Rung:
        """Run once at ``tol``, or a few times where a run is short, and keep the best time."""
        tries = [self._time(tol, self.values) for _ in range(self.repeats)]
        return Rung(tol, max(r.error for r in tries), min(r.cpu for r in tries), min(r.wall for r in tries))

    def tune(self, ladder) -> None:
        """Walk down the ladder until well below the bar, then refine the loosest tolerance that meets it."""
        self._time(ladder[0], self.values)  # compiles for this number of subjects where that matters
        rungs = self.entry.ladder
        for tol in ladder[:: 2 if self.slow else 1]:
            if tol < self.solver.tightest or (rungs and rungs[-1].error < BAR / 30):
                break
            rungs.append(self.measure(tol))
        passing = [r.tol for r in rungs if r.error <= BAR]
        if not passing:
            best = min(rungs, key=lambda r: r.error)
            self.entry.failure = f"no tolerance met {BAR:g}: best error {best.error:.1e} at {best.tol:.1e}"
            return
        loosest = max(passing)
        failing = [r.tol for r in rungs if r.tol > loosest]
        high, low = min(failing, default=loosest), loosest
        for _ in range(HALVINGS + self.slow if high > low else 0):
            rungs.append(self.measure(float(np.sqrt(high * low))))
            high, low = (high, rungs[-1].tol) if rungs[-1].error <= BAR else (rungs[-1].tol, low)
        self.entry.chosen = min((r for r in rungs if r.error <= BAR), key=lambda r: r.cpu)
        rungs.sort(key=lambda r: -r.tol)

    def again(self) -> None:
        """Run at the chosen tolerance once more and keep the best."""
        new, old = self.measure(self.entry.chosen.tol), self.entry.chosen
        self.entry.chosen = Rung(
            old.tol, max(new.error, old.error), min(new.cpu, old.cpu), min(new.wall, old.wall)
        )


def _enter(name, make, case, values, truth, budget, ladder) -> tuple[Lane | None, Entry]:
    try:
        lane = Lane(name, make(case), case, values, truth, budget)
        lane.tune(ladder)
    except Exception as error:  # one contestant's trouble must not end the others' race; it is reported
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        kind = "not installed" if isinstance(error, ImportError) else "failed"
        print(f"SKIPPED {name} ({case.name}): {kind}: {reason}", file=sys.stderr, flush=True)
        return None, Entry(name, failure=f"{kind}: {reason}")
    best = lane.entry.chosen
    told = f"{1 / best.cpu:.4g}/s at {best.tol:.1e}, error {best.error:.1e}" if best else lane.entry.failure
    print(f"{case.name}: {name}: {told}", file=sys.stderr, flush=True)
    return lane, lane.entry


def contest(case, entrants: dict[str, Callable], n: int, budget=1.0, rounds=5, ladder=LADDER) -> dict:
    """Race ``entrants`` on ``case`` and return their records, ready for JSON.

    Parameters
    ----------
    n : int
        Subjects; a slow solver gets as many as fit ``budget``, at least 8, and is scaled per trajectory.
    budget : float
        CPU seconds a run, roughly.
    rounds : int
        Turns at the chosen tolerance, all solvers one after another in each, best one kept.
    """
    values = case.subjects(n)
    truth = reference(case, values)
    lanes, entries = [], []
    for name, make in entrants.items():
        lane, entry = _enter(name, make, case, values, truth, budget, ladder)
        entries.append(entry)
        if lane and entry.chosen:
            lanes.append(lane)
    for _ in range(rounds):
        for lane in lanes:
            lane.again()
    return {"case": case.name, "days": case.days, "bar": BAR, "entries": [asdict(e) for e in entries]}
