"""Pieces of a run, small enough to solve at once, cut so that no result depends on how."""

from __future__ import annotations

from typing import NamedTuple

GROUP = 16  # trajectories that may share a step: pieces are multiples
SHARE = 4  # two or four threads get equally many pieces


class Piece(NamedTuple):
    """Some regimens and some subjects, solved in one call."""

    regimens: slice
    subjects: slice

    @property
    def shape(self) -> tuple[int, int]:
        """Number of regimens and subjects."""
        return self.regimens.stop - self.regimens.start, self.subjects.stop - self.subjects.start


def groups(n: int) -> int:
    """Round down to whole groups, at least one."""
    return max(GROUP, n // GROUP * GROUP)


def fair(n: int, size: int) -> int:
    """Return a smaller size, in whole groups, at which n trajectories make a multiple of `SHARE` pieces, or one."""
    count = -(-n // size)
    count = -(-count // SHARE) * SHARE if count > 1 else 1
    return -(-n // (count * GROUP)) * GROUP


def cuts(whole: slice, step: int) -> list[slice]:
    """Cut a slice into slices of at most `step`."""
    return [slice(k, min(k + step, whole.stop)) for k in range(whole.start, whole.stop, step)]
