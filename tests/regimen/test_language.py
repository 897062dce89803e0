"""A regimen in words: one language, in which no word is passed over and no time is guessed."""

import shutil

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import Regimen as R
from ldnsim.library import models_folder

from .sentences import READ, REFUSED, TRAMADOL


@pytest.mark.kind("words")
@pytest.mark.parametrize("text", READ)
def test_words_say_the_same_as_arguments(text):
    assert R.parse(text, days=28) == READ[text]


def test_the_length_in_the_words_wins():
    assert R.parse("4.5 mg nightly for 14 days", days=28) == R.daily(4.5, days=14, at="22:00")
    assert R.parse("4.5 mg nightly for 14 days") == R.daily(4.5, days=14, at="22:00")
    both = R.parse("4.5 mg nightly for 14 days + tramadol 50 mg every 6 h from 08:00", days=28)
    assert both == R.daily(4.5, days=14, at="22:00") + TRAMADOL
    assert R.parse("50 mg once at 08:00") == R.single(50, at="08:00")


@pytest.mark.kind("beyond-ten-years", sibling="words of a function, a command and a plan")
@pytest.mark.parametrize(
    "ask",
    [
        lambda text: ldn.simulate(ldn.load_model("ldn"), text),
        lambda text: ldn.sweep(ldn.load_model("ldn"), {"regimen": {"long": text}}, days=3),
        lambda text: ldn.virtual_trial(ldn.load_model("ldn"), {"none": None, "long": text}),
    ],
)
def test_what_would_take_more_than_ten_years_is_refused_by_every_door(ask):
    with pytest.raises(ldn.InputError, match="beyond 3650 days, ten years, by its length"):
        ask("4.5 mg nightly for 100000 days")


@pytest.mark.kind("beyond-ten-years")
@pytest.mark.parametrize("text", [t for t, told in REFUSED.items() if "ten years" in told])
def test_words_beyond_ten_years_are_refused_by_what_goes_beyond(text):
    with pytest.raises(ldn.InputError) as error:
        R.parse(text, days=28)
    assert REFUSED[text] in str(error.value)


@pytest.mark.kind("words", sibling="a word that has no meaning, or a time that only one part says")
@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_read_is_refused_by_its_word(text):
    with pytest.raises(ValueError) as error:
        R.parse(text, days=28)
    assert REFUSED[text] in str(error.value)


def test_a_missing_time_is_told_by_a_sentence_that_can_be_read():
    text = "4.5 mg every other day at bedtime + tramadol 50 mg every 6 h"
    with pytest.raises(ldn.InputError) as error:
        R.parse(text, days=28)
    full = str(error.value).rpartition("as in ")[2].strip("'")
    assert full == f"{text} from 22:00"
    assert R.parse(full, days=28).drugs == ("naltrexone", "tramadol")


def test_a_length_is_asked_for():
    with pytest.raises(ldn.InputError, match=r"days=None: must be given.*'4.5 mg nightly for 14 days'"):
        R.parse("4.5 mg nightly")
    with pytest.raises(ldn.InputError, match="days=100000: must be at most 3650, ten years"):
        R.parse("4.5 mg nightly", days=100_000)
    assert len(R.parse("4.5 mg nightly for 3650 days").doses) == 3650
    with pytest.raises(ldn.InputError, match="days=0"):
        R.parse("4.5 mg nightly", days=0)
    with pytest.raises(ldn.InputError, match=r"regimen=4\.5: must be a text"):
        R.parse(4.5, days=3)


def test_a_folder_of_ones_own_lends_its_names(tmp_path):
    own = tmp_path / "own"
    shutil.copytree(models_folder() / "ldn", own)
    shutil.copy(models_folder() / "references.bib", tmp_path)
    table = pd.read_csv(own / "formulations.csv", dtype=str, keep_default_na=False)
    table.loc[len(table)] = ["wonderol", "pill", "A_gut", "1", "0", "0", "assumed", "assumed", ""]
    table.to_csv(own / "formulations.csv", index=False)
    model = ldn.load_model(own)
    regimen = R.parse("10 mg wonderol pill nightly", days=3, model=model)
    assert regimen == R.daily(10, days=3, at="22:00", drug="wonderol", formulation="pill")
    with pytest.raises(ldn.UnknownNameError, match="wonderol"):
        R.parse("10 mg wonderol", days=3)


@pytest.mark.parametrize(
    ("words", "ii", "at"),
    [
        ("3 mg every other evening at 21:00", 48, 21), ("3 mg every other night", 48, 22), ("3 mg q48h at 22:00", 48, 22),
        ("3 mg alternate days at bedtime", 48, 22), ("3 mg on alternate days at 7:30", 48, 7.5),
        ("3 mg once a day at 9:00", 24, 9),
        ("3 mg every evening at 20:00", 24, 20), ("3 mg every night at 23:00", 24, 23),
        ("3 mg every second morning at 9:00", 48, 9),
    ],
)  # fmt: skip
def test_ways_to_say_how_often(words, ii, at):
    regimen = ldn.Regimen.parse(words, days=8)
    assert regimen.doses[0].time == at
    assert np.diff([dose.time for dose in regimen.doses]) == pytest.approx(ii)


def test_an_evening_has_no_hour_of_its_own():
    with pytest.raises(ValueError, match="evening"):
        ldn.Regimen.parse("3 mg every other evening")
