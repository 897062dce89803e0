"""ldnsim by its public door: ``simulate`` with every state at every hour."""

from __future__ import annotations

import numpy as np

from . import Solver


def simulate(case, method: str = "auto", threads: int = 1) -> Solver:
    import pandas as pd

    import ldnsim as ldn

    model = ldn.Model.from_antimony(case.antimony)
    regimen = ldn.Regimen.every(case.dose, ii=case.interval, n=case.days, cmt=case.cmt)
    duration = case.days * case.interval
    columns = pd.Index(case.parameters)

    def run(tol, values):
        subjects = pd.DataFrame(values, columns=columns)
        return ldn.simulate(
            model, regimen, subjects=subjects, duration=duration, every=1.0, outputs=list(case.states),
            method=method, rtol=tol, atol=1e-3 * tol, threads=threads,
        )  # fmt: skip

    def array(ds):
        return np.stack([ds[s].values.reshape(-1, len(case.hours)) for s in case.states], axis=1)

    return Solver(run, array, tightest=1e-5 if method == "fast" else 0.0)
