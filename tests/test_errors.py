"""Numbers are told from what only looks like them: True, dates, spans of time, complex and masked values."""

import datetime as dt
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.errors import a_path, bad, finite, instance, positive, reals, unknown, whole
from ldnsim.numeric import as_number

SPANS = np.array([1, 2], "timedelta64[ns]")
OTHERS = {
    "spans": SPANS,
    "spans in days": np.array([1, 2], "timedelta64[D]"),
    "spans of pandas": pd.to_timedelta([1, 2], unit="h"),
    "spans of Python": [dt.timedelta(hours=1), dt.timedelta(hours=2)],
    "dates": pd.date_range("2024", periods=2),
    "masked": np.ma.array([1.0, 2.0], mask=[0, 1]),
    "complex": np.array([1 + 0j, 2 + 1j]),
    "complex in a list": [1.0, 2 + 1j],
    "true and false": np.array([True, False]),
    "true in a list": [1.0, True],
    "text": ["1", "2"],
    "missing": pd.array([1, None], dtype="Int64"),
    "lists": [[1.0], [2.0]],
    "nothing": [],
}


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.mark.kind("numbers-of-another-kind")
@pytest.mark.parametrize("values", OTHERS.values(), ids=OTHERS)
def test_lists_of_numbers_hold_numbers(model, values):
    with pytest.raises(ldn.InputError, match=r"^times=.*: must be a list of finite numbers"):
        reals("times", values)
    with pytest.raises(ldn.InputError, match=r"^times="):
        ldn.simulate(model, None, times=values)


TABLES = {k: v for k, v in OTHERS.items() if k not in ("nothing", "lists", "masked")}


@pytest.mark.kind("numbers-of-another-kind", sibling="A column of a table of subjects")
@pytest.mark.parametrize("values", TABLES.values(), ids=TABLES)
def test_a_table_of_subjects_holds_numbers(model, values):
    for column in (values, pd.Series(values, dtype=object)):
        with pytest.raises(ldn.InputError, match=r"^subjects"):
            ldn.simulate(
                model, ldn.Regimen.single(4.5), subjects=pd.DataFrame({"weight": column}), duration=1
            )


@pytest.mark.kind("numbers-of-another-kind", sibling="A covariate of a population")
@pytest.mark.parametrize("values", OTHERS.values(), ids=OTHERS)
def test_covariates_are_numbers(model, values):
    with pytest.raises(ldn.InputError, match=r"^covariates"):
        ldn.population(model, 2, covariates={"weight": values})


SINGLE = {
    "a span": SPANS[0],
    "a span of pandas": pd.Timedelta("1h"),
    "a span of Python": dt.timedelta(hours=1),
    "a date": np.datetime64("2024-01-01"),
    "a masked value": np.ma.masked,
    "a complex number": 1 + 1j,
    "true": True,
    "true of NumPy": np.True_,
    "an array of true": np.array(True),
    "a list": [1.0],
    "nothing": None,
    "beyond all floats": 10**400,
}
DOORS = {
    "every": lambda m, x: ldn.simulate(m, None, duration=2, every=x),
    "duration": lambda m, x: ldn.simulate(m, None, duration=x),
    "rtol": lambda m, x: ldn.simulate(m, None, duration=2, rtol=x),
    "max_steps": lambda m, x: ldn.simulate(m, None, duration=2, max_steps=x),
    "atol": lambda m, x: ldn.simulate(m, None, duration=2, atol=x),
    "dose": lambda m, x: ldn.Regimen.single(x),
    "at": lambda m, x: ldn.Regimen.single(1, at=x),
    "ii": lambda m, x: ldn.Regimen.every(1, ii=x, n=2),
    "n": lambda m, x: ldn.Regimen.every(1, ii=24, n=x),
    "days": lambda m, x: ldn.Regimen.daily(1, days=x),
    "rate": lambda m, x: ldn.Regimen.single(1, rate=x),
    "lag": lambda m, x: ldn.Regimen.single(1, lag=x),
    "F": lambda m, x: ldn.Regimen.single(1, F=x),
    "hours": lambda m, x: ldn.Regimen.single(1).shift(x),
    "ke0": lambda m, x: m.with_parameters(ke0=x),
    "threshold": lambda m, x: ldn.summarize(ldn.simulate(m, None, duration=24), threshold=x),
    "seed": lambda m, x: ldn.population(m, 2, seed=x),
    "over": lambda m, x: ldn.sweep(m, {"ke0": [0.5, x]}, dose=1, days=1),
    "dose ": lambda m, x: ldn.sweep(m, {"dose": [0.5, x]}, days=1),
}
ALLOWED = {(door, "nothing") for door in ("duration", "atol", "rate", "dose ")} | {("atol", "a list")}
PAIRS = [(door, kind) for door in DOORS for kind in SINGLE if (door, kind) not in ALLOWED]


@pytest.mark.kind(
    "numbers-of-another-kind", sibling="A single number: a dose, a step, a tolerance, a parameter"
)
@pytest.mark.parametrize(("door", "kind"), PAIRS)
def test_a_number_is_a_number(model, door, kind):
    with pytest.raises(ldn.InputError, match=door.strip()):
        DOORS[door](model, SINGLE[kind])


def test_numbers_of_any_type_are_taken():
    for three in (3, 3.0, np.int8(3), np.float32(3), np.array(3), Decimal(3), Fraction(6, 2)):
        assert as_number(three) == finite("x", three) == positive("x", three) == whole("x", three) == 3
        assert type(whole("x", three)) is int
    for values in ((1, 2), range(1, 3), np.array([1, 2], "uint8"), pd.Series([1.0, 2.0]), pd.Index([1, 2])):
        np.testing.assert_array_equal(reals("x", values), [1.0, 2.0])


def test_messages_are_one_line_of_bearable_length():
    text = str(bad("x", list(range(100_000)), "must be one number"))
    assert len(text) < 300
    assert text.startswith("x=[0, 1, 2,")
    assert "\n" not in str(bad("x", np.eye(9), "must be one number"))
    with pytest.raises(ldn.InputError, match="x='ndarray': must be a Model"):
        instance("x", np.array(5), ldn.Model, "a Model")
    with pytest.raises(ldn.InputError, match="x='ndarray of 2': must be a Model"):
        instance("x", np.array([1, 2]), ldn.Model, "a Model")


def test_a_name_too_long_for_a_path_is_refused_in_short():
    for use in (lambda name: a_path("path", name), ldn.load_model, ldn.Regimen.from_records):
        with pytest.raises(ldn.InputError, match="is too long for a path") as caught:
            use("a" * 100_000)
        assert len(str(caught.value)) < 400


def test_an_unknown_name_is_shown_in_short():
    with pytest.raises(ldn.UnknownNameError) as caught:
        ldn.load_model("ldn").with_parameters(**{"a" * 100_000: 1.0})
    assert len(str(caught.value)) < 800


def test_of_many_names_the_nearest_are_listed_and_what_lists_all():
    names = [f"other_{k}" for k in range(30)] + ["endorphin", "endorphin_brain"]
    told = str(unknown("outputs", "endorfin_bran", names, listing="model.outputs"))
    assert "did you mean 'endorphin_brain' or 'endorphin'" in told
    assert told.endswith("? (model.outputs lists all 32)")


def test_of_many_names_none_of_them_near_the_most_alike_are_told_and_what_lists_all():
    told = str(unknown("outputs", "zzz", [f"other_{k}" for k in range(30)], listing="model.outputs"))
    assert told.count("other_") == 6
    assert told.endswith(" and 24 more, which model.outputs lists)")
    assert str(unknown("outputs", "zzz", [f"other_{k}" for k in range(30)])).endswith(" and 24 more)")


def test_a_misspelt_metric_of_a_command_is_refused_before_anything_is_solved(capsys, monkeypatch):
    monkeypatch.setattr(ldn, "simulate", None)
    assert cli.run(["simulate", "4.5 mg", "--metric", "opioid_efect_left"]) == 2
    told = capsys.readouterr().err
    assert "metric='opioid_efect_left': no such name; did you mean 'opioid_effect_left'" in told
    assert "`ldnsim models NAME --metrics` lists" in told


def inconsistent_units():
    units = "unit mg_ = 1e-3 gram; unit h_ = 3600 second; A has mg_; k has mg_; time_unit = h_"
    ldn.Model.from_antimony(f"{units}; A' = -k*A; A = 1; k = 2")


def seed_without_effect():
    model = ldn.Model.from_antimony("A' = -A; A = 1")
    ldn.simulate(model, None, times=[1.0], seed=3)


BLOWS_UP = "A' = k*A*A; A = 1; k = 1"


def trajectory_that_fails():
    ldn.simulate(ldn.Model.from_antimony(BLOWS_UP), None, times=[0.5, 3.0])


def trajectory_that_fails_in_a_sweep():
    ldn.sweep(ldn.Model.from_antimony(BLOWS_UP), {"k": [1.0, 2.0]}, duration=3, metrics=["cmax(A)"])


def metrics_of_a_part():
    ldn.simulate(ldn.load_model("naltrexone_pk"), ldn.Regimen.daily(4.5, days=1), duration=5, metrics=["cmax"])


def doses_taken_for_mg():
    model = ldn.Model.from_antimony("unit g_ = gram; A' = -A; A = 0; A has g_")
    ldn.simulate(model, ldn.Regimen.single(1, cmt="A"), times=[1.0])


@pytest.mark.parametrize(
    "call",
    [
        inconsistent_units, seed_without_effect, trajectory_that_fails, trajectory_that_fails_in_a_sweep,
        metrics_of_a_part, doses_taken_for_mg,
    ],
)  # fmt: skip
def test_a_warning_is_given_at_the_users_own_line(call):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        call()
    assert {w.filename for w in told} == {__file__}


def test_nobody_counts_the_calls_up_to_the_users_line():
    """`warn_user` looks for it; the cache folder, below it, and commands, which print, have none."""
    package = Path(ldn.__file__).parent
    counting = {p.relative_to(package).as_posix() for p in package.rglob("*.py") if "stacklevel" in p.read_text("utf-8")}
    assert counting == {"errors.py", "cachedir.py", "cli/report.py"}
