"""What the constructors make, and what they refuse."""

import inspect

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import InputError, Regimen
from ldnsim.regimen import Record


def test_single():
    (record,) = Regimen.single(50).records
    assert record == Record(amt=50, drug="naltrexone", formulation="capsule")


def test_daily():
    (record,) = Regimen.daily(4.5, days=28, at="22:00", formulation="solution").records
    assert record == Record(22.0, 4.5, ii=24.0, addl=27, drug="naltrexone", formulation="solution")


def test_every_into_a_state():
    (record,) = Regimen.every(4.5, ii=48, n=14, cmt="A_gut", at=30).records
    assert record == Record(30.0, 4.5, cmt="A_gut", ii=48.0, addl=13)


def test_titration_is_a_train_a_step():
    regimen = Regimen.titration([(0.5, 14), (1.5, 14), (4.5, 42)], at="22:00")
    assert [(r.time, r.amt, r.addl) for r in regimen.records] == [
        (22.0, 0.5, 13),
        (22.0 + 14 * 24, 1.5, 13),
        (22.0 + 28 * 24, 4.5, 41),
    ]
    assert len(regimen.doses) == 70


def test_the_usual_formulation_of_a_drug_is_filled_in():
    assert Regimen.single(1, drug="fentanyl").records[0].formulation == "patch"
    assert Regimen.single(2, drug="lps").records[0].formulation == "iv"


def test_a_duration_stays_a_duration():
    (record,) = Regimen.single(10, duration=2, cmt=1).records
    assert record.rate == -2
    assert record.get("dur") == 2.0
    assert Regimen.single(10, rate=5, cmt=1).records[0].rate == 5.0


def test_steady_state_starts_at_time_zero_in_the_phase_of_the_clock():
    regimen = Regimen.daily(4.5, days=3, at="22:00", ss=True)
    (record,) = regimen.records
    assert (record.time, record.lag, record.ss) == (0.0, 22.0, 1)
    assert [d.time for d in regimen.doses] == [22.0, 46.0, 70.0]
    assert regimen.end == 94.0


@pytest.mark.parametrize("at", ["00:00", 0, "0:00"])
def test_clock_and_hours(at):
    assert Regimen.single(1, at=at).records[0].time == 0.0


def test_numpy_numbers_are_numbers():
    assert Regimen.daily(np.float64(4.5), days=np.int64(3)) == Regimen.daily(4.5, days=3)


def test_the_arguments_are_keywords_that_help_can_show():
    shown = inspect.signature(Regimen.daily).parameters
    assert {"dose", "days", "at", "formulation", "drug", "cmt", "rate", "duration", "ss", "lag", "F"} <= set(
        shown
    )


REFUSED = {
    "negative dose": (lambda: Regimen.daily(-1, days=3), "dose=-1: must be a finite number >= 0"),
    "NaN dose": (lambda: Regimen.daily(float("nan"), days=3), "dose=nan"),
    "infinite dose": (lambda: Regimen.single(float("inf")), "dose=inf"),
    "text dose": (lambda: Regimen.single("much"), "dose='much'"),
    "no days": (lambda: Regimen.daily(4.5, days=0), "days=0: must be a whole number >= 1"),
    "half a day": (lambda: Regimen.daily(4.5, days=3.5), "days=3.5"),
    "no number": (lambda: Regimen.every(1, ii=24, n=0), "n=0"),
    "no interval": (lambda: Regimen.every(1, ii=0, n=2), "ii=0: must be a finite number > 0 h"),
    "negative interval": (lambda: Regimen.every(1, ii=-2, n=2), "ii=-2"),
    "no such clock": (lambda: Regimen.daily(4.5, days=3, at="25:00"), "at='25:00'"),
    "no such minute": (lambda: Regimen.daily(4.5, days=3, at="22:60"), "at='22:60'"),
    "negative start": (lambda: Regimen.single(1, at=-1), "at=-1"),
    "two ways to infuse": (lambda: Regimen.single(1, rate=2, duration=3), "rate=2: contradicts duration=3"),
    "rate 0": (
        lambda: Regimen.single(1, rate=0),
        "rate=0: must be a finite number > 0; leave it out for a bolus",
    ),
    "negative duration": (lambda: Regimen.single(1, duration=-3), "duration=-3"),
    "two destinations": (
        lambda: Regimen.single(1, cmt="A", formulation="iv"),
        "cmt='A': contradicts formulation='iv'; name one of the two",
    ),
    "state 0": (lambda: Regimen.single(1, cmt=0), "cmt=0"),
    "empty state": (lambda: Regimen.single(1, cmt=""), "cmt=''"),
    "negative lag": (lambda: Regimen.single(1, cmt=1, lag=-1), "lag=-1"),
    "negative F": (lambda: Regimen.single(1, cmt=1, F=-0.5), "F=-0.5"),
    "late steady state": (
        lambda: Regimen.daily(1, days=2, at=30, ss=True),
        "at=30: must lie in the first interval",
    ),
    "no steps": (lambda: Regimen.titration([]), "steps=[]"),
    "step without days": (lambda: Regimen.titration([(1, 2), 3]), "steps[1]=3: must be (mg, days)"),
    "step of no days": (lambda: Regimen.titration([(1, 0)]), "steps[0] days=0"),
    "negative step": (lambda: Regimen.titration([(1, 2), (-2, 3)]), "steps[1] dose=-2"),
    "steps as text": (lambda: Regimen.titration("4.5"), "steps='4.5'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_name_value_and_rule(case):
    make, words = REFUSED[case]
    with pytest.raises(InputError) as error:
        make()
    assert words in str(error.value)


@pytest.mark.kind("own-name")
def test_a_name_that_only_a_model_of_ones_own_may_have_is_kept():
    (record,) = Regimen.daily(10, days=3, drug="wonderol").records
    assert (record.drug, record.formulation) == ("wonderol", "")
    assert Regimen.single(4.5, formulation="pill").records[0].formulation == "pill"
    assert repr(Regimen.single(10, drug="wonderol")).endswith("10 wonderol")


@pytest.mark.parametrize("argument", ["drug", "formulation"])
def test_what_is_no_name_is_refused(argument):
    with pytest.raises(InputError, match=f"{argument}=3: must be a name"):
        Regimen.daily(4.5, days=3, **{argument: 3})


@pytest.mark.kind("number-in-quotes")
@pytest.mark.parametrize("text", ["4.5", " 4.5 ", "4,5"])
def test_a_dose_in_quotes_is_refused(text):
    doors = (
        lambda: Regimen.daily(text, 7), lambda: Regimen.every(text, 24, 7), lambda: Regimen.single(text),
        lambda: Regimen.titration([(text, 7)]),
    )  # fmt: skip
    for door in doors:
        with pytest.raises(InputError, match=r"dose='.*': must be a finite number >= 0; write 4.5, without quotes"):
            door()


@pytest.mark.kind("number-in-quotes", sibling="ii, rate, duration, lag, F; a parameter; hours and dose of other functions")
def test_so_is_any_other_number_in_quotes():
    for name in ("rate", "duration", "lag", "F"):
        with pytest.raises(InputError, match=rf"{name}='2': must be a finite number .*; write 2, without quotes"):
            Regimen.single(4.5, **{name: "2"})
    with pytest.raises(InputError, match=r"ii='1 day': must be a finite number > 0 h; write 24, without quotes"):
        Regimen.every(4.5, ii="1 day", n=2)
    with pytest.raises(InputError, match=r"dose='4,5 mg': must be a finite number >= 0; write 4.5, without quotes"):
        Regimen.daily("4,5 mg", days=2)
    with pytest.raises(InputError, match=r"dose='4.5 g': must be a finite number >= 0$"):
        Regimen.daily("4.5 g", days=2)
    with pytest.raises(InputError, match=r"ii='24': must be a finite number > 0 h; write 24, without quotes"):
        Regimen.every(4.5, "24", 2)
    with pytest.raises(InputError, match=r"hours='2'.*write 2, without quotes"):
        Regimen.single(4.5).shift(hours="2")
    with pytest.raises(InputError, match=r"dose='30'.*write 30, without quotes"):
        ldn.washout(ldn.load_model("ldn"), "oxycodone", dose="30", days=2)
    with pytest.raises(InputError, match=r"dose='1,000': must be a finite number >= 0$"):  # a thousand, or one
        Regimen.single("1,000")


@pytest.mark.kind("number-in-quotes", sibling="A decimal comma in a regimen in words")
def test_words_with_a_comma_are_told_the_point():
    with pytest.raises(InputError, match=r"'4,5' is not a number; write 4.5$"):
        Regimen.parse("4,5 mg nightly", days=7)
    with pytest.raises(InputError, match=r"'1,000' is not a number; DOSE mg"):
        Regimen.parse("1,000 mg nightly", days=7)
