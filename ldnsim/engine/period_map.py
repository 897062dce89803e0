"""The map of a system over one period of its inputs, and the map's derivative."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .collecting import collecting
from .dispatch import run
from .events import Events
from .methods import METHODS
from .scales import RELATIVE
from .solve import prepare
from .system import System
from .takeover import WIDTH

LOOSE, TIGHT = 1e-5, 1e-10  # rtol on the way, where 3 digits are enough, and at the end
PERTURBATION = 1e-3  # of the scale, for the columns of the map's Jacobian
WORTH_THREADS = 64  # trajectories; fewer are done before threads have started
ROUNDING = 1e-20  # of the largest scale: a state that small has moved by rounding only


class PeriodMap:
    """F(y), the state one period after y, for any of n trajectories and at any tolerance.

    Parameters
    ----------
    system, guess, constants, events, period, t0, method, threads, pilot
        See `ldnsim.engine.periodic.periodic_state`.

    Attributes
    ----------
    guess : array, shape (n, n_states)
        Where to start.
    scale : array, shape (n_states,)
        Size of each state over one period of the pilot.
    runs : int
        Periods integrated so far, each for one trajectory.
    collecting : array of bool, shape (n_states,)
        States that only collect, which are held: nothing answers to them, and they would never come back.
    gains : array, shape (n_states,)
        The most that each of these moved by.
    """

    def __init__(
        self,
        system: System,
        guess: np.ndarray,
        constants: np.ndarray,
        events: Events,
        period: float,
        t0: float,
        method: str,
        threads: int | None,
        pilot: int,
    ) -> None:
        method = "rodas5p" if method == "fast" else method  # single precision cannot give 8 digits
        how = {"t0": t0, "rtol": LOOSE, "threads": threads, "outputs": ()}
        end, one = [t0 + period], np.array([pilot])
        first = replace(events, row=events.row[one])
        self.problem = prepare(system, guess[one], constants[one], first, end, method=method, **how)
        if len(guess) > 1:
            how |= {"atol": self.problem.atol, "pilot": (guess[one], constants[one])}
            self.problem = prepare(system, guess, constants, events, end, method=method, **how)
        self.guess, self.runs = self.problem.y0, 0
        scale = self.problem.atol / (RELATIVE * LOOSE)
        self.scale = np.where(scale > ROUNDING * scale.max(initial=0.0), scale, 1.0)
        self.collecting = collecting(system, self.scale, self.problem.constants, t0, period)
        self.gains = np.zeros(len(self.scale))
        together = system.in_lanes and not self.problem.method.scipy
        self.batch_method = METHODS["rodas5p"] if together else self.problem.method

    def __call__(self, who: np.ndarray, y: np.ndarray, rtol: float) -> np.ndarray:
        """Run the map for trajectories `who` from `y`, shape (len(who), n_states); NaN where it failed.

        Trajectories share their steps with those of `who` in their own group alone, wherever the others are cut.
        """
        if not self.problem.method.lanes:
            return self._run(who, y, rtol, self.problem.method, 1)
        order = np.argsort(who)
        _, of, count = np.unique(who[order] // WIDTH, return_inverse=True, return_counts=True)
        start = np.cumsum(count) - count
        laid_out = order[(start[:, None] + np.minimum(np.arange(WIDTH), count[:, None] - 1)).ravel()]
        ends = self._run(who[laid_out], y[laid_out], rtol, self.problem.method, WIDTH)
        found = np.empty_like(y)
        found[order] = ends[of * WIDTH + np.arange(len(who)) - start[of]]
        return found

    def _run(self, who, y, rtol, method, block):
        p = self.problem
        self.runs += len(who)
        threads = p.threads if len(who) >= WORTH_THREADS else 1
        own = p.of(who, y0=np.ascontiguousarray(y), rtol=rtol, block=block, threads=threads)
        solution = run(own.deciding(atol=RELATIVE * rtol * self.scale, method=method))
        found = np.where(solution.finished[:, None], solution.last_state, np.nan)
        held = self.collecting
        if held.any():
            moved = np.nan_to_num(np.abs(found[:, held] - y[:, held])).max(axis=0, initial=0.0)
            self.gains[held] = np.maximum(self.gains[held], moved)
            found[:, held] = np.where(np.isnan(found[:, held]), np.nan, y[:, held])
        return found

    def jacobian(self, who: np.ndarray, y: np.ndarray, moving: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """F and its derivatives by the `moving` states, shape (len(who), n_states, n_moving).

        One batch of base and perturbed runs. Each group of lanes holds a base trajectory, so that the
        differences share all its steps.
        """
        n, columns = len(who), np.arange(len(moving))
        per = WIDTH - 1 if self.batch_method.lanes else max(1, len(moving))
        width = -(-len(moving) // per) * (per + 1)
        place = columns // per * (per + 1) + 1 + columns % per
        step = (PERTURBATION * np.maximum(self.scale, np.abs(y)))[:, moving]
        batch = np.repeat(y[:, None, :], width, axis=1)
        batch[:, place, moving] += step
        many = np.repeat(who, width)
        ends = self._run(many, batch.reshape(n * width, -1), LOOSE, self.batch_method, width)
        ends = ends.reshape(n, width, -1)
        rise = ends[:, place] - ends[:, columns // per * (per + 1)]
        return ends[:, 0], np.swapaxes(rise / step[:, :, None], 1, 2)
