"""A regimen in words: one language, in which no word is passed over and no time is guessed."""

import shutil

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim import Regimen as R
from ldnsim.library import models_folder

TRAMADOL = R.every(50, 6, 112, at="08:00", drug="tramadol")

READ = {
    "4.5 mg": R.daily(4.5, days=28),
    "4.5mg daily": R.daily(4.5, days=28),
    "4.5 mg at 22:00": R.daily(4.5, days=28, at="22:00"),
    "4.5 mg at bedtime": R.daily(4.5, days=28, at="22:00"),
    "4.5 mg bedtime": R.daily(4.5, days=28, at="22:00"),
    "4.5 mg nightly": R.daily(4.5, days=28, at="22:00"),
    "4.5 MG Every Night": R.daily(4.5, days=28, at="22:00"),
    "4.5 mg at night": R.daily(4.5, days=28, at="22:00"),
    "3 mg in the morning": R.daily(3, days=28, at="08:00"),
    "3 mg every morning for 2 weeks": R.daily(3, days=14, at="08:00"),
    "3 mg at noon": R.daily(3, days=28, at="12:00"),
    "4.5 mg every other day at bedtime": R.every(4.5, 48, 14, at="22:00"),
    "4.5 mg every 2 days at bedtime": R.every(4.5, 48, 14, at="22:00"),
    "50 mg once a week at 8": R.every(50, 168, 4, at=8),
    "2.25 mg twice a day from 08:00": R.every(2.25, 12, 56, at="08:00"),
    "1 mg solution four times a day": R.every(1, 6, 112, formulation="solution"),
    "3 mg slow release nightly": R.daily(3, days=28, at="22:00", formulation="slow_release"),
    "tramadol 50 mg every 6 h from 08:00": TRAMADOL,
    "50 mg of tramadol every 6h at 08:00": TRAMADOL,
    "50 mg tramadol every 6 hours for 28 days from 08:00": TRAMADOL,
    "2 ng/kg lps once at 08:00 from day 3": R.single(2, drug="lps", at=56),
    "4.5 mg every other day at bedtime + tramadol 50 mg every 6 h from 08:00": R.every(
        4.5, 48, 14, at="22:00"
    )
    + TRAMADOL,
}


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


REFUSED = {
    "4.5 mg purple": "purple",
    "LDN 4.5 mg nightly": "LDN",
    "4.5 mg at nite": "did you mean 'night'",
    "4.5 mg in the evening": "at='evening'",
    "4.5 mg at 25:00": "at='25:00'",
    "4.5 mg at 8 pm": "did you mean '20:00'",
    "4.5 mg nightly at 08:00": "second time",
    "4.5 mg at 08:00 at 20:00": "second time",
    "4.5 mg daily every 12 h": "second interval",
    "4.5 mg for 3 days for 4 days": "second length",
    "4.5 mg capsule solution": "second formulation",
    "4.5 mg 3 mg": "'3'",
    "4.5 mg at bedtime + tramadol 50 mg": "when 'tramadol 50 mg' is taken",
    "4.5 mg + tramadol 50 mg every 6 h from 08:00": "when '4.5 mg' is taken",
    "4.5 mg nightly + tramadol 50 mg every 6 h": "when 'tramadol 50 mg every 6 h' is taken",
    "4.5 mg at 22:00 + 10 mg tramadol at 8 for 3 days": "for how long '4.5 mg at 22:00' is taken",
    "4.5 mg once for 3 days": "'once'",
    "4.5 mg for 1.5 days": "days=1.5",
    "4.5 mg every 0 h": "ii=0",
    "4.5 mg every two h": "'two' is not a number",
    "4.5 mg every": "after 'every'",
    "4.5 mg at": "after 'at'",
    "4.5 mg for": "after 'for'",
    "4,5 mg": "'4,5' is not a number",
    "1_5 mg": "'1_5' is not a number",
    "-4.5 mg": "dose=-4.5",
    "4500 ug": "naltrexone in ug",
    "2 mg lps": "must be in ng/kg",
    "4.5": "must read like",
    "4.5 mg + ": "must read like",
    "": "must read like",
}


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
