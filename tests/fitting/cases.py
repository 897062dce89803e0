"""Fits for the ledger: evaluated at their start under every option, one searched, and the parts they are made of."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.fitting import densities
from ldnsim.fitting.sampling import Density, Sampled
from ldnsim.fitting.scales import TRANSFORMS, Scale, Scales
from ldnsim.fitting.specification import wanted
from ldnsim.fitting.spread import Spread
from ldnsim.fitting.tables import spread_of_patients
from ldnsim.fitting.width import Width

from ..ledger import constants_of, defaults_of, told
from .conftest import OWN, TIMES, simulated
from .searches import nowhere, paged, searched, seen, starts


@functools.cache
def own():
    """The model."""
    return ldn.Model.from_antimony(OWN)


@functools.cache
def data_of(kind):
    """Profiles of four people: plain, below a limit, ragged, in occasions, lognormal, one person, of two variables."""
    table = simulated(
        {"one": 1, "pair": 2}.get(kind, 4),
        7,
        error="lognormal" if kind == "lognormal" else "proportional",
        times=TIMES[1:],
    )
    if kind == "limit":
        table["LLOQ"] = 2.5
    if kind == "ragged":  # people have five, four, three and two measurements
        kept = table.groupby("ID").cumcount() < 6 - table.ID.str[1:].astype(int)
        table = table[kept].assign(LLOQ=2.5)
    if kind == "occasions":
        later = table.assign(TIME=table.TIME + 48, OCC=2)
        table = pd.concat([table.assign(OCC=1), later]).sort_values(["ID", "TIME"], kind="stable")
    if kind == "two":
        table["DVID"] = np.where(table.index % 2, 1, 2)
    return ldn.read_data(table)


HOW = {"observe": "Cp", "cmt": "A_gut", "estimate": [], "iiv": ["CL", "V"], "error": "proportional"}
ASKED = {"plain": ("plain", {}), "laplace": ("plain", {"method": "laplace"}), "exact": ("plain", {"method": "exact",
    "nodes": 7}), "block": ("plain", {"iiv": {"d": ["CL", "V"]}, "error": "combined"}), "summed": ("plain", {
    "error": "combined1", "sigma": {"additive": 0.1, "proportional": 0.2}}), "additive": ("plain", {"error": "additive",
    "omega": {"CL": 0.2, "V": 0.05}}), "lognormal": ("lognormal", {"error": "lognormal"}), "limit": ("limit", {}),
    "limit laplace": ("limit", {"method": "laplace", "error": "combined"}), "limit exact": ("limit", {"method": "exact",
    "nodes": 5}), "occasions": ("occasions", {"iov": {"CL": 0.04}}),
    "nobody differs": ("plain", {"iiv": [], "error": "combined"}), "ragged": ("ragged", {"error": "combined"}),
    "ragged laplace": ("ragged", {"method": "laplace"}), "ragged exact": ("ragged", {"method": "exact", "nodes": 3}),
    "importance": ("plain", {"method": "exact",
    "iiv": ["ka", "CL", "V"], "nodes": 3}),}  # fmt: skip
SEARCHED = {"pooled": ("plain", {"estimate": ["CL", "V"], "iiv": []}), "map": ("one", {"method": "map",
    "estimate": ["ka", "CL"], "iiv": None, "prior": {"ka": 1.5, "CL": 1.3}}), "known": ("plain", {"estimate": [
    "CL", "ka"], "iiv": [], "prior": {"CL": "lognormal(0.9, 0.1)", "ka": "normal(0.2, 0.1) of log10"}}),
    "two errors": ("plain", {"estimate": ["CL"], "iiv": ["CL"], "error": "combined"}), "weight": ("plain", {
    "estimate": ["CL"], "iiv": ["CL"], "covariates": {"CL": "WT"}}),}  # fmt: skip
WRONG = ({"method": "best"}, {"error": "odd"}, {"starts": 0}, {"nodes": 0}, {"estimate": ["x"]}, {"estimate": None},
    {"iiv": ["A"]}, {"prior": {"CL": "normal(1)"}}, {"prior": {"x": 2}}, {"fixed": ["x"]}, {"sigma": {"x": 1}},
    {"omega": {"x": 1}}, {"covariates": {"CL": "x"}, "estimate": ["CL"]}, {"iov": ["CL"]},
    {"observe": "x"}, {"cmt": "x"}, {"iiv": {"CL": -1}}, {"omega": {"CL": 0}}, {"rtol": 1},)  # fmt: skip


def fitted(name):
    """What a fit says: its objective, tables, predictions, residuals, notes; people and draws that it gives."""
    kind, how = (ASKED | SEARCHED)[name]
    f = told(ldn.fit, own(), data_of(kind), **(HOW | {"rtol": 1e-9} | how))
    if not isinstance(f[0], ldn.Fit):
        return f
    warned, f = f[1], f[0]
    found = [warned, list(f.notes)]
    for part in ("converged", "convergence", "objective", "condition", "parameters", "omega", "sigma",
        "variances", "covariance", "starts", "individual", "shrinkage", "learnt", "predictions", "point",
        "of_one"):  # fmt: skip
        found += [part, told(getattr, f, part)]
    found += [repr(f), told(f.curves, points=5), told(lambda: f.measured("Cp"))]
    found.append(told(lambda: f.model.values))
    if name in ("plain", "map", "limit", "pooled"):
        found += [
            told(ldn.posterior, f, 3),
            *paged(f),
            told(f.visual_check, sets=20),
            told(ldn.population, f, 3, seed=2),
            told(ldn.posterior, f, 3, seed=2),
        ]
        found += [told(f.readouts, metrics=["cmax(Cp)"], regimen=ldn.Regimen.single(1, cmt="A_gut"), n=3)]
    return found


def sampled(kind):
    """What is said of a sampled posterior: its density, and tables of made-up draws of one person and of two."""
    f = ldn.fit(own(), data_of(kind), **(HOW | {"method": "map", "estimate": ["ka", "CL"], "iiv": None, "prior": {
        "ka": 1.5, "CL": 1.3}}))  # fmt: skip
    roots = np.linalg.cholesky(spread_of_patients(f))
    density = Density(f.prediction, f.modes.eta, roots, f.point.log_sd, np.full(len(f.point.log_sd), 0.2))
    rng, found = np.random.default_rng(72), []
    x = rng.normal(size=(2, 40, density.size))
    eta, log_sd = density.read(x)
    found += [eta.mean(axis=1), log_sd.mean(axis=1), density(x[0, 0]), density(1e3 * x[0, 0]), density.size]
    draws = density.prediction.effects.placed(eta, density.centre)
    for rhat, ess, lost in ((1.0, 900.0, 0), (1.2, 900.0, 0), (1.0, 100.0, 1)):
        diverging = np.arange(80).reshape(2, 40) < lost
        entries = [np.full(density.size, v) for v in (rhat, ess, ess)]
        s = Sampled(draws, log_sd, diverging, *entries)
        g = replace(f, sampled=s, method="posterior")
        found += [s.agree, s.words, s.of_patients[:3], s.residual[:3], g.parameters, g.diagnostics, g.individual,
            g.variances, g.predictions, g.learnt, g.shrinkage]  # fmt: skip
        found += [repr(g), told(ldn.posterior, g, 5, seed=1), told(ldn.population, g, 3, seed=1), *(told(
            ldn.posterior, g, n, seed=1) for n in (79, 80, 81)), g.visual_check(
            sets=10), g.curves(points=4)]  # fmt: skip
    return found


def few():
    """Fits of as few measurements as numbers are asked for, and of one more and less; one measurement of one person."""
    table, found = simulated(1, 7, times=TIMES[1:]), []
    for n in (1, 2, 3):
        data = ldn.read_data(table[: n + 1])
        for how in ({"estimate": ["CL", "V"]}, {"estimate": ["CL"], "fixed": ["additive"]}):
            answer = told(ldn.fit, own(), data, **(HOW | {"iiv": [], "error": "additive"} | how))
            found.append(answer if isinstance(answer[0], list) else answer[1])
        one = ldn.fit(own(), data, **(HOW | {"method": "map", "estimate": ["CL"], "iiv": None, "prior": {"CL": 1.5}}))
        found += [one.shrinkage, one.learnt]
    return found


def predicted():
    """Predictions of the model as it is, and of each person's own values."""
    data, some = data_of("plain"), pd.DataFrame({"CL": [2.0, 3.0, 2.5, 2.7]}, index=["s0", "s1", "s2", "s3"])
    return [
        told(ldn.predict, own(), data, observe="Cp", cmt="A_gut", **how)
        for how in ({}, {"individual": some}, {"individual": some[:2]}, {"individual": 3})
    ]


def words():
    """Distributions in words: densities, slopes, ends, scaled, written again; and what is none."""
    found = []
    texts = ("normal(1, 0.2)", "normal(-1, 0.2) of log10", "normal(0.3, 0.5) of log", "lognormal(0.7, 0.3)",
        "laplace(1, 0.5)", "loglaplace(0, 1)", "uniform(0.5, 2)", "loguniform(0.5, 2)",
        "uniform(-1, 1) of log10", "cauchy(1, 2)", "gamma(2, 0.5)", "exponential(2)", "chisquare(3)",
        "rayleigh(1.5)", "normal(1)", "normal(1, 0)", "normal(1, x)", "uniform(2, 1)", "loguniform(0, 1)",
        "lognormal(1, 1) of log", "odd(1)", "normal 1", 3, "gamma(0, 1)", "exponential()", "normal(inf, 1)")  # fmt: skip
    for text in texts:
        d = told(densities.distribution_of, "prior", text)[0]
        found.append(d)
        if isinstance(d, densities.Distribution):
            found += [
                [d.at(p) for p in (-0.5, 0.0, 0.4, 0.5, 1.0, 1.3, 2.0, 2.0 + 1e-9, 2.1, 9.0)],
                d.ends,
                str(d),
                str(d.times(2.5)),
                d.times(2.5).at(1.7),
            ]
    return found


def parts():
    """Scales, covariances, widths of measurements, with their slopes."""
    rng, found = np.random.default_rng(71), []
    for kind in (None, *TRANSFORMS, "odd"):
        for value, lower, upper in (
            (0.5, 0, 1),
            (1.0, 0, 1),
            (2.0, -np.inf, np.inf),
            (-1.0, -np.inf, np.inf),
            (0.0, 0, 5),
            (3.0, 1, 5),
            (0.2, 0.1, 0.9),
            (1.0, 0, 2),
        ):
            scale = told(Scale.chosen, "x", kind, value, lower, upper)[0]
            found.append(scale)
            if isinstance(scale, Scale):
                found += [scale.back(scale.of(value)), scale.slope(scale.of(value)), scale.back(0.3)]
    scales = Scales([Scale("log"), Scale("none"), Scale("logit", 0.1, 0.9), Scale("logit")])
    z = rng.normal(size=(3, 5))
    found += [scales.back(z), scales.slope(scales.back(z))]
    start = np.array([[0.2, 0.05, 0.0], [0.05, 0.1, 0.0], [0.0, 0.0, 0.3]])
    for fixed in ((), ("a",), ("c",)):
        s = Spread.of([["a", "b"], ["c"]], start, fixed)
        wide = s.with_occasions(["a"], [0.04], 2, fixed)
        for one in (s, wide):
            x = one.x0 + 0.1 * rng.normal(size=len(one.x0))
            found += [one.names, one.x0, one.covariance(x), one.slopes(x), one.bounds, len(one)]
    f = np.array([-3.0, -0.1, 0.0, 0.5, 4.0])
    with np.errstate(all="ignore"):
        for summed in (np.zeros(5, bool), np.ones(5, bool), np.arange(5) % 2 == 0):
            w = Width.of(f, np.full(5, 0.04), np.full(5, 0.09), summed)
            found += [
                w,
                *(w.share(p) for p in ("additive", "proportional")),
                *(w.bend(p) for p in ("additive", "proportional")),
            ]
    return found


def tabled():
    """What is asked of a fit, as arguments and as a table."""
    found = []
    for columns in ({"estimate": ["yes", "no", 1], "iiv": ["0.2", "", "no"]}, {"estimate": ["y", "y", "true"],
        "iiv": ["yes", "-", "0.05"], "fixed": ["1", "", "0"]}, {"estimate": [1, 1, 1],
        "iiv": [0, "0.0", 1]}, {"estimate": ["1", "1", "1"], "lower": [0.1, None,
        0], "upper": [9, None, 99], "transform": ["log", "", "logit"]}, {"estimate": ["maybe", 1, 1]}, {
        "estimate": [1, 1, 1], "iiv": ["-0.1", "", ""]}, {"estimate": [1, 1, 1], "odd": [1, 1, 1]}, {"estimate": [
        0, 0, 0], "iiv": ["yes", "", ""]}):  # fmt: skip
        table = pd.DataFrame(columns, index=pd.Index(["ka", "CL", "V"], name="parameter"))
        for frame in (table, table.reset_index(), table.reset_index().rename(columns={"parameter": "id"})):
            asked = told(wanted, own(), None, None, (), None, frame)
            found += [asked, [asked[0].varying, asked[0].moving] if hasattr(asked[0], "varying") else ""]
    for iiv in (
        ["CL"],
        {"CL": 0.2},
        {"d": ["CL", "V"]},
        {"d": ["CL", "CL"]},
        {"x": 0.1},
        "CL",
        {"CL": 0},
        [],
    ):
        found.append(
            told(wanted, own(), ["ka"], iiv, ("CL",) if iiv == ["CL"] else (), {"V": "WT"}, None, ["ka"])
        )
    return found


CASES = {
    "defaults": lambda: defaults_of("fitting"),
    "constants": lambda: constants_of("fitting"),
    **{f"fit {name}": functools.partial(fitted, name) for name in (*ASKED, *SEARCHED)},
    **{f"sampled {kind}": functools.partial(sampled, kind) for kind in ("one", "pair")},
    "refused": lambda: [told(ldn.fit, own(), data_of("plain"), **(HOW | how)) for how in WRONG],
    "few": few,
    "predicted": predicted, "words": words, "parts": parts, "tabled": tabled,
    "searches": searched, "nowhere": nowhere, "starts": starts,
    "seen": lambda: seen(own(), data_of("plain"), data_of("two")),
}  # fmt: skip
