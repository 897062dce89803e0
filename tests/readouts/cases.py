"""Readouts for the ledger: every reducer on curves with jumps, flat tops and levels that are just met; every window."""

from __future__ import annotations

import functools
import random
from unittest import mock

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.readouts import REDUCERS, Marks, Readout, curve, extremes, labels, nodes, rough, terminal
from ldnsim.readouts.carried import carried
from ldnsim.readouts.marks import as_now, beside_a_table, from_a_table, mark, of_one_run, told_once
from ldnsim.readouts.reducers import unit_of
from ldnsim.readouts.summary import refuse_unseen
from ldnsim.readouts.windows import (
    compressed,
    hours_in,
    lies_apart,
    of_which_dose,
    spans_of,
    window_named,
    words_in_hours,
    words_of,
)

from ..ledger import constants_of, defaults_of, told

WINDOWS = (
    "last interval", "last dose", "last days", "after last dose", "first dose", "dose 2", "dose 5", "day 1", "day 3",
    "days 2-3", "0-24 h", "3-9.5 h", "0-6 h after last dose", "night", "02:00-04:00", "22:30-01:00", "whole course",
)  # fmt: skip
STRANGE = ("dose 0", "dose 1", "day 0", "days 3-2", "days 2-2", "days 2 - 4", "9-3 h", "3-3 h", "1e1-2e1 h",
    "02:00-02:00", "25:00-01:00", "week 1", "", (0, 24), [1.5, 3], (3, 1), ("a", 2), (1, 2, 3), np.array([0, 6.0]),
    3)  # fmt: skip
SPANS = ([(0.0, 10.0)], [(0.3, 9.1)], [(4.0, 8.0)], [(2.0, 4.0)], [(4.4, 4.9)], [(0.5, 3.0), (4.5, 9.0)], [(2.6, 10.0)],
         [(0.5, 3.0), (3.0, 3.0)], [(6.4, 6.4)])  # fmt: skip
TOY = """
model toy()
  A' = -ka*A; C' = ka*A/V - ke*C; A = 0; C = 0; ka = 0.8; ke = 0.2; V = 20
  tone := 1 - 0.5*C/(C + 0.05)
end
"""


@functools.cache
def curves():
    """Nodes, values, slopes, and how these move: random ones, plateaus, levels that are just met, falls, zeros."""
    rng, found = np.random.default_rng(31), []
    half = curve.JUMP / 2
    t = np.array([0.0, 0.7, 1.5, 2.6, 4.0 - half, 4.0, 4.3, 5.1, 6.4, 8.0 - half, 8.0, 8.2, 9.0, 10.0])
    shapes = [rng.uniform(0.2, 5.0, t.size).round(1) for _ in range(3)]
    shapes += [np.where(t < 4.0, 0.0, 5.0 * np.exp(-0.4 * t)), 6.0 * np.exp(-0.3 * t), np.full(t.size, 2.4),
               np.clip(shapes[0], 1.0, 2.4), np.minimum(t, 2.4), np.where(t < 8.0, 2.4 + np.exp(-t), 1.0)]  # fmt: skip
    shapes += [4.0 - np.abs(t - 4.0), 1.0 + np.abs(t - 4.0)]  # with kinks, for extremes alone
    moved = np.isin(t, (4.0 - half, 4.0, 8.0 - half, 8.0))
    for v in shapes:
        s, m = rng.normal(size=t.size), np.where(moved, 0.7, 0.0)
        d, e = np.empty_like(t), np.empty_like(t)
        for of, to in ((v, d), (s, e)):
            curve.slopes(t, np.asarray(of, float), to, np.empty_like(t))
        found.append((t, np.asarray(v, float), d, s, e, m))
    return found


def reduced(name):
    """One reducer on all curves and spans, its slope, and what is told beside it."""
    r = REDUCERS[name]
    numbers = {"hour": (0.0,), "share": (0.6, 1.0), "level": (2.4, 0.0), "": (0.0,)}[r.number]
    found = []
    with mock.patch.object(extremes, "scratch", np.empty), mock.patch.object(terminal, "scratch", np.empty), np.errstate(
        all="ignore"):  # fmt: skip
        slow = r.value.__module__.endswith("terminal")
        some = curves() if r.value.__module__.endswith("extremes") else curves()[:-2]
        for c in [*some[::2], some[3]] if slow else some:
            for spans in SPANS[:: 3 if slow else 1]:
                if r.against and len(spans) < 2:
                    spans = [(0.0, 2.0), *spans]
                for number in numbers:
                    given = np.array(spans), 7.7, number
                    found.append([told(r.value, *c[:3], *given), told(r.slope, *c, *given),
                                  *(told(b.value, *c[:3], *given) for b in r.beside.values())])  # fmt: skip
    return found


def marks_of():
    """What windows are laid from: rows that are alike, apart, without doses, and with some that do not count."""
    nan = np.nan
    dose = np.array([[22.0, 46, 70], [8.0, 20, nan], [nan, nan, nan], [22.0, 23, 94.5]])
    due = np.array([[46.0, 70, 94], [20.0, 32, nan], [nan, nan, nan], [nan, 46, nan]])
    many = Marks(np.array([70.0, 8, 76, 46]), np.array([94.0, 32, 100, 70.5]), np.array([70.0, 20, 76, 46]),
                 np.array([70.0, 8, 76, 22.5]), np.array([94.0, 100, 100, 120]), *compressed(dose, due),
                 np.array([np.inf, 32, 100, 94.5]))  # fmt: skip
    rows = ([0], [1], [2], [3], [0, 1], [0, 2], [0, 0], [0, 1, 2, 3])
    return [Marks(*(f[r] for f in many)) for r in rows] + [Marks(*(f[[0]] for f in many[:7]))]


def laid(window):
    """One window over all marks, in hours and in words, and an instant of it."""
    found = [words_of(window), hours_in(window)]
    for m in marks_of():
        found += [told(spans_of, window, m), told(spans_of, window, m, 2.5), told(words_in_hours, window, m),
                  told(of_which_dose, window, m), told(lies_apart, window, m)]  # fmt: skip
        for first in (None, m.start - 1.0):
            found.append(told(refuse_unseen, [Readout("x", "mean", window)], m, first))
    return found


def seen():
    """Nodes around events that lie far apart, together and at the ends, for what is read of them."""
    lay, found = getattr(nodes._lay, "py_func", nodes._lay), []
    rng = random.Random(32)
    for _ in range(40):
        events = np.sort(
            [
                rng.choice((0.0, 2.0, 22.0, 22.0000015, 22.5, 46.0, 47.0, 100.0))
                for _ in range(rng.randint(0, 4))
            ]
        )
        spans = np.array(
            [
                sorted(rng.sample((0.0, 2.0, 21.999999, 22.0, 30.0, 46.0, 70.0), 2))
                for _ in range(rng.randint(1, 2))
            ]
        )
        end, run = rng.choice(((46.0, 70.0), (70.0, 70.0), (0.05, 0.5), (22.0, 100.0)))
        kept = np.full(2000, np.nan)
        n = lay(np.asarray(events, float), spans, end, run, kept)
        found.append([n, kept[:n].sum(), np.unique(kept[:n])])
    return found


def rough_ones():
    """How far nodes are off, and where more are put, on curves that jump, rest and wave."""
    plain, found = getattr(rough._roughness, "py_func", rough._roughness), []
    rng = np.random.default_rng(33)
    for n in (2, 3, 5, 9, 16):
        for jump in (0.0, 0.5, 4.0, 18.0, 25.0):
            t = np.cumsum(rng.uniform(0.2, 1.5, n))
            if jump and n > 3:
                t[n // 2] = t[n // 2 - 1] + jump * rough.JUMP
            values = np.stack(
                [np.sin(3 * t), np.exp(-t), np.full(n, 2.0) + 1e-4 * t, np.where(t > t[n // 2], 1.0, np.nan)]
            )
            out = np.zeros((1, n))
            for some in (values[:1], values[:3], values[2:3], values):
                out[:] = 0.0
                plain(
                    t[None],
                    some[None],
                    out,
                    np.zeros((4, n)),
                    np.zeros(n, np.int64),
                    np.zeros(n + 6),
                    np.zeros(n),
                )
                found += [out.copy(), [rough.filled(t, out[0], room) for room in (n, n + 3, 100)],
                          [rough.unfollowed(t[None], out, x) for x in (0.02, 0.1, 0.5)]]  # fmt: skip
    return found


@functools.cache
def runs():
    """Results of one and of several regimens, for people, over part of their courses, and as earlier versions."""
    model = ldn.Model.from_antimony(TOY)
    people = pd.DataFrame({"ke": [0.1, 0.2, 0.3]}, index=["c", "a", "b"])
    R = ldn.Regimen
    some = {
        "daily": R.every(4.5, 24, 3, cmt="A"),
        "two": R.every(4.5, 12, 6, cmt="A"),
        "late": R.single(3, at=60, cmt="A"),
    }
    how = {"rtol": 1e-9}
    one = ldn.simulate(model, some["two"], duration=80, **how)
    both = ldn.simulate(model, some, subjects=people, duration=96, **how)
    none = ldn.simulate(model.with_parameters(ke=0.3), None, duration=30, **how)
    return {"one": one, "both": both, "none": none, "part": both.isel(regimen=1, subject=[2, 0]), "few times": both.isel(
        time=slice(None, None, 6)), "single": both.astype("float32"), "turned": both.transpose("time", "subject",
        "regimen", ...), "twice": 2 * both, "cut": both.isel(time=slice(0, 5)), "inside": both.isel(
        time=slice(20, 60)), "end": both.isel(time=slice(30, None)), "begun": ldn.simulate(model,
        some["daily"], duration=5, **how)}  # fmt: skip


def read(name):
    """All windows of a result, and the numbers that take a level, with their words."""
    asked = [f"mean(C, {w})" for w in WINDOWS] + [f"cmax(tone, {w})" for w in WINDOWS[:5]]
    asked += ["at(C, 5)", "at(C, 3, last dose)", "time_above(C, 0.05)", "hours_above(tone, threshold)",
        "half_life(C)", "stretch_above(C, 0.1)", "accumulation(C)", "time_to(C, 0.9)", "auc_inf(C, 0.01)",
        "auc(C, 0, 24)"]  # fmt: skip
    ds, found = runs()[name], []
    for one in [
        *([a] for a in asked),
        None,
        ["auc(C)", "aumc(tone, night)"],
        "cmax(C)",
        ["cmax(C)", "cmax(C)"],
        [],
        "D",
    ]:
        answer = told(ldn.summarize, ds, one)
        found.append(answer)
        if hasattr(answer[0], "data_vars"):
            found.append({str(n): dict(v.attrs) for n, v in answer[0].data_vars.items()})
    return found + [
        told(ldn.summarize, ds, ["hours_above(tone, threshold)"], threshold=x) for x in (0, 0.5, 0.7, 1)
    ]


def shape(ds):
    """Axes of all that a result holds, and how its run ended."""
    return [{str(n): str(v.dims) for n, v in ds.variables.items()}, ds.status.values]


def kept():
    """What results carry: rows of marks, nodes, where they begin; in today's and in earlier forms."""
    found = []
    for ds in runs().values():
        own = told(carried, ds)[0]
        if hasattr(own, "marks"):
            found += [own.cut, own.marks, own.first, own.lead, own.row, own.shape, own.traces, own.complete,
                      own.times[:, ::7], own.values[..., ::7]]  # fmt: skip
        beside = beside_a_table(ds)
        bare = ds.drop_vars(["mark", "marks"])
        old = {str(n): ds.marks.sel(mark=n, drop=True).variable for n in ds.mark.values}
        earlier = as_now(bare.assign_coords(old))
        first = {n: v for n, v in old.items() if n != "last_dose_until"}  # as the first versions had them
        found += [beside, from_a_table(bare, beside), as_now(bare.assign_coords(first)).marks, earlier.marks,
            earlier.mark, *map(shape, (told_once(ds), of_one_run(told_once(ds)))), str(mark(ds, "no")), mark(
            bare, "x")]  # fmt: skip
        found += [mark(ds, n).values for n in ("last_dose", "interval_end")]
    return found


def named():
    """Readouts from their texts and back, with the units and words that follow."""
    texts = ["auc(Cp)", "auc(Cp, 0, 24)", "time_above(Cp, 2.0)", "cmax(Cp, first dose)", "at(Cp, 5)", "at(Cp)",
        "at(Cp, -1)", "time_above(Cp, threshold)", "time_to(Cp, 0.5)", "time_to(Cp, 1)", "time_to(Cp, 0)",
        "time_to(Cp, 1.1)", "auc(Cp, 3)", "cmax(Cp, 1, 2, 3)", "time_above(Cp, 2, 0, 24)", "tmax(Cp, 0)",
        "half_life(Cp, 0.1, whole course)", "auc()", "auc", "(Cp)", "sum(Cp)", "auc_inf(Cp, threshold)",
        "time_to(Cp, threshold)", "at(C, 2, 0, 4)"]  # fmt: skip
    found = []
    for text in texts:
        answer = told(Readout.of, text)
        found.append(answer)
        r = answer[0]
        if isinstance(r, Readout):
            found += [
                r.text,
                r.name,
                r.hour,
                r.place,
                [r.attrs({"Cp": {"units": u, "long_name": "level"}}) for u in ("mg/L", "1", "")],
            ]
    return found + [
        [unit_of(r.unit, u) for u in ("mg/L", "1", "", "x (fold of untreated)")] for r in REDUCERS.values()
    ]


def short_ones():
    """Slopes and pieces of curves with stretches of one and two nodes, and last nodes that stand several times."""
    found, half = [], curve.JUMP / 2
    ends = (0, 9), (1, 2), (0.5, 2 - half), (2, 2)
    for t in ([0, 1, 2 - half, 2, 3 - half, 3, 4, 5.5], [0, 1 - half, 1, 2 - half, 2], [0, 1, 1, 1], [0, 2, 2], [2, 2, 2],
        [0, 1, 1 + 2 * curve.JUMP]):  # fmt: skip
        t = np.array(t, float)
        v, d = np.cos(2 * t) + 2.0 + np.arange(t.size) / 7, np.empty(t.size)
        with np.errstate(all="ignore"):
            curve.slopes(t, v, d, np.empty(t.size))
        found += [d, [(curve.piece_from(t, x), curve.piece_until(t, x)) for x in np.linspace(0, t[-1], 12)],
            [curve.clipped(t, i, a, b) for i in range(t.size - 1) for a, b in ends]]  # fmt: skip
    return found


def cut_off():
    """Up to where numbers are exact that are cut off in some; whether units are kept is a matter of Xarray's release."""
    ds = runs()["both"]
    numbers = ldn.summarize(ds, ["stretch_above(C, 0.01)", "stretch_above(C, 0.1)", "cmax(C)"])
    found = [labels.exact_up_to(numbers, n, dim) for n in numbers.data_vars for dim in (None, "subject")]
    return [x.drop_attrs() for x in found] + [
        labels.meaning(v.attrs, str(n)) for n, v in numbers.data_vars.items()
    ]


CASES = {"defaults": lambda: defaults_of("readouts"), "constants": lambda: constants_of(
    "readouts"), **{f"reducer {name}": functools.partial(reduced, name) for name
    in REDUCERS}, **{f"window {w}": functools.partial(laid, w) for w in WINDOWS}, "windows named": lambda: [told(
    window_named, w) for w in (*WINDOWS, *STRANGE)], "nodes": seen, "rough": rough_ones, **{f"run {name}": functools.partial(
    read, name) for name in ("one", "both", "none", "part", "few times", "single", "turned", "twice", "cut",
    "begun")}, "kept": kept, "named": named, "cut off": cut_off,
    "short": short_ones,}  # fmt: skip
