"""The PEtab benchmark collection: the objective at nominal parameters against what its simulations give.

    python -m benchmarks.petab FOLDER

FOLDER is a checkout of https://github.com/Benchmarking-Initiative/Benchmark-Models-PEtab (BSD 3-Clause). Its tables
``simulatedData_*.tsv`` hold the observables at the nominal parameters, computed by other tools; the log likelihood
that follows from them, and from the collection's noise, is what `read_petab` and `fit` must find.

    python -m benchmarks.petab FOLDER --suite

does so with the cases with an SBML model of a checkout of https://github.com/PEtab-dev/petab_test_suite.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.exchange.formulas import number_of
from ldnsim.exchange.noise import noise_of
from ldnsim.exchange.problem import PetabProblem, read_problem

# Log likelihoods that tests of other tools hold: PEtab.jl (test/published_models.jl) and, for two, AMICI
# (tests/benchmark-models/benchmark_models.yaml, 08f821a, where that of Fiedler stands as -2 log likelihood). That of
# Smith_BMCSystBiol2013 is left out: it lies beside other simulations than those of the collection, so that it seems to
# be of an earlier model; the repository does not say so.
PUBLISHED = {
    "Bachmann_MSB2011": 418.40573341425295,
    "Beer_MolBioSystems2014": 58622.9145631413,
    "Boehm_JProteomeRes2014": -138.22199693517703,
    "Brannmark_JBC2010": -141.889113770537,
    "Bruno_JExpBot2016": 46.688181449443945,
    "Crauste_CellSystems2017": -190.96521897435176,
    "Fiedler_BMCSystBiol2016": 117.16780323362 / 2,
    "Fujita_SciSignal2010": 53.08377736998929,
    "Isensee_JCB2018": -3949.375966548649,
    "Schwen_PONE2014": -943.9992988598723,
    "Sneyd_PNAS2002": 319.79177818768756,
    "Zheng_PNAS2012": 278.33353271001477,
}
CLOSE = (
    1e-2  # of the log likelihood, as in tests of others, and 1e-6 of its size: some tables hold six digits
)


def found(path: Path) -> float:
    """Log likelihood at the nominal parameters."""
    model, data, arguments = ldn.read_petab(path)
    arguments.pop("prior", None)
    return -0.5 * ldn.fit(model, data, **(arguments | {"estimate": []}), progress=False).objective


def from_simulations(problem: PetabProblem, simulated: pd.DataFrame) -> float:
    """Log likelihood of the measurements about simulations that somebody else made."""
    nominal = {str(n): float(v) for n, v in problem.parameters["nominalValue"].items()}
    if len(simulated) != len(problem.measurements):
        return np.nan  # a table of other rows
    column = "simulation" if "simulation" in simulated else "measurement"
    simulated = simulated.astype(object).where(simulated.notna(), "")
    rows = [row for _, row in problem.measurements.iterrows()]
    named = {_key(row) for _, row in simulated.iterrows()}
    key = _key if {_key(row) for row in rows} <= named else _key_without_overrides  # which may stand there as values
    values_of: dict[tuple, list[float]] = {}
    for _, row in simulated.iterrows():
        values_of.setdefault(key(row), []).append(float(row[column]))
    total = 0.0
    for row in rows:
        if not values_of.get(key(row)):
            return np.nan
        f = values_of[key(row)].pop(0)
        observable = problem.observables.loc[row["observableId"]]
        values = {
            f"noiseParameter{k + 1}_{row['observableId']}": v
            for k, v in enumerate(str(row.get("noiseParameters", "")).split(";"))
            if v
        }
        noise = noise_of(problem, row["observableId"], observable, values, nominal)
        y, sd = number_of(row["measurement"]), noise.spread(f)
        if noise.scale != "lin":
            total -= np.log(y)
            y, f = np.log(y), np.log(f)
        total -= 0.5 * ((y - f) / sd) ** 2 + np.log(sd) + 0.5 * np.log(2.0 * np.pi)
    return float(total)


def _key(row: pd.Series) -> tuple:
    """Say what a row measures: tables of simulations may stand in another order."""
    names = ("observableId", "preequilibrationConditionId", "simulationConditionId", "observableParameters")
    return (*(str(row.get(n, "")).strip() for n in names), round(float(row["time"]), 7))  # some are rounded


def _key_without_overrides(row: pd.Series) -> tuple:
    return tuple(part for k, part in enumerate(_key(row)) if k != 3)


def suite(folder: Path, names: list[str]) -> int:
    """Print one row a case of the PEtab test suite, and how many agree."""
    import yaml

    counts = dict.fromkeys(("agrees", "DIFFERS", "refused"), 0)
    for place in sorted((folder / "petabtests" / "cases").glob("v*/sbml/[0-9]*")):
        if names and place.name not in names:
            continue
        answer = yaml.safe_load((place / f"_{place.name}_solution.yaml").read_text(encoding="utf-8"))
        try:
            ours = found(place / f"_{place.name}.yaml")
            word = "agrees" if abs(ours - answer["llh"]) <= answer["tol_llh"] else "DIFFERS"
            told = f"{ours:16.6f} {answer['llh']:16.6f}"
        except (ldn.InputError, ldn.ModelError) as error:
            word, told = "refused", str(error).split("yaml': ")[-1]
        counts[word] += 1
        print(f"{word:10} {place.parent.parent.name} {place.name} {told}", flush=True)
    print(", ".join(f"{n} {word}" for word, n in counts.items()))
    return int(counts["DIFFERS"] > 0)


def main() -> int:
    """Print one row a model, and how many agree."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("folder", type=Path)
    ask.add_argument("names", nargs="*", help="models; by default all")
    ask.add_argument("--suite", action="store_true", help="FOLDER holds the PEtab test suite")
    asked = ask.parse_args()
    warnings.simplefilter("ignore")
    if asked.suite:
        return suite(asked.folder, asked.names)
    places = sorted((asked.folder / "Benchmark-Models").glob("*/"))
    agreed = refused = different = 0
    for place in places:
        path = place / f"{place.name}.yaml"
        if not path.is_file() or (asked.names and place.name not in asked.names):
            continue
        try:
            ours = found(path)
        except (ldn.InputError, ldn.ModelError) as error:
            refused += 1
            print(f"refused    {place.name:36} {str(error)[len(str(path)) + 7 : 200]}", flush=True)
            continue
        theirs = PUBLISHED.get(place.name, np.nan)
        table = place / f"simulatedData_{place.name}.tsv"
        if place.name not in PUBLISHED and table.is_file():
            simulated = pd.read_csv(table, sep="\t")
            theirs = from_simulations(read_problem(path), simulated)
        near = np.isfinite(theirs) and abs(ours - theirs) <= CLOSE + 1e-6 * abs(theirs)
        word = "agrees" if near else "DIFFERS" if np.isfinite(theirs) else "alone"  # nothing to compare with
        agreed, different = agreed + near, different + (word == "DIFFERS")
        print(f"{word:10} {place.name:36} {ours:16.6f} {theirs:16.6f}", flush=True)
    print(f"{agreed} agree, {different} differ, {refused} refused by name")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
