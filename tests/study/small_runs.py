"""Small runs of each study."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import xarray as xr

import ldnsim as ldn
from ldnsim.study import (
    moments,
    optimise,
    patients,
    question_table,
    statement,
)

from ..ledger import told

R, LDN = ldn.Regimen, functools.cache(lambda: ldn.load_model("ldn"))
# A daily dose d gives a trough that rises and a "tone" that is best at one dose, in closed form.
TEXT = """
model window()
  A' = -0.1*A; A = 0; best = 3; width = 1
  opioid_tone := 1 + exp(-(A - best)^2/width)
  endorphin := A
  plasma_naltrexone := A
end
"""
RULE = "from 1.5 mg raise by 1.5 mg each 3 days to 4.5 mg unless {} {} {} {}; {}"


@functools.cache
def window():
    """A model in which a dose has a closed form, with the readouts of the shipped one that it can give."""
    model = ldn.Model.from_antimony(TEXT)
    table = LDN().readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


def claimed():
    """Claims of every kind, with few draws, and the runs that they rest on."""
    some = [
        "transient",
        "endorphin_up",
        "rebound_missed",
        "il6",
        "trial_size",
        "above_usual",
        "stop_days",
        "filamin",
        "restart",
    ]
    known = [c.id for c in statement.statements_of(LDN()).claims]
    table = ldn.claims(LDN(), only=[s for s in some if s in known], draws=6)
    table = table.drop(columns="deciding")
    return [table, table.attrs, told(ldn.claims, LDN(), only=["no"]), told(ldn.claims, window()),
            told(question_table.questions, LDN(), table)]  # fmt: skip


def told_file():
    """The file of claims as it is read: all fields, rules and regimens."""
    s = statement.statements_of(LDN())
    values = np.array([-1.0, 0.0, 0.1, 1.0, 2.0, 4.0, 6.0, 24.0, np.nan, np.inf])
    found = [[c, c.is_met(values) if not c.outside else ""] for c in s.claims]
    return [*found, {k: [v.label, v.after, v.regimen.to_records()] for k, v in s.regimens.items()}]


def waited():
    """Waits in either order, with what is usual and with other intervals, few draws and many."""
    found = []
    for how in ({"drug": "oxycodone", "dose": 20, "days": 5}, {"drug": "fentanyl", "dose": 3.6, "days": 6},
                {"drug": "morphine", "dose": 4.5, "days": 3, "direction": "ldn_to_opioid"},
                {"drug": "morphine", "dose": 30, "days": 2, "ii": 24, "first_dose": 1.5},
                {"drug": "tramadol", "dose": 50, "days": 2, "ii": 18, "direction": "ldn_to_opioid"}):  # fmt: skip
        ds = ldn.washout(LDN(), **how, draws=3)
        kept = ds.drop_vars([n for n in ("gap", "tolerated", "dose_ratio") if n in ds])
        found += [
            kept,
            *(
                ds[n].isel(after=slice(None, None, 160))
                for n in ("gap", "tolerated", "dose_ratio")
                if n in ds
            ),
        ]
        found.append(
            {
                k: ds.attrs.get(k, "")
                for k in ("ii", "label_days", "inside_label", "first_dose", "draws", "decided_by_assumed")
            }
        )
    return found


def searched():
    """Doses for targets of every kind, of draws and of nominal values."""
    model = LDN()
    asked = (("hours_blocked_peripheral", (4, 6), {"days": 2, "draws": 20, "at": "22:00"}), ("cmax naltrexone",
        2.0, {"days": 1, "draws": 3}), ("cmax naltrexone", (1, 2), {"days": 1, "draws": None, "between": (1, 2)}),
        ("hours_blocked_peripheral", 23.9, {"days": 1, "draws": None, "between": (0.1, 1)}), ("mean(il6)", 0.9,
        {"days": 1, "draws": None, "ii": 12}), ("hours_blocked_peripheral", 25, {}), ("hours_blocked_peripheral",
        -1, {}), ("cmax", 1, {"draws": 2}), ("cmax naltrexone", (2, 1), {}),)  # fmt: skip
    found = []
    for metric, target, how in asked:
        answer = told(ldn.dose_for, model, metric, target, **how)
        found.append(answer)
        if isinstance(answer[0], pd.DataFrame):
            found.append(
                {
                    k: answer[0].attrs.get(k, "")
                    for k in ("best_dose", "best_share", "units", "meaning", "draws", "days")
                }
            )
    return found


def moments_of():
    """Levels after doses and at clock times, of one drug among several."""
    model, found = LDN(), []
    both = R.daily(4.5, 2, at="22:00") + R.every(20, 6, 8, drug="oxycodone", at=1)
    for regimen, how in (("3 mg sublingual", {"after": 2}), ("4.5 mg at 22:00 for 2 days", {"clock": "02:00"}),
        ("4.5 mg nightly", {"after": 1, "days": 2}), ("4.5 mg nightly", {"after": 1}), (both, {"after": 3,
        "drug": "oxycodone"}), (both, {"clock": "22:00"}), (both, {"after": 3, "drug": "x"}), (R(), {"after": 1}),
        ("3 mg", {}), ("3 mg", {"after": 1, "clock": "02:00"}), ("3 mg at 8", {"after": -1}), ("3 mg", {"after": 2,
        "draws": None})):  # fmt: skip
        answer = told(
            ldn.level_at, model, regimen, **({"draws": 3, "outputs": ["plasma_naltrexone", "il6"]} | how)
        )
        found.append(answer)
        if isinstance(answer[0], pd.DataFrame):
            found.append([answer[0].attrs[name] for name in ("time", "after", "since", "draws")])
        else:
            found.append("")
    return found + [
        moments._since(last, None, clock)
        for last in (22.0, 24.0, 45.9999999999, 46.0000000001)
        for clock in ("22:00", "00:00", "21:59")
    ]


def listened():
    """Titrations that listen, replayed and spoilt, and such that do not."""
    model, found = LDN(), []
    people = ldn.population(model, 3, seed=7)
    for reads in (
        ("max", "withdrawal", ">", 0.02, "hold"),
        ("mean", "il6", "<", 0.9, "step back"),
        ("min", "opioid_tone", "<", 0.8, "stop"),
    ):
        ds = ldn.titrate(model, RULE.format(*reads), days=6, subjects=people)
        found += [
            ds.dose,
            ds.reading,
            ds.isel(time=slice(None, None, 30)).drop_vars(["mark", "marks"], errors="ignore")[[reads[1]]],
        ]
    rule = RULE.format("max", "withdrawal", ">", 0.02, "hold")
    ds = ldn.titrate(model, rule, days=6, subjects=people)
    other = ds.copy(deep=True)
    other.dose.values[0, -1] += 0.5
    one = ldn.titrate(model, rule, days=3, subjects=people[:1])
    found += [
        ldn.replay(model, rule, ds, people),
        ldn.replay(model, rule, other, people),
        ldn.replay(model, rule, one, people[:1]),
    ]
    found += [
        told(ldn.replay, model, rule, ds, people[:2]),
        told(ldn.titrate, model, rule, days=2, subjects=people),
        told(ldn.titrate, model, rule, days=6, subjects=people[:0]),
    ]
    return [
        *found,
        ldn.titrations(model, {"a": [(1.5, 2), (4.5, 2)], "b": [(4.5, 2)]}, draws=3, at=8),
        told(ldn.titrations, model, {}),
    ]


def trials():
    """Virtual trials of each design, with dropout and carried baselines, of pain and of a fold."""
    model, small = LDN(), {"trials": 60, "worlds": 2, "patients": 2}
    arms = {"low": "1.5 mg nightly", "none": None, "high": "4.5 mg nightly"}
    asked = ({}, {"arms": arms, "n": 31, "weeks": 1}, {"arms": arms, "n": 30, "weeks": {"low": 1, "none": 2,
        "high": 1}, "design": "crossover", "order": "given", "washout": 1}, {"weeks": 1, "design": "crossover",
        "n": 9, "dropout": 0.3, "analysis": "carried"}, {"weeks": 1, "endpoint": "il6", "sd": 20.0, "alpha": 0.3,
        "seed": 4}, {"weeks": 1, "design": "crossover", "order": "placebo first", "n": 11, "sd": 0.4, "dropout": 0.2},
        {"order": "given"}, {"washout": 1}, {"weeks": 3 / 7}, {"weeks": 0.43, "n": 4}, {"weeks": {"a": 1}}, {
        "arms": arms, "n": 5}, {"dropout": 1}, {"alpha": 1}, {"alpha": 0}, {"sd": -1},)  # fmt: skip
    found = []
    for how in asked:
        ds = told(ldn.virtual_trial, model, **({"weeks": 1} | how | small))
        found += [ds, ds[0].attrs["reference"], ds[0].attrs["sd"]] if isinstance(ds[0], xr.Dataset) else [ds]
    return [
        *found,
        told(ldn.published_trials, model, trials=20, worlds=2, patients=2),
        patients.worlds_of(model, 2, 3, 1),
    ]


def best_ones():
    """Optima and fronts of a closed form, with constraints, choices and draws, and what is said of bounds."""
    few = {"days": 2, "cmt": "A", "candidates": 6, "generations": 2, "progress": False}
    draws = pd.DataFrame({"best": [2.0, 3.0, 4.0], "width": [1.0, 2.0, 1.0]})
    asked = (({"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, {"constraints": {"cmax naltrexone": (None, 2.0)},
        "seed": 1}), ({"cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, {}), ({"rebound_auc": "max"}, {"dose": (
        0.1, 10.0), "ii": [12, 24]}, {"draws": draws}), ({"rebound_auc": "max"}, {"dose": (0.1, 10.0)}, {"draws":
        draws, "robust": 0.2, "constraints": {"cmax naltrexone": (1.0, 5.0)}}), ({"cmax naltrexone": "min",
        "auc naltrexone": "max"}, {"dose": (0.5, 8.0), "ii": (6.0, 48.0)}, {"candidates": 10}), ({
        "cmax naltrexone": "max"}, {"dose": (0.1, 10.0)}, {"constraints": {"cmax naltrexone": (50.0, None)}}), (
        {"cmax naltrexone": "max"}, {"dose": (0.1, 1.0)}, {"robust": 0.1}), ({"cmax naltrexone": "up"}, {"dose": (
        0.1, 1.0)}, {}), ({}, {"dose": (0.1, 1.0)}, {}), ({"cmax naltrexone": "max"}, {"dose": (1.0, 1.0)}, {}),
        ({"cmax naltrexone": "max"}, {"at": ("20:00", 30), "dose": [1.0, 2.0]}, {}), ({"cmax naltrexone": "max"}, {
        "dose": (0.1, 1.0)}, {"robust": "median", "draws": draws}), ({"cmax naltrexone": "max"}, {"dose": (0.1, 1.0)}, {
        "robust": 1.0, "draws": draws}), ({"cmax naltrexone": "max"}, {"dose": [1.0]}, {}),)  # fmt: skip
    found = []
    for goals, over, how in asked:
        answer = told(ldn.optimize, window(), goals, over, **(few | how))
        if isinstance(answer[0], optimise.Optimum):
            o = answer[0]
            answer = [
                len(o.regimens) > 1,
                o.table.attrs,
                list(o.table),
                o.candidates.shape,
                o.best.tolist() if len(o.regimens) == 1 else "",
            ]
        found.append(answer)
    return found
