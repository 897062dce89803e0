"""Simulations for the ledger: doses of every kind lowered, options one by one, and the parts that lay out a run."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pandas as pd

import ldnsim as ldn
from ldnsim.readouts import Readout
from ldnsim.simulation import (
    alignment,
    dosing,
    drugs,
    inputs,
    noise,
    observed,
    plan,
    request,
    steady,
)
from ldnsim.simulation.tangent import TangentModel, tangents

from ..ledger import constants_of, defaults_of, told
from .directions import breaks, cohorts, doses, under_drugs
from .laid_out import PEOPLE, TIGHT, R, laid_out, split, timelines, toy

OWN = """
model own()
  G' = -ka*G; A' = ka*G - CL/V*A; G = 0; A = 0.5; ka = 1; CL = 2; V = 10; F1 = 0.8; D_A = 1.5
  R_G = 4; WT = 70; on := A*WT/70
end
"""  # fmt: skip


@functools.cache
def own():
    """A model with parameters that doses read."""
    return ldn.Model.from_antimony(OWN)


def rows(*records):
    """A regimen of records into the gut unless they say otherwise."""
    return R.from_records([{"cmt": "G", "time": 0, "amt": 0, **r} for r in records])


DOSED = {"train": rows({"amt": 3, "ii": 12, "addl": 3}, {"time": 13, "amt": 2, "cmt": "A"}), "infusions": rows({
    "amt": 3, "rate": 1.5}, {"time": 1, "amt": 4, "rate": 2, "cmt": "A", "F": 0.5}), "modelled": rows({"amt": 3,
    "rate": -2, "cmt": "A"}, {"time": 5, "amt": 4, "rate": -1}), "columns": rows({"amt": 3, "dur": 2.0}, {"time": 6,
    "amt": 4, "rat": 2.0, "rate": -1}), "lags": rows({"amt": 3, "lag": 0.5, "ii": 8, "addl": 2}, {"time": 7,
    "amt": 1, "lag": 2, "F": 2}), "resets": rows({"amt": 3, "ii": 6, "addl": 9}, {"time": 13, "evid": 3}, {
    "time": 14, "evid": 4, "amt": 2, "rate": 1}), "steady": rows({"amt": 3, "ss": 1, "ii": 12, "addl": 1}, {
    "time": 20, "amt": 5}), "steady added": rows({"amt": 3}, {"time": 6, "amt": 2, "ss": 2, "ii": 8, "addl": 1}),
    "steady infusion": rows({"amt": 3, "ss": 1, "ii": 12, "rate": 2}, {"time": 9, "amt": 1}),
    "constant infusion": rows({"amt": 0, "rate": 2, "ss": 1, "cmt": "A"}, {"time": 3, "amt": 1}),
    "long steady infusion": rows({"amt": 30, "ss": 1, "ii": 12, "rate": 2}), "covariates": rows({"amt": 3, "CL": 2,
    "WT": 70}, {"time": 4, "evid": 2, "CL": 3, "WT": 80}, {"time": 9, "amt": 1, "CL": 1}), "steady lag": R.every(
    3, 12, 3, at=5, ss=True, cmt="G", lag=1), "by number": rows({"amt": 3, "cmt": 2}, {"time": 2, "amt": 1,
    "cmt": 1}), "placebo": rows({"amt": 0, "evid": 1, "ii": 24, "addl": 2}), "missed": R.every(3, 12, 6, cmt="G").skip(
    [2]), "at once": rows({"amt": 3}, {"amt": 2}, {"amt": 1, "cmt": "A", "rate": 1}), "late": rows({"time": 30,
    "amt": 1}),}  # fmt: skip


def dosed(name):
    """Events of a regimen as the engine gets them, and its course for people who differ."""
    regimen, found = DOSED[name], []
    given = plan.program(own())
    values = np.repeat(own().values[None], 3, axis=0) * np.array([[1.0], [1.1], [0.8]])
    for in_order in (False, True):
        found.append(told(dosing.events, given, own(), [regimen], values, in_order))
    people = pd.DataFrame({"CL": [2.0, 3.0, 1.0], "D_A": [1.5, 1.0, 2.0]})
    how = {"times": [0, 0.5, 1, 3, 6, 9, 13, 14, 20, 31], "outputs": ["G", "A", "on"], **TIGHT}
    found += [
        told(ldn.simulate, own(), regimen, **how),
        told(ldn.simulate, own(), regimen, subjects=people, **how),
    ]
    return [*found, inputs.may_infuse(regimen, plan.formulations_of(own()))]


def asked():
    """Every option of a run, and every combination of axes, with nodes thinned."""
    week, one = R.every(4.5, 24, 3, cmt="A", at="22:00"), R.single(2, cmt="A")
    both = {"week": week, "one": one, "none": None}
    two = {"x": toy(), "y": toy().with_parameters(ke=0.4)}
    few = {"times": [0, 22.5, 30, 47, 94]}
    found = []
    for model, regimen, how in ((toy(), week, {"every": 20}), (toy(), both, few), (two, both, few | {"subjects":
        PEOPLE}),
        ({"x": toy()}, both, few), (two, {"week": week}, few), (toy(), {"week": week}, few), (toy(), week,
        few | {"subjects": PEOPLE[:1]}), (toy(), week, {"duration": 30, "every": 7}), (
        toy(), week, few | {"outputs": ["endorphin", "A"]}), (toy(), week, few | {"dtype": "float32"}), (toy(),
        both, {"metrics": ["cmax", "auc(C)", "tmax(endorphin)"]}), (toy(), both, {"metrics": ["cmax"],
        "subjects": PEOPLE, "duration": 96}), (toy(), None, {"duration": 5, "every": 2}), (toy(), None, {}), (
        toy(), week, {"times": [3, 1]}), (toy(), week, {"times": [-1]}), (toy(), week, {"times": [1], "duration": 0.5}),
        (toy(), week, {"every": 0}), (toy(), week, {"times": [3, 5],
        "duration": 5}), (toy(), week, {"every": 1e-9}), (toy(), week, {"duration": -1}), (toy(),
        week, {"max_steps": 3, **few}), (toy(), week, {"method": "LSODA", **few}), (toy(), week, {"outputs": [
        "odd"]}), (toy(), week, {"outputs": []}), (toy(), {}, {}), (toy(), week, {"subjects": PEOPLE[:0]}), (toy(
        ), week, {"subjects": PEOPLE.assign(odd=1)}), (toy(), week, {"subjects": PEOPLE.assign(ke=-1.0)}), (toy(
        ), week, {"residual": True}), (toy(), week, {"seed": 3, **few}), (toy(), week, {"atol": 1e-9, **few}), (
        toy(), week, {"rtol": 1}), (toy(), week, {"threads": 0}), (toy(), week, {"times": "records"}), (ldn.load_model(
        "ldn"), R.every(20, 6, 4, drug="oxycodone") + R.single(4.5), {"times": [3, 20], "outputs": [
        "opioid_stimulus", "plasma_naltrexone"]}), (ldn.load_model("ldn"), "4.5 mg sublingual + 3 mg cream", {
        "times": [3, 20], "outputs": ["plasma_naltrexone"]}), (ldn.load_model("ldn"), R.single(2000), {"times": [
        3], "outputs": ["il6"]}),):  # fmt: skip
        answer = told(ldn.simulate, model, regimen, **(TIGHT | how if "rtol" not in how else how))
        ds = answer[0]
        if hasattr(ds, "data_vars"):
            kept = ds.drop_vars([n for n in ("last_interval", "node_time", "trace") if n in ds.variables])
            answer = [
                kept,
                answer[1],
                ds.sizes.get("node", 0),
                np.nanmean(ds.last_interval) if "last_interval" in ds else "",
                np.nanmean(ds.node_time) if "node_time" in ds else "",
            ]
            answer += [ds.attrs.get(k, "") for k in ("seed", "scenario", "condition", "draws")]
        found.append(answer)
    return found


def repeated():
    """States that come back, for regimens with a period and without, and what is read of their cycle."""
    found = []
    for regimen in (R.every(3, 12, 4, cmt="A"), R.daily(3, 5, cmt="A", at=8), R.every(3, 12, 4, cmt="A") + R.every(
        1, 24, 2, cmt="A", at=5), R.every(3, 24, 3, cmt="A", duration=4.0), None, R.single(3, cmt="A"), R.every(
        3, 12, 2, cmt="A", lag=3), R.every(3, 12, 2, cmt="A", lag=3, ss=True), R.every(3, 24, 3, cmt="A", duration=24.0),
        R.every(3, 24, 3, cmt="A", duration=30.0)):  # fmt: skip
        ds = told(ldn.steady_state, toy(), regimen, **TIGHT)
        found.append(
            [
                ds[0]
                .isel(time=slice(None, None, 20))
                .drop_vars([n for n in ("last_interval", "node_time", "trace") if n in ds[0].variables]),
                ds[1],
                ldn.summarize(ds[0], ["auc(C)", "cmax(A)"]),
            ]
            if hasattr(ds[0], "data_vars")
            else ds
        )
        for period in (24.0, 12.0):
            found += [
                told(steady.doses_of_a_period, regimen, period),
                told(steady.window_of_a_cycle, regimen, period),
            ]
    return [
        *found,
        told(ldn.steady_state, toy(), R.every(3, 12, 4, cmt="A"), subjects=PEOPLE, **TIGHT)[0].C[..., ::40],
    ]


def scattered():
    """Residual error on what was simulated, records in their order, doses that differ by a delay."""
    ds = ldn.simulate(
        toy(),
        {"a": R.single(2, cmt="A"), "b": None},
        subjects=PEOPLE,
        times=[1.0, 2, 5],
        outputs=["A", "C"],
        **TIGHT,
    )
    found = [
        noise.scattered(ds, {"C": sd, "x": {"additive": 1}}, 5)[["C"]]
        for sd in (
            {"additive": 0.1},
            {"proportional": 0.2},
            {"additive": 0.1, "proportional": 0.2},
            {"additive": 0.1, "proportional": 0.2, "summed": 1},
            {"lognormal": 0.3},
        )
    ]
    found += [
        noise.scattered(ds.isel(subject=0, drop=True), {"C": {"additive": 0.1}}, 5)[["C"]],
        told(noise.scattered, ds, {"x": {}}, 1),
    ]
    found += [
        told(noise.errors_of, flag, PEOPLE, {"store": s}) for flag in (True, False, 1) for s in (True, False)
    ]
    seen = rows(
        {"time": 0, "amt": 3},
        {"time": 2, "evid": 0},
        {"time": 5, "evid": 0},
        {"time": 5, "amt": 2},
        {"time": 5, "evid": 0},
        {"time": 9, "evid": 0},
    )
    other = rows(
        {"time": 2, "evid": 0}, {"time": 5, "evid": 0}, {"time": 5, "evid": 0}, {"time": 9, "evid": 0}
    )
    found += [
        told(observed.Observed.of, some)
        for some in ([seen], [seen, other], [None], [seen, rows({"time": 1, "evid": 0})])
    ]
    found += [
        told(ldn.simulate, own(), r, times="records", outputs=["G", "A"], **TIGHT)
        for r in (seen, {"a": seen, "b": other})
    ]
    late = {f"{k}": R.every(3, 12, 3, cmt="G", at=4 + k, lag=0.0) for k in (0, 1)}
    people = pd.DataFrame({"CL": np.linspace(1, 3, 17)})
    found += [ldn.simulate(own(), late, subjects=people, times=[5, 20, 40], outputs=["A"], **TIGHT)]
    return found


def moved():
    """Slopes of courses by parameters, of doses that enter in every way."""
    found = []
    for name in ("train", "infusions", "modelled", "lags", "steady", "covariates", "columns"):
        for parameter in (["CL"], ["D_A", "ka"]):
            found.append(told(lambda n=name, p=parameter: _slopes(DOSED[n], p)))
    return found


def _slopes(regimen, names):
    tangent = TangentModel.around(own())
    table = pd.DataFrame(np.tile(own().values, (len(names), 1)), columns=list(own().parameter_ids))
    for k, name in enumerate(names):
        table[tangent.companion[name]] = np.eye(len(names))[:, k]
    return tangents(
        tangent,
        regimen,
        table,
        ("A",),
        np.array([1.0, 5.0, 12.5]),
        ("A",),
        (Readout("A", "cmax"),),
        13.0,
        1e-8,
        None,
    )


def named():
    """Names of drugs, models and subjects as they are asked for, and what is said of them."""
    model, found = ldn.load_model("ldn"), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for regimen in (
            None,
            R.single(3),
            R.single(3, drug="oxycodone"),
            R.single(3, drug="oxycodone") + R.single(1),
            R.single(3, cmt="A"),
            R.single(3, drug="fentanyl") + R.single(1, drug="morphine", at=3),
        ):
            found += [
                told(drugs.drug_of, model, regimen),
                told(drugs.warn_of_opioid, model, [regimen]),
                told(drugs.warn_of_dose, [regimen]),
            ]
    found += [
        drugs.opioids(model),
        drugs.habitual(model),
        [
            drugs.values_under(model, d, model.values[None]).sum()
            for d in ("naltrexone", "oxycodone", "", "lps")
        ],
        drugs.settings_of(model),
    ]
    found += [told(drugs.warn_of_dose, [R.single(x)]) for x in (50, 100, 150, 200, 380, 400, 1000)]
    for table in (
        None,
        PEOPLE,
        PEOPLE.reset_index(drop=True),
        PEOPLE.assign(ke=[0.1, np.nan, 1]),
        PEOPLE.assign(ke="x"),
        PEOPLE[["ka"]],
        pd.DataFrame({"structure": ["a"]}),
    ):
        who = told(request.Subjects, table, [toy()])
        found.append(
            [
                len(who[0]),
                who[0].numbers,
                who[0].given,
                who[0].ranges,
                who[0].drawn,
                who[0].draws,
                who[0].values(toy(), slice(0, 2)),
            ]
            if isinstance(who[0], request.Subjects)
            else who
        )
    lots = ldn.Model.from_antimony("x' = 1; x = 0; E1: at x > 1, priority = 1: x = 0; E2: at x > 1, priority = 1: x = 0.5")
    drawn = PEOPLE.copy()
    drawn.attrs["seed"] = 7
    for models in ([toy()], [lots], [toy(), lots]):
        for table in (PEOPLE, drawn):
            who = request.Subjects(table, [toy()])
            found += [told(request.seed_of, s, models, who, noisy) for s in (None, 0, 3, -1, 1.5) for noisy in (True, False)]
    for labels in (["a", "b", "b"], [2, 1, "1"], ["x", "LDN", "LDN "], [True, 1, 2], ["a", " a", "b"], [1, 2.0, 2]):
        found.append(told(lambda own=labels: request.Axis("subjects", own, True).array))
    found += [told(request.outputs_of, o, (), toy()) for o in (None, ("A",), ("A", "A"), ("odd",), ())] + [
        told(request.named, "outputs", x) for x in ("A", ["A", "B"], [], 3, ["A", 3])
    ]
    found += [told(request.check_numbers, t, r) for t in (None, 0, 1) for r in (1e-14, 1e-13, 0.1, 0.2)] + [
        request.beside("kee", ["ke", "ka"]),
        alignment.AT_REST,
        request.output_ids(toy()),
    ]
    return found


def again():
    """A result run once more, by itself and as another."""
    ds = ldn.simulate(toy(), R.every(2, 12, 2, cmt="A"), subjects=PEOPLE, times=[1.0, 5, 20], **TIGHT)
    return [
        told(lambda: ldn.rerun(ds, model=toy(), subjects=PEOPLE)[["C"]]),
        told(lambda: ldn.rerun(ds)),
        told(lambda: ldn.rerun(ds * 1.001, model=toy(), subjects=PEOPLE)[["C"]]),
    ]


def minutes():
    """Doses of a model that counts in minutes, at rates and lengths of its own, which may be none."""
    text = "unit time_unit = 60 second; A' = -k*A; A = 0; k = 0.02; R_A = 0.05; D_A = 90"
    model, found = ldn.Model.from_antimony(text).in_hours(), []
    for rate in (-1, -2, 2.0):
        regimen = rows({"amt": 3, "rate": rate, "cmt": "A"}, {"time": 4, "amt": 1, "cmt": "A", "lag": 0.5})
        for one in (model, model.with_parameters(R_A=0), model.with_parameters(D_A=0)):
            found.append(told(ldn.simulate, one, regimen, times=[0.5, 1, 2, 4.6], **TIGHT))
    text = "unit ug = 1e-6 gram; substanceOnly species S; S has ug; S = 1; J: S -> ; 0.1*S"
    return [*found, told(inputs.check_routes, ldn.Model.from_antimony(text), [R.single(3, cmt="S"), None])]


CASES = {"defaults": lambda: defaults_of("simulation"), "constants": lambda: constants_of(
    "simulation"), **{f"doses {name}": functools.partial(dosed, name) for name in
    DOSED}, "asked": asked, "laid out": laid_out, "split": split, "timelines": timelines, "repeated": repeated,
    "scattered": scattered, "moved": moved, "named": named, "again": again, "doses along": doses,
    "breaks along": breaks, "under drugs": under_drugs, "periods": lambda: cohorts(own()), "minutes": minutes,}  # fmt: skip
