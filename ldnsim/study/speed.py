"""How fast this installation simulates on this machine: methods at the same achieved error, as ratios."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import bad

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from ..model import Model

METHODS = ("auto", "fast", "rodas5p-scalar", "tsit5-scalar", "LSODA")
TOLERANCES = (1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7, 1e-7, 3e-8)
REFERENCE: dict[str, Any] = {
    "method": "LSODA",
    "rtol": 1e-10,
}  # SciPy's, which shares no integrator with ours
FEW = 8  # subjects on which tolerances are tuned


def speed(
    model: Model | None = None, *, subjects: int = 256, days: int = 28, error: float = 1e-5, threads: int = 1
) -> pd.DataFrame:
    """Race the package's methods and SciPy's LSODA on virtual patients taking 4.5 mg at 22:00.

    Each method runs at the loosest tolerance that meets ``error`` on a few subjects. Rates depend on the
    machine; ratios hardly do. A shared machine blurs both.

    Parameters
    ----------
    model : Model, optional
        The shipped ``ldn`` by default.
    subjects : int
        Virtual patients of a timed run; slow methods get fewer.
    days : int
        Days of treatment, output every hour.
    error : float
        Largest allowed |y - ref| / (1e-3 + |ref|) over subjects, variables and hours.
    threads : int
        Cores to use.

    Returns
    -------
    pandas.DataFrame
        A row a method: ``rate`` (trajectories/s), ``ratio`` (times the rate of SciPy's LSODA), ``rtol``,
        ``error`` (the largest one achieved), ``subjects`` (timed). NaN where no tolerance met ``error``.

    Raises
    ------
    InputError
        If ``subjects`` is below 8 or ``error`` is not in [1e-8, 1e-2].
    """
    import pandas as pd

    from ..library import load_model
    from ..regimen import Regimen
    from ..subjects import population

    if subjects < FEW:
        raise bad("subjects", subjects, f"must be at least {FEW}")
    if not 1e-8 <= error <= 1e-2:
        raise bad("error", error, "must be from 1e-8 to 1e-2")
    model = load_model("ldn") if model is None else model
    race = _Race(
        model, Regimen.daily(4.5, days=days, at="22:00"), population(model, n=subjects, seed=1), threads
    )
    rows = {method: race.run(method, error) for method in METHODS}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["rate", "rtol", "error", "subjects"])
    frame.insert(1, "ratio", frame["rate"] / frame.loc["LSODA", "rate"])
    return frame.rename_axis("method")


class _Race:
    def __init__(self, model, regimen, patients, threads):
        self.model, self.regimen, self.patients, self.threads = model, regimen, patients, threads
        self.truth = self.simulate(FEW, **REFERENCE)

    def simulate(self, n: int, method: str, rtol: float) -> xr.Dataset:
        from ..simulation import simulate

        return simulate(
            self.model,
            self.regimen,
            subjects=self.patients.iloc[:n],
            method=method,
            rtol=rtol,
            threads=self.threads,
        )

    def run(self, method: str, allowed: float) -> tuple[float, float, float, int]:
        """Tune ``method``, time it and return rate, tolerance, achieved error and number of subjects."""
        for rtol in TOLERANCES:
            if method == "fast" and rtol < 1e-5:
                break
            found = _gap(self.simulate(FEW, method, rtol), self.truth)
            if found <= allowed:
                rate, n = self.rate(method, rtol)
                return rate, rtol, found, n
        return np.nan, np.nan, found, 0

    def rate(self, method: str, rtol: float, budget: float = 2.0) -> tuple[float, int]:
        """Return the best trajectories/s of three runs of some ``budget`` s, and their subjects."""
        few = self.seconds(FEW, method, rtol)
        n = int(np.clip(budget / few * FEW, FEW, len(self.patients)))
        return n / min(self.seconds(n, method, rtol) for _ in range(3)), n

    def seconds(self, n: int, method: str, rtol: float) -> float:
        start = time.perf_counter()
        self.simulate(n, method, rtol)
        return time.perf_counter() - start


def _gap(found: xr.Dataset, truth: xr.Dataset) -> float:
    names = [v for v in truth.data_vars if "time" in truth[v].dims]
    gaps = [float((abs(found[v] - truth[v]) / (1e-3 + abs(truth[v]))).max()) for v in names]
    return max(gaps)
