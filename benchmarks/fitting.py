"""Fits of simulated data with known truth: bias, coverage of the 90 % intervals, and time.

    python -m benchmarks.fitting                    # five data sets, and the times
    python -m benchmarks.fitting --sets 50 --first 3000   # such figures as docs/howto/fit.md states
    python -m benchmarks.fitting --sets 8 --against laplace   # how much of the bias is the approximation's own

Each data set: 40 people, 50 mg, six samples of naltrexone and 6-beta-naltrexol with a proportional error of 15 %;
six parameters are estimated with their variances. CPU seconds count all threads.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.fitting.scales import Scale

SPREAD = {"CL_ntx": 0.25, "V1_ntx": 0.35, "F_oral": 0.4, "ka": 0.4, "CL_ntxol": 0.25, "V1_ntxol": 0.3}
SEEN = {1: "plasma_naltrexone", 2: "plasma_naltrexol"}
HOURS = (0.5, 1, 2, 4, 8, 24)
MORE_HOURS = (0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 24)
ERROR = 0.15
HOW = {"estimate": list(SPREAD), "iiv": list(SPREAD), "error": "proportional"}


def data_of(model: ldn.Model, n: int, seed: int, hours: Sequence[float] = HOURS) -> ldn.StudyData:
    """Simulate people who differ as `SPREAD` says on the scale of each parameter, and their samples."""
    rng, rows = np.random.default_rng(seed), {p.id: p for p in model.table}
    people = {}
    for name, sd in SPREAD.items():
        value = float(model.parameters.value[name])
        scale = Scale.chosen(name, None, value, rows[name].lower, rows[name].upper)
        people[name] = scale.back(scale.of(value) + sd * rng.standard_normal(n))
    ds = ldn.simulate(model, ldn.Regimen.single(50), subjects=pd.DataFrame(people), times=list(hours))
    table = []
    for k in range(n):
        table.append({"ID": k, "TIME": 0, "AMT": 50, "DVID": 1})
        for j, hour in enumerate(hours):
            for label, name in SEEN.items():
                y = float(ds[name].values[k, j]) * (1 + ERROR * rng.standard_normal())
                table.append({"ID": k, "TIME": hour, "DV": y, "DVID": label})
    return ldn.read_data(table)


def coverage(
    model: ldn.Model, sets: int, first: int, method: str, against: str | None, nodes: int | None
) -> None:
    """Fit each data set, and hold the estimates against the truth."""
    names, truth = list(SPREAD), model.parameters.value[list(SPREAD)]
    off, inside, apart = [], [], []
    for seed in range(sets):
        data = data_of(model, 40, first + seed)
        f = ldn.fit(model, data, SEEN, method=method, **HOW)
        p = f.parameters.loc[names]
        off.append(np.log(p.value / truth))
        inside.append((p.low <= truth) & (truth <= p.high))
        if against:
            start = model.with_parameters(**p.value.to_dict())
            other = ldn.fit(
                start, data, SEEN, method=against, nodes=nodes, omega=f.omega, sigma=f.sigma, **HOW
            )
            apart.append(np.log(p.value / other.parameters.value[names]))
        sys.stderr.write(f"\r{seed + 1} of {sets}, covered {np.mean(inside):.3f} ")
    sys.stderr.write("\n")
    bias = 100 * pd.DataFrame(off).mean()
    table = pd.DataFrame({"bias (%)": bias, "its standard error": 100 * pd.DataFrame(off).std() / np.sqrt(sets),
                          "coverage (%)": 100 * pd.DataFrame(inside).mean()})  # fmt: skip
    if against:
        table[f"{method} above {against} (%)"] = 100 * pd.DataFrame(apart).mean()
    print(f"{sets} data sets by {method}: {100 * np.mean(inside):.1f} % covered")
    print(table.round(2).to_string())


def timed(words: str, call) -> None:
    """Run once to compile, then time a second run."""
    call()
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    print(f"{words}: {time.process_time() - cpu:.2f} s CPU, {time.perf_counter() - wall:.2f} s")


def times(model: ldn.Model) -> None:
    """Time a population, one patient's mode, and one patient's posterior."""
    study = data_of(model, 100, 1, MORE_HOURS)
    timed("100 people by FOCEI", lambda: ldn.fit(model, study, SEEN, method="focei", **HOW))
    one = data_of(model, 1, 3, (*MORE_HOURS, 30, 36))
    how = {"estimate": ["CL_ntx", "V1_ntx", "F_oral", "ka"], "error": "proportional"}
    plasma = ldn.read_data(one.table[one.table["DVID"] == 1].drop(columns="DVID"))
    timed("one patient, mode", lambda: ldn.fit(model, plasma, SEEN[1], method="map", **how).parameters)
    timed("one patient, posterior", lambda: ldn.fit(model, plasma, SEEN[1], method="posterior", **how))


def main() -> None:
    """Run what is asked for."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--sets", type=int, default=5, help="data sets")
    words.add_argument("--first", type=int, default=1000, help="seed of the first; the next ones follow")
    words.add_argument("--method", default="focei")
    words.add_argument("--against", help="fit each data set by another method too")
    words.add_argument("--nodes", type=int, help="draws of the exact method (2048)")
    words.add_argument("--no-times", action="store_true", help="leave the times out")
    asked = words.parse_args()
    warnings.simplefilter("ignore")
    model = ldn.load_model("naltrexone_pk")
    if asked.sets:
        coverage(model, asked.sets, asked.first, asked.method, asked.against, asked.nodes)
    if not asked.no_times:
        times(model)


if __name__ == "__main__":
    main()
