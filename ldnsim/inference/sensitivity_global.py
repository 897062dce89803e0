"""Global sensitivity by SALib: samples in, indices with intervals out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..choices import unchosen
from ..errors import bad, need, unknown, whole
from ..simulation.request import Subjects
from .sensitivity_ranges import Ranges
from .sensitivity_runs import SensitivityRuns

if TYPE_CHECKING:
    import pandas as pd

BASE = {"sobol": 1024, "morris": 100, "efast": 257}
LEAST = {"sobol": 2, "morris": 2, "efast": 65}  # efast: more than 4 M^2, with M = 4 harmonics
MIDDLE = (0.05, 0.95)  # Morris steps to the ends of a range, which a lognormal does not have


def over_ranges(run: SensitivityRuns, space: Ranges, method: str, n: int | None, seed: int) -> pd.DataFrame:
    """Sample, run, and analyse; see `sensitivity`."""
    need("SALib", "analysis", "method", method)
    space.check_all_known()
    n = BASE[method] if n is None else whole("n", n, LEAST[method])
    if method == "sobol" and n & (n - 1):
        raise bad("n", n, "must be a power of 2 for method='sobol'", f"n={1 << n.bit_length()}")
    problem = {"num_vars": len(space.ids), "names": list(space.ids), "bounds": _bounds(space, method)}
    u = _sample(problem, method, n, seed)
    y = run(space.table(u))
    return _sorted(_analysed(problem, method, u, y, seed), space.ids, y)


def _bounds(space: Ranges, method: str) -> list[tuple[float, float]]:
    return [MIDDLE if method == "morris" and name not in space.given else (0.0, 1.0) for name in space.ids]


def _sample(problem: dict, method: str, n: int, seed: int) -> np.ndarray:
    from SALib.sample import fast_sampler, morris, sobol

    if method == "sobol":
        return sobol.sample(problem, n, calc_second_order=False, seed=seed)
    if method == "morris":
        return morris.sample(problem, n, seed=seed)
    return fast_sampler.sample(problem, n, seed=seed)


def _analysed(problem: dict, method: str, u: np.ndarray, y: np.ndarray, seed: int) -> dict[str, Any]:
    from SALib.analyze import fast, morris, sobol

    seed += 1  # SALib takes 0 for none
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SALib's own internals
        if method == "sobol":
            found = sobol.analyze(problem, y, calc_second_order=False, seed=seed)
        elif method == "morris":
            found = morris.analyze(problem, u, y, seed=seed)
            own = {"mu": np.asarray(found["mu"]), "sigma": np.asarray(found["sigma"])}
            return _interval("mu_star", found["mu_star"], found["mu_star_conf"]) | own
        else:
            found = fast.analyze(problem, y, seed=seed)
    return _interval("total", found["ST"], found["ST_conf"]) | _interval(
        "first", found["S1"], found["S1_conf"]
    )


def of_draws(
    run: SensitivityRuns, draws: pd.DataFrame | None, ids: Sequence[str] | None, seed: int
) -> pd.DataFrame:
    """Analyse draws that exist already, by random balance designs (Tarantola, Gatelli, Mara 2006)."""
    need("SALib", "analysis", "method", "given_data")
    from SALib.analyze import rbd_fast

    if draws is None:
        raise bad("draws", None, "must be given with method='given_data'", "draws=ldn.posterior(model)")
    columns = Subjects(draws, [run.model], "draws").columns
    draws = unchosen(draws, run.model)
    columns = [c for c in columns if c in draws]
    names = [c for c in columns if draws[c].nunique() > 1] if ids is None else list(ids)
    for name in names:
        if name not in columns:
            raise unknown("parameters", name, columns)
    if len(draws) < 100:
        raise bad("draws", len(draws), "must be at least 100 rows to say anything")
    y = run(draws[columns])
    x = draws[names].to_numpy(dtype=float)
    problem = {"num_vars": len(names), "names": names, "bounds": [(c.min(), c.max()) for c in x.T]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = rbd_fast.analyze(problem, x, y, seed=seed)
    return _sorted(_interval("first", found["S1"], found["S1_conf"]), names, y)


def _interval(name: str, value: Any, half: Any) -> dict[str, np.ndarray]:
    value, half = np.asarray(value, dtype=float), np.asarray(half, dtype=float)
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


def _sorted(columns: dict[str, np.ndarray], ids: Sequence[str], y: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame(columns, index=list(ids))
    table = table.sort_values(table.columns[0], ascending=False, kind="stable")
    table.attrs |= {"runs": len(y), "baseline": float(np.mean(y)), "sd": float(np.std(y))}
    return table
