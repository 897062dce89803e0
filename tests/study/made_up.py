"""Rules and pages of studies on made-up numbers."""

from __future__ import annotations

import random
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pandas as pd
import xarray as xr

import ldnsim as ldn
from ldnsim.regimen.language import doses_for
from ldnsim.study import (
    analysis,
    cytokines,
    dose_search,
    optimise,
    optimise_search,
    optimise_space,
    pages,
    phases,
    question_table,
    registry,
    speed,
    statement,
    titration,
    trial,
    verdicts,
    waits,
)
from ldnsim.study.draws import deciding_assumed, draws_of, interval

from ..ledger import told
from .small_runs import LDN, R, window


def judged():
    """Verdicts over all shares, and answers brought to their units."""
    found, shares = [], (0.0, 0.1, 0.1001, 0.25, 1 / 3, 0.34, 0.6, 2 / 3, 0.7, 0.8999, 0.9, 1.0)
    for fields in ({}, {"scenario": "s"}, {"contradicts": "PET"}, {"reading": "x"}):
        claim = statement.Claim("id", "sentence", "design", **fields)
        found += [
            verdicts._verdict(claim, x, o)
            for x in shares
            for o in ({}, {"a": 0.95}, {"a": 0.3}, {"a": 0.25, "b": 0.9}, {"a": 0.1, "b": 0.5})
        ]
    numbers = {"a": np.array([2.0, 6.0, 0.0]), "b": np.array([1.0, 2.0, 4.0])}
    for how in ("ratio", "difference", ""):
        for shift in (0.0, -0.5):
            claim = statement.Claim(
                "id", "s", "design", against="b" if how else "", how=how, shift_each=shift
            )
            found.append(verdicts._value(claim, ["a", "b"], numbers))
    return found


def crossings():
    """Where rows stay below 0 for good; signals of opioids against rivals."""
    rng = np.random.default_rng(61)
    rows = np.concatenate(
        [
            rng.normal(size=(8, 6)),
            -np.ones((1, 6)),
            np.ones((1, 6)),
            np.zeros((1, 6)),
            [[1, -1, -1, -1, -1, 0.5]],
        ]
    )
    p = {
        k: np.array([v])
        for k, v in {
            "opioid_reserve": 10.0,
            "opioid_efficacy": 0.6,
            "opioid_slope": 1.4,
            "opioid_pressure_reference": 2.0,
            "e0": 0.1,
        }.items()
    }
    x = np.array([-1e-9, 0.0, 0.3, 5.0])
    return [waits._last_crossing(np.arange(6.0), rows), waits.signal(p, x, 0.2), waits.stimulus(p, x, x, 0.8),
        waits._gain(p, x, x, 0.9), waits._usual(LDN(), "morphine", None), [told(doses_for, R, d, 4.5,
        ii=ii, drug="naltrexone") for d in (1, 3) for ii in (24, 25, 8, 100, 0)],
        [waits._worn(LDN(), R.single(3, drug=d)) for d in ("fentanyl", "morphine")],
        waits._waits(np.arange(30.0))]  # fmt: skip


def compared():
    """Tests of trials with missing subjects, and their warnings."""
    rng, found = np.random.default_rng(62), []
    for n, m in ((5, 7), (2, 3)):
        a, b, c = rng.normal(0, 1, (4, n)), rng.normal(0.4, 2, (4, m)), rng.normal(1, 1, (4, n))
        a[0, :2], b[1, 0] = np.nan, np.nan
        found += [
            told(analysis.welch, [a, b, c], 0, [1, 2]),
            told(analysis.welch, [a, b], 1, [0]),
            told(analysis.paired, [a, c], 0, [1]),
            told(analysis.warn_of_few, ["x", "y"], [a, b]),
        ]
    for order, design in (
        ("random", "crossover"),
        ("given", "crossover"),
        ("placebo first", "crossover"),
        ("random", "parallel"),
    ):
        plan = trial._Plan(
            {"x": R.daily(1, 2), "none": None, "y": R.daily(2, 2)},
            13,
            {"x": 1, "none": 1, "y": 1},
            design,
            order,
            0.0,
            0.3,
            "pain",
            0.5,
            "completers",
        )
        responses = [rng.normal(size=(len(s), 6)) for s in plan.sequences]
        found += [
            plan.sequences,
            plan.reference,
            plan.others,
            plan._indexes(),
            told(plan.repeat, responses, 2, 7, np.random.default_rng(1)),
        ]
    return [
        *found,
        [phases.until(R.daily(1, 9, at=8), end) for end in (8, 8.1, 32, 100, 500)],
        [phases.until(R.every(1, 12, 9, at=30), end) for end in (42, 54)],
    ]


def answers():
    """Intervals of few and many, smallest doses with a value, doses in which most draws lie."""
    rng, found = np.random.default_rng(63), []
    doses = np.geomspace(0.1, 10, 7)
    values = np.sort(rng.uniform(0, 6, (7, 6)), axis=0)
    values[:, 1], values[:, 2], values[:, 3] = values[::-1, 1].copy(), np.nan, [0, 3, 1, 4, 2, 5, 3]
    for level in (-1.0, 1.0, 3.0, 3.5, 7.0):
        found += [
            dose_search._first(doses, values, level),
            told(dose_search._warn_of_several, doses, values, [level]),
        ]
    found += [
        dose_search._best(doses, values, [1.0, 3.0]),
        dose_search._best(doses, values, [1.0]),
        dose_search._is_near(1.0, [1.0011, 2.0]),
        dose_search._is_near(1.0, [1.0009]),
    ]
    attrs = {"metric": "m", "units": "h"}
    for row in (
        [0.0, 1.0, np.nan, np.inf],
        [0.5, 2.0, 3.0, 0.0],
        [np.nan, 0.0, 0.0, 1.0],
        [np.inf, np.inf, 2.0, 4.0],
    ):
        found.append(dose_search._table([1.0, 2.0], np.array([row, row[::-1]]), attrs))
    curve = lambda d: (np.log10(d)[:, None] * np.array([1.0, 1.5]) + 2.0, {})  # noqa: E731
    found += list(dose_search._closer(doses, curve(doses)[0], [1.5, 2.5], curve)) + list(
        dose_search._closer(doses, curve(doses)[0], [90.0], curve)
    )
    found += [told(dose_search._levels, x) for x in (4, (4, 6), (6, 4), (4, 4), (1, 2, 3), "x", float("nan"))]
    found += [
        told(dose_search._range, x) for x in ((1, 2), (2, 1), (0, 1), (1, 1), (1, float("inf")), 3, [0.5, 8])
    ]
    for n in (1, 5, 19, 20, 21, 100):
        found += [interval(np.arange(n) ** 1.5), interval(np.where(np.arange(n) > n - 3, np.inf, 1.0))]
    model = LDN()
    for n in (1, 8, 30):
        found += [
            draws_of(model, n).iloc[:, :3],
            draws_of(model, n, 3).iloc[:, :3],
            draws_of(window(), n).shape,
        ]
    draws = draws_of(model, 40)
    return [*found, told(draws_of, model, 10**6), told(draws_of, model, 0), [deciding_assumed(model, draws,
        draws[c].to_numpy() ** 2) for c in list(draws)[2:12]], deciding_assumed(model, None, np.ones(3))]  # fmt: skip


def bred():
    """Steps of a search: trials, duels, the fittest, how far apart they lie; variables and corners of a space."""
    rng, found = np.random.default_rng(64), []
    x, f = rng.random((8, 3)), rng.random((8, 2)).round(1)
    v = np.array([0, 0, 1, 0.5, 0, 0, 2, 0.0])
    found += [optimise_search._bred(x, np.random.default_rng(k)) for k in range(4)]
    found += [
        optimise_search._duel(f, v, f[::-1], v[::-1]),
        optimise_search._duel(f, v, f, v),
        optimise_search._apart(f),
        optimise_search._apart(np.ones((3, 2))),
    ]
    found += [optimise_search._fittest(f, v, n) for n in (1, 3, 5, 8, 20)] + [
        optimise_search._beats(f, v, f[::-1], v[::-1])
    ]
    found += [optimise_search._spread(5, SimpleNamespace(space=SimpleNamespace(variables=(1, 2))), 3)]
    losses = SimpleNamespace(losses=f)
    found += [
        optimise._chosen(losses, np.arange(8)),
        optimise._chosen(SimpleNamespace(losses=f[:, :1]), np.arange(8)[::-1]),
    ]
    for name, said in (("dose", (0.5, 10)), ("dose", (0.123456, 7.654321)), ("at", ("18:00", 30)), ("at", (0, 24)),
        ("days", (2, 5)), ("n", (1, 3)), ("ii", [8, 12, 24]), ("dose", (2, 1)), ("dose", (1, float("inf"))), (
        "dose", [1]), ("dose", 3), ("dose", ("a", "b")), ("at", (0, 23.97)), ("at", (0, 23.99))):  # fmt: skip
        variable = told(optimise_space._variable, name, said)[0]
        found.append(variable)
        if isinstance(variable, optimise_space.SearchVariable):
            space = optimise_space.Space((variable,), {"days": 3} if name != "days" else {"dose": 1})
            found += [[variable.value(u) for u in (0.0, 1e-9, 0.33333, 0.5, 0.99999, 1.0)], list(space.extremes(
                )), [space.at_bound(np.array([[u]])) for u in (0.0, 0.009, 0.01, 0.011, 0.5, 0.989, 0.99, 0.991,
                1.0)]]  # fmt: skip
    for over, fixed in (
        ({"dose": (1, 2)}, {"dose": 1}),
        ({}, {}),
        ({"what": (1, 2)}, {}),
        ({"regimen": [1, 2]}, {}),
        ({"dose": (1, 2)}, {"formulation": "odd", "days": 1}),
        (3, {}),
    ):
        found.append(told(optimise_space.Space.of, LDN(), over, fixed))
    return found


def courses():
    """What is read of a course of a cytokine, and whether one run is near another."""
    t, found = np.arange(0, 10, 0.5), []
    for course in (1 + 3 * t * np.exp(-t), 1 + np.exp(-((t - 4) ** 2)), np.ones(20), 5 - 0.1 * t):
        found.append(
            [
                cytokines._read(q, t, course)
                for q in ("peak level", "peak over baseline", "peak time", "onset", "return")
            ]
        )
    a = xr.Dataset(
        {"x": ("time", [1.0, 2, 3]), "y": ("time", [0.0, 0, 1]), "z": ("k", [1.0])}, {"time": [0, 1, 2]}
    )
    return [*found, speed._gap(a, a * 1.01), speed._gap(a + 0.1, a), ldn.side_effects(), ldn.endotoxin(LDN()),
        told(ldn.endotoxin, LDN(), 0), told(ldn.endotoxin, LDN().with_condition("crps")), ldn.endotoxin(LDN(),
        4.0)["model"], ldn.cytokine_readings(LDN(), "4.5 mg at 22:00 for 2 days", draws=2, scenarios=["ogf",
        "no_tlr4"]), told(ldn.cytokine_readings, LDN(), scenarios=["x"])]  # fmt: skip


def written():
    """Pages of made-up tables, and numbers in words."""
    rng = random.Random(65)
    rows = {}
    for k in range(6):
        rows[f"c{k}"] = {"claim": f"claim {k} | x", "regimen": "r" if k else "", "answer": 3.21 * k if k else np.nan,
            "low": 0.1 * k, "high": np.inf if k == 2 else 7.7 * k, "unit": ("", "1", "fold", "h", "%", "d")[k],
            "share": 0.123 * k if k else np.nan, "structures": "a 10 %, b 10 %" if k % 2 else "a 10 %, b 20 %" if k
            else "", "grade": "assumed", "deciding": "x, y" if k != 3 else "", "verdict": "open", "said": (
            "design", "pages")[k % 2]}  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.attrs |= {
        "draws": 400,
        "draws_from": "posterior",
        "seed": 0,
        "short": ["c1", "c4"],
        "plain": {"c2": "in words", "c3": "others"},
    }
    index = pd.MultiIndex.from_product([["s", "t"], ["il6", "tnf"]], names=["scenario", "cytokine"])
    readings = pd.DataFrame(
        {"change": [-3.0, 1.25, 0, 9], "low": [-4.0, 0, 0, 1], "high": [1, 2, 3, 4.0]}, index=index
    )
    checks = pd.DataFrame({"cytokine": "il6", "quantity": "peak", "model": [1.0, 2e5], "measured": [2.0, 3],
        "fold": [0.5, 7e4], "asked": "two-fold", "within": [True, False], "note": "n"}, index=[
        "lps_cannon1990_il1b_fold", "b"])  # fmt: skip
    out = pd.DataFrame({"design": "parallel", "n": [10, 20], "positive": [True, False], "reported": [-1.5, 0.4],
        "median": [-0.2, 0.1], "low": [-1, -0.5], "high": [0.5, 0.9], "inside": [False, True], "beyond": [0.045,
        0.3], "power": [0.1, 0.055]}, index=["A", "B"])  # fmt: skip
    asked = pd.DataFrame(
        {"question": ["q"], "call": ["f()"], "answer": ["a"], "unanswered": ["u"]}, index=[1]
    )
    asked.attrs |= table.attrs
    kept = registry.record(pd.DataFrame([{"study": s, "structure": x, "median": 1 / 3, "low": 0.12345, "high": 2e5 / 3,
        "draws": 5, "registration": "r", "title": s, "words": "w", "unit": "%", "caveat": "c", "regimen": "g"} for s
        in "ab" for x in ("all", "z")]), LDN(), "2026-01-01")  # fmt: skip
    values = (
        0.0,
        9e-5,
        -9e-5,
        1e-4,
        1.2345,
        -0.5,
        99999.0,
        99999.5,
        1e5,
        123456.0,
        3e12,
        float("nan"),
        float("inf"),
        -float("inf"),
        rng.random(),
    )
    return [pages.claims_page(table), pages.short_table(table), pages.immune_page(readings, checks, {"s": "a",
        "t": "b"}), pages.trials_page(out), pages.trials_page(out.assign(inside=True, beyond=[0.07, 0.0701])),
        pages.questions_page(asked), registry.page({**kept, "sha256": "x"}), kept["predictions"], [pages.number(
        x) for x in values], [pages._margin(n) for n in (1, 100, 400)], told(pages.put_between, "no marks", "x"),
        pages.put_between(f"a{pages.BEGIN}b{pages.END}c", "d"), question_table.questions(LDN(), _all_claims())]  # fmt: skip


def _all_claims():
    ids = [c.id for c in statement.statements_of(LDN()).claims]
    table = pd.DataFrame(
        {"answer": np.arange(len(ids)) + 0.5, "low": 0.0, "high": 99.0, "unit": "h"}, index=ids
    )
    table.attrs["draws"] = 3
    return table


def predicted():
    """What is predicted of studies under way, of few draws."""
    draws = ldn.posterior(LDN(), 4)
    found = [[registry._values(LDN(), study, draws, None), study["id"]] for study in registry._studies(LDN())]
    for one in (draws, draws.assign(structure=["b", "a", "b", "a"])):
        values = mock.patch.object(registry, "_values", return_value=np.arange(4.0))
        with values, mock.patch.object(registry, "posterior", return_value=one):
            found.append(ldn.registered(LDN()))
    return found


def taken():
    """What parts of regimens in files come to."""
    parts = ({"daily": 4.5, "days": 3, "at": "22:00"}, {"every": 2, "n": 4, "ii": 12}, {"single": 3, "at": 8}, {
        "titration": [[1, 2]]}, {"daily": 4.5, "days": 8, "skip": [2]}, {"weekly": 3})  # fmt: skip
    some = [told(statement.regimen_of, [p]) for p in parts]
    return [
        *some,
        statement.regimen_of(parts[:3]),
        titration.REDUCE,
        told(statement._named, "x", {"doses": [{}], "label": "l"}),
    ]
