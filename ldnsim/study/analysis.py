"""The tests of a trial, for many trials at once; a subject who is not counted is NaN."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import DropoutWarning, warn_user

DROPOUTS = ("completers", "carried")
LEAST = 2  # subjects of an arm: a spread needs as many


def warn_of_few(arms: Sequence[str], measured: Sequence[np.ndarray]) -> None:
    """Name the arms that end a trial with too few subjects to be compared, in one `DropoutWarning`."""
    left = np.array([np.isfinite(m).sum(axis=1) for m in measured])
    few = left < LEAST
    if few.any():
        where = "; ".join(
            f"arm {arm!r}: {n.min()} of {m.shape[1]} in the smallest"
            for arm, n, m, lost in zip(arms, left, measured, few, strict=True)
            if lost.any()
        )
        warn_user(
            f"fewer than {LEAST} completers are left in an arm in {few.any(axis=0).sum()} of {few.shape[1]} "
            f"trials ({where}); what cannot be compared is NaN and counts as not favourable; take more "
            "subjects, or less dropout",
            DropoutWarning,
        )


def welch(measured: Sequence[np.ndarray], reference: int, others: Sequence[int]):
    """Compare independent groups.

    Parameters
    ----------
    measured : sequence of array, shape (trial, subject)
        Changes, one array an arm.
    reference : int
        The arm that the others are compared with.
    others : sequence of int

    Returns
    -------
    tuple of array
        Mean change (arm, trial), difference and two-sided p (other arm, trial).

    Notes
    -----
    Welch (1947), doi:10.1093/biomet/34.1-2.28.
    """
    means = np.array([np.nanmean(m, axis=1) for m in measured])
    counts = np.array([np.isfinite(m).sum(axis=1) for m in measured])
    errors = np.array([np.nanvar(m, axis=1, ddof=1) for m in measured]) / counts
    difference = means[others] - means[reference]
    both = errors[others] + errors[reference]
    df = both**2 / (
        errors[others] ** 2 / (counts[others] - 1) + errors[reference] ** 2 / (counts[reference] - 1)
    )
    return means, difference, _two_sided(difference / np.sqrt(both), df)


def paired(measured: Sequence[np.ndarray], reference: int, others: Sequence[int]):
    """Compare phases within subjects, by a paired t test; see `welch`."""
    means = np.array([np.nanmean(m, axis=1) for m in measured])
    within = np.array([measured[k] - measured[reference] for k in others])
    counts = np.isfinite(within).sum(axis=2)
    difference = np.nanmean(within, axis=2)
    error = np.sqrt(np.nanvar(within, axis=2, ddof=1) / counts)
    return means, difference, _two_sided(difference / error, counts - 1)


def _two_sided(t: np.ndarray, df: np.ndarray) -> np.ndarray:
    from scipy.special import stdtr

    return 2 * stdtr(df, -np.abs(t))
