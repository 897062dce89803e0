"""A fit that can be interrupted: every evaluation is kept in a file, and a further run goes on after the last.

The search asks for the same points in the same order, so that it runs through the kept answers at once. What an
evaluation leaves behind for the next, the random effects from which modes are sought, is kept with it: numbers
are those of a run without an interruption, bit for bit.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import __version__
from ..errors import a_path, bad
from .effects import Effects
from .likelihood import Answer, Approximation
from .quadrature import Exact


class _Kept(NamedTuple):
    """One evaluation: the vector, the answer, and what it leaves to the next."""

    x: np.ndarray
    each: np.ndarray
    slopes: np.ndarray
    eta: np.ndarray
    bend: np.ndarray


class Recorded:
    """An objective whose answers are kept in a file.

    Parameters
    ----------
    objective : Approximation or Exact
    path : str or Path
        Made if it is not there.
    key : str
        Hash of all that numbers depend on.

    Raises
    ------
    InputError
        If the file is of another fit.
    """

    def __init__(self, objective: Approximation | Exact, path: str | Path, key: str) -> None:
        self.objective, self.path = objective, a_path("checkpoint", path)
        if not self.path.parent.is_dir():
            raise bad("checkpoint", str(path), "lies in a folder that does not exist")
        if self.path.exists() and not self.path.is_file():
            raise bad("checkpoint", str(path), "is no file", "choose another name")
        self.kept, whole = _read(self.path, key) if self.path.exists() else ([], 0)
        self.next = 0
        with self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.truncate(whole)  # what was being written when the last run ended
            if not whole:
                np.save(file, np.frombuffer(key.encode(), np.uint8))

    @property
    def effects(self) -> Effects:
        """The statistical model."""
        return self.objective.effects

    @property
    def _state(self) -> Approximation:
        return self.objective.inner if isinstance(self.objective, Exact) else self.objective

    def restart(self) -> None:
        """Forget where the random effects were."""
        self.objective.restart()

    def value(self, x: np.ndarray) -> np.ndarray:
        """-2 log likelihood of each subject."""
        return self.answer(x).each

    def answer(self, x: np.ndarray) -> Answer:
        """-2 log likelihood with its derivatives."""
        if self.next < len(self.kept):
            kept = self.kept[self.next]
            self.next += 1
            if not np.array_equal(kept.x, x):
                raise bad(
                    "checkpoint", str(self.path), "holds another search", "remove the file to begin again"
                )
            if self.next == len(self.kept):
                self._state.eta, self._state.bend = (
                    kept.eta.copy(),
                    kept.bend.copy() if kept.bend.size else None,
                )
            return Answer(kept.each, kept.slopes)
        answer, state = self.objective.answer(x), self._state
        bend = np.zeros(0) if state.bend is None else state.bend
        with self.path.open("ab") as file:
            for part in _Kept(x, answer.each, answer.slopes, state.eta, bend):
                np.save(file, np.ascontiguousarray(part))
        return answer


def _read(path: Path, key: str) -> tuple[list[_Kept], int]:
    """Read the evaluations that are complete, and where the last of them ends."""
    found: list[_Kept] = []
    with path.open("rb") as file:
        head = _next(file)
        if head is None:
            return [], 0
        if head.tobytes() != key.encode():
            rule = "is of another fit: data, model, arguments or version differ"
            raise bad("checkpoint", str(path), rule, "remove the file, or choose another place")
        whole = file.tell()
        while True:
            parts = [_next(file) for _ in _Kept._fields]
            if any(part is None for part in parts):
                return found, whole
            found.append(_Kept(*parts))  # type: ignore[arg-type]
            whole = file.tell()


def _next(file: Any) -> np.ndarray | None:
    try:
        return np.load(file, allow_pickle=False)
    except (EOFError, ValueError):
        return None


def key_of(objective: Approximation | Exact, *rest: object) -> str:
    """Hash all that the numbers of a fit depend on."""
    p, found = objective.effects, hashlib.sha256(__version__.encode())
    prediction = objective.prediction
    model, data = prediction.cohort.model, prediction.samples.data
    for part in (model.document.sbml, data.table.to_csv(), repr(prediction.residual.kinds), repr(p.scales), repr(rest),
                 repr(p.box), repr(p.covariates), repr(p.spread.entries), repr(p.moving), repr(prediction.samples.outputs),
                 *(repr(r.records) for r in data.regimens.values())):  # fmt: skip
        found.update(part.encode())
    for array in (model.values, p.x0, p.base, p.design, p.spread.start, p.kappas):
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
