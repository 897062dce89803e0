"""The engine of the page, as it is built, gives the numbers that the package gives."""

import importlib.util
import json
import shutil
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.readouts import readouts_of
from ldnsim.readouts.carried import carried
from ldnsim.readouts.marks import told_once
from ldnsim.readouts.windows import WINDOWS, words_in_hours
from ldnsim.units import is_pure
from ldnsim.webpage import engine_data, wasm_of

HERE = Path(__file__).parent
WORKER = HERE.parents[1] / "ldnsim" / "webpage" / "shell" / "dist" / "worker.js"
DRAWS = 20
EXACT, BAND = 1e-5, 1e-3  # of what is drawn first a thousandth of the axis cannot be seen
SMALL = 1e-3  # of the largest value: below, errors count against that

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="NO NODE: THE PAGE'S NUMBERS ARE NOT TESTED"),
    pytest.mark.skipif(
        importlib.util.find_spec("ziglang") is None, reason="NO LINKER: pip install 'ldnsim[page]'"
    ),
]


def naltrexone(dose=4.5, start=22.0, ii=24.0, form="", **more):
    return {"drug": "naltrexone", "form": form, "dose": dose, "ii": ii, "start": start, **more}


def opioid(drug, dose, ii, **more):
    return {"drug": drug, "form": "", "dose": dose, "ii": ii, "start": 0.0, **more}


FORMS = ["tablet", "solution", "slow_release", "sublingual", "cream", "iv", "injection_xr"]
TAKEN = {
    "daily": [naltrexone()],
    "standard": [naltrexone(50, 8.0)],
    "twice daily": [naltrexone(3, 9.0, 12.0)],
    "every six hours": [naltrexone(1.5, 0.0, 6.0)],
    "every other day": [naltrexone(ii=48.0)],
    "single": [naltrexone(50, 10.0, 0.0)],
    "from the third day on": [naltrexone(start=70.0, n=3)],
    "titration": [naltrexone(steps=[{"dose": 0.5, "n": 2}, {"dose": 1.5, "n": 2}, {"dose": 3.0, "n": 3}])],
    "missed": [naltrexone(missed=[2, 4])],
    "stopped": [naltrexone(missed=[5, 6])],
    "morning and evening": [naltrexone(1.0, 8.0), naltrexone(3.5, 20.0)],
    "infusion": [naltrexone(5, 6.0, form="iv", infusion=2.5)],
    **{form: [naltrexone(form=form)] for form in FORMS},
}
WITH_OPIOIDS = {
    "opioid alone": [opioid("morphine", 30, 6.0)],
    "with an opioid": [naltrexone(), opioid("oxycodone", 20, 6.0)],
    "an opioid with a clock time of its own": [naltrexone(ii=48.0), opioid("tramadol", 50, 6.0, start=8.0)],
    "after long use": [naltrexone(start=30.0), opioid("oxycodone", 20, 6.0, ss=True)],
    "after methadone": [naltrexone(50, 30.0), opioid("methadone", 60, 24.0, ss=True)],
    "endotoxin": [naltrexone(), opioid("lps", 2, 0.0, start=30.0)],
}


def asked(taken, days, outputs, n=0, **more):
    people = {"kind": "draws" if n else "nominal", "n": n}
    usual = {"overrides": {}, "precision": "double", "dt": 1.0, "all": True}
    return {"taken": taken, "days": days, "outputs": list(outputs), "people": people, **usual, **more}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """Answers requests in Node, by the worker that is shipped."""

    def answer(model, requests, n=0, **changes):
        folder = tmp_path_factory.mktemp("job")
        data = engine_data(model, n) | changes
        (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
        (folder / "model.wasm").write_bytes(wasm_of(model))
        paths = {"worker": WORKER, "data": folder / "data.json", "wasm": folder / "model.wasm"}
        job = {name: str(path) for name, path in paths.items()} | {"out": str(folder / "out.json")}
        (folder / "job.json").write_text(json.dumps(job | {"requests": requests}), encoding="utf-8")
        command = ["node", str(HERE / "engine.mjs"), str(folder / "job.json")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        answers = json.loads((folder / "out.json").read_text(encoding="utf-8"))
        assert [a.get("error") for a in answers] == [None] * len(answers)
        return [a["replies"] for a in answers]

    return answer


def regimen_of(taken, days, end):
    """The same in the terms of the package."""
    parts = []
    for k, course in enumerate(taken):
        ii, start = course["ii"], course["start"]
        until = days * 24 if k == 0 or course["drug"] == "naltrexone" else end - start
        how = {"cmt": course["cmt"]} if "cmt" in course else {"drug": course["drug"]}
        if "cmt" not in course and course["form"]:
            how["formulation"] = course["form"]
        how |= {"duration": course["infusion"]} if course.get("infusion") else {}
        if not ii:
            part = ldn.Regimen.single(course["dose"], at=start, **how)
        else:
            steps = course.get("steps") or [
                {"dose": course["dose"], "n": course.get("n") or int(-(-until // ii))}
            ]
            part, at = None, start
            for step in steps:
                more = {"ss": True} if course.get("ss") else {}
                own = ldn.Regimen.every(step["dose"], ii=ii, n=step["n"], at=at % 24, **how, **more)
                own = own.shift(hours=at - at % 24) if at >= 24 else own
                part, at = own if part is None else part + own, at + step["n"] * ii
        parts.append(part.skip(days=course["missed"]) if course.get("missed") else part)
    return sum(parts[1:], parts[0])


def simulated(model, regimen, end, outputs, n, rtol=1e-6, **how):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # opioids beside naltrexone, a run that ends before an interval does
        draws = ldn.posterior(model, n) if n else None
        how = how or {"outputs": outputs}
        return ldn.simulate(model, regimen, subjects=draws, duration=end, rtol=rtol, **how)


def off(found, wanted):
    """Largest error, against the value or a share of the largest; of a share or a fold at least of 1."""
    course = np.asarray(wanted)
    size = max(np.abs(course).max(), 1.0 if is_pure(wanted.attrs.get("units", "?")) else 1e-12)
    error = np.abs(np.array(found, dtype=float).reshape(course.shape) - course)
    return (error / (np.abs(course) + SMALL * size)).max()


def hold_together(model, replies, regimen, outputs, n):
    first, last = replies[0], replies[-1]
    ds = simulated(model, regimen, last["end"], outputs, n)
    assert np.array_equal(last["times"], ds.time)
    assert last["failed"] == 0
    for name in outputs:
        course = last["curves"][name]["every" if n else "middle"]
        assert off(course, ds[name]) <= EXACT, name
    nominal = simulated(model, regimen, last["end"], outputs, 0) if n else ds
    for name in outputs:
        assert off(first["curves"][name]["middle"], nominal[name]) <= EXACT, name
    if n:
        check_bands(last, ds, outputs)
    asked_for = [r for r in readouts_of(model) if r.name in {row["id"] for row in last["headlines"]}]
    metrics = simulated(model, regimen, last["end"], outputs, n, metrics=asked_for)
    check_headlines(model, last["headlines"], metrics)


def check_bands(reply, ds, outputs, allowed=EXACT):
    for name in outputs:
        bands = np.quantile(ds[name].values, [0.05, 0.5, 0.95], axis=ds[name].dims.index("subject"))
        spread = np.ptp(bands)
        for part, wanted in zip(("low", "middle", "high"), bands, strict=True):
            error = np.abs(np.array(reply["curves"][name][part], dtype=float) - wanted).max()
            assert error <= allowed * spread + 1e-9 * max(1.0, np.abs(bands).max()), (name, part)


def check_headlines(model, headlines, metrics):
    by_name = {r.name: r for r in readouts_of(model)}
    assert headlines
    for row in headlines:
        if row["id"] == "tmax(free)":  # of a level course any time is that of the highest value
            continue
        values = np.ravel(by_name[row["id"]].picked(metrics).values)
        found = [np.nan if row[k] is None else row[k] for k in ("low", "value", "high")]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of no draw's
            wanted = np.nanquantile(values, [0.05, 0.5, 0.95])
        if row["id"].startswith("half_life"):  # far beyond its window one is the slope of a level line
            found, wanted = np.log(2) / np.array(found), np.log(2) / wanted
        atol = 1e-8 if row["id"].startswith("half_life") else 1e-6
        np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=atol, err_msg=row["id"])


OFTEN = [
    *(TAKEN[name] for name in ("daily", "twice daily", "single", "titration", "missed", "stopped")),
    [naltrexone(0.0)],
    [naltrexone(380, 8.0, 168.0, "injection_xr")],
    [naltrexone(380, 8.0, 672.0, "injection_xr")],
    [naltrexone(), naltrexone(1.0, 8.0, 48.0)],
]


def test_numbers_say_which_part_of_the_course_they_are_of(engine):
    model, days = ldn.load_model("naltrexone_pk"), 7
    described = engine_data(model, 0)["described"]
    (first, *_) = described["readouts"]
    described["readouts"] = [first | {"id": window, "window": window} for window in WINDOWS]
    answers = engine(model, [asked(taken, days, []) for taken in OFTEN], described=described)
    for taken, replies in zip(OFTEN, answers, strict=True):
        end = replies[-1]["end"]
        ds = simulated(model, regimen_of(taken, days, end), end, ["plasma_naltrexone"], 0)
        marks = carried(told_once(ds)).marks
        assert [row["id"] for row in replies[-1]["headlines"]] == list(WINDOWS)
        for row in replies[-1]["headlines"]:
            assert row["window"] == words_in_hours(row["id"], marks), taken


def test_where_nothing_is_taken_numbers_are_of_the_last_day(engine):
    model = ldn.load_model("ldn")
    (replies,) = engine(model, [asked([], 3, ["tnf_alpha"])])
    windows = {row["id"]: row["window"] for row in replies[-1]["headlines"]}
    assert windows["change_tnf_alpha"] == "over the last 24 h"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ldn", "naltrexone_pk"])
def test_courses_and_readouts_of_every_draw(engine, name):
    model, days = ldn.load_model(name), 7
    outputs = list(model.observables)
    answers = engine(model, [asked(t, days, outputs, DRAWS) for t in TAKEN.values()], DRAWS)
    for taken, replies in zip(TAKEN.values(), answers, strict=True):
        hold_together(model, replies, regimen_of(taken, days, replies[-1]["end"]), outputs, DRAWS)


@pytest.mark.slow
def test_opioids_and_endotoxin_beside_naltrexone(engine):
    model, days = ldn.load_model("ldn"), 4
    outputs = list(model.observables)
    answers = engine(model, [asked(t, days, outputs, DRAWS) for t in WITH_OPIOIDS.values()], DRAWS)
    for taken, replies in zip(WITH_OPIOIDS.values(), answers, strict=True):
        hold_together(model, replies, regimen_of(taken, days, replies[-1]["end"]), outputs, DRAWS)
    assert "precipitate withdrawal" in answers[1][-1]["warnings"][0]


def test_scenario_condition_and_a_person_leave_the_draws_what_is_not_chosen(engine):
    model, days = ldn.load_model("ldn"), 3
    chosen = {"scenario": "in_vitro_tlr4", "condition": "crohn", "overrides": {"weight": 90.0, "ke0": 2.0}}
    outputs, taken = ["tnf_alpha", "plasma_naltrexone", "opioid_tone"], [naltrexone()]
    (replies,) = engine(model, [asked(taken, days, outputs, DRAWS, **chosen)], DRAWS)
    under = model.with_condition("crohn").with_scenario("in_vitro_tlr4").with_parameters(weight=90.0, ke0=2.0)
    ds = simulated(under, ldn.Regimen.daily(4.5, days=days, at="22:00"), replies[-1]["end"], outputs, DRAWS)
    for name in outputs:
        assert off(replies[-1]["curves"][name]["every"], ds[name]) <= EXACT, name


def test_a_structure_is_shown_by_its_own_draws(engine):
    model, days, outputs = ldn.load_model("ldn"), 3, ["endorphin", "opioid_tone"]
    (replies,) = engine(model, [asked([naltrexone()], days, outputs, 40, scenario="precursor")], 40)
    under, last = model.with_scenario("precursor"), replies[-1]
    n = int((ldn.posterior(model, 40)["structure"] == "precursor").sum())
    assert 0 < last["done"] == last["asked"] == n < 40
    assert "are of this structure" in last["warnings"][-1]
    ds = simulated(under, ldn.Regimen.daily(4.5, days=days, at="22:00"), last["end"], outputs, n)
    for name in outputs:
        assert off(last["curves"][name]["every"], ds[name]) <= EXACT, name


@pytest.mark.slow
def test_single_precision_is_good_enough_for_bands(engine):
    model, days = ldn.load_model("ldn"), 14
    outputs = list(model.observables)
    cases = [TAKEN["daily"], TAKEN["standard"], WITH_OPIOIDS["with an opioid"]]
    answers = engine(model, [asked(t, days, outputs, DRAWS, precision="single") for t in cases], DRAWS)
    for taken, replies in zip(cases, answers, strict=True):
        end = replies[-1]["end"]
        ds = simulated(model, regimen_of(taken, days, end), end, outputs, DRAWS, rtol=1e-8)
        check_bands(replies[-1], ds, outputs, BAND)


@pytest.mark.parametrize("name", ["rival_kyhl_nalmefene", "rival_mann_binding", "rival_primer_mu"])
def test_models_without_formulations_are_dosed_by_state(engine, name):
    model = ldn.load_model(name)
    into = {"drug": "", "form": "", "cmt": model.states[0], "dose": 3.0, "start": 2.0}
    cases = [[into | {"ii": 12.0}], [into | {"ii": 24.0, "infusion": 3.0}], [into | {"ii": 0.0}]]
    outputs = list(model.observables)
    answers = engine(model, [asked(t, 2, outputs) for t in cases])
    for taken, replies in zip(cases, answers, strict=True):
        hold_together(model, replies, regimen_of(taken, 2, replies[-1]["end"]), outputs, 0)


OWN = """
unit time_unit = 86400 second; unit per_day = 1 / (86400 second)
A' = -k*A + (1 + 0.5*sin(w*time)) + piecewise(2, time > 1.5, 0); B' = A - 0.3*B^1.5
A = A0; B = 0; k = 0.9; A0 = 2; w = 1; w has per_day; C := A/(A + B + 1)
"""


def test_a_model_of_ones_own_in_days_with_a_clock_and_a_jump(engine):
    model = ldn.Model.from_antimony(OWN)
    outputs, taken = (
        ["A", "B", "C"],
        [{"drug": "", "form": "", "cmt": "A", "dose": 1.0, "ii": 12.0, "start": 1.0}],
    )
    (replies,) = engine(model, [asked(taken, 4, outputs, overrides={"k": 1.3})])
    changed = model.with_parameters(k=1.3)
    hold_together(changed, replies, regimen_of(taken, 4, replies[-1]["end"]), outputs, 0)


def test_what_cannot_be_is_said_in_a_sentence(engine, tmp_path):
    model = ldn.load_model("naltrexone_pk")
    wrong = asked([naltrexone(form="nosuch")], 2, ["plasma_naltrexone"])
    with pytest.raises(AssertionError, match="formulation: must be one of"):
        engine(model, [wrong])


@pytest.mark.kind("page-too-fast", sibling="a draw that does not reach the end")
def test_a_draw_that_blows_up_is_counted_and_spoils_no_mate(engine):
    model = ldn.Model.from_antimony("A' = k*A^2 - 0.1*A; A = 1; k = 0.05; B := 2*A")
    subjects = pd.DataFrame({"k": [0.05, 0.5, 0.02, 0.01, 0.04]})  # the second reaches infinity at 2.2 h
    draws = {"columns": ["k"], "rows": subjects.to_numpy().tolist(), "structures": []}
    for precision, allowed in (("double", EXACT), ("single", BAND)):
        request = asked([], 1, ["A", "B"], 5, precision=precision)
        ((*_, last),) = engine(model, [request], draws=draws)
        assert (last["done"], last["failed"]) == (5, 1)
        assert "1 of 5 draws" in last["warnings"][0]
        with pytest.warns(ldn.SolverWarning):
            ds = ldn.simulate(model.in_hours(), None, subjects=subjects, duration=24, outputs=["A", "B"])
        kept = ds.isel(subject=[0, 2, 3, 4])
        check_bands(last, kept, ["A", "B"], allowed)


@pytest.mark.kind("edge-of-a-formula", sibling="a draw of a page")
def test_a_draw_that_comes_to_the_edge_of_a_formula_ends_alone(engine):
    model = ldn.Model.from_antimony("A' = k; B' = log(1 - A); A = 0; B = 0; k = 0.01")
    draws = {"columns": ["k"], "rows": [[0.02], [0.31], [0.01], [0.03], [0.015]], "structures": []}
    for precision in ("double", "single"):
        ((*_, last),) = engine(model, [asked([], 1, ["A"], 5, precision=precision)], draws=draws)
        assert (last["done"], last["failed"]) == (5, 1)


@pytest.mark.kind("page-too-fast", sibling="a course that nodes can be added to")
def test_a_course_that_turns_fast_is_followed(engine):
    model = ldn.Model.from_antimony("A' = w*B; B' = -w*A; A = 1; B = 0; w = 1")
    calm, fast = engine(model, [asked([], 1, ["A"], overrides={"w": w}) for w in (1.0, 40.0)])
    assert calm[-1]["warnings"] == fast[-1]["warnings"] == []
    for replies in (calm, fast):
        found = {row["id"]: row["value"] for row in replies[-1]["headlines"]}
        assert [found["cmax(A)"], found["cmin(B)"]] == pytest.approx([1, -1], rel=1e-3)


@pytest.mark.kind("page-too-fast")
def test_a_course_that_turns_too_fast_is_told_of(engine):
    model = ldn.Model.from_antimony("A' = -0.1*A; A = 1; B := A*sin(w*time); w = 1")
    (fast,) = engine(model, [asked([], 1, ["A", "B"], overrides={"w": 3e5})])
    assert "1 of 1 runs turn faster than this page can look" in fast[-1]["warnings"][0]
