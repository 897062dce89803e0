"""A rule of titration as data."""

import numpy as np
import pytest

from ldnsim.errors import InputError, UnknownNameError
from ldnsim.regimen import Feedback, Regimen

TEXT = "from 0.5 mg raise by 0.5 mg each 14 days to 1.5 mg unless max withdrawal > 0.2; hold"


def test_words_become_data():
    rule = Feedback.of(TEXT)
    assert rule == Feedback(0.5, 0.5, 1.5, 14, "withdrawal", 0.2)
    assert Feedback.of(TEXT.replace("max withdrawal >", "min  opioid_tone <")).above is False


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("hold", [1.0, 1.0, 1.5, 0.0]), ("step back", [1.0, 0.5, 1.5, 0.0]), ("stop", [1.0, 0.0, 1.5, 0.0])],
)
def test_next_dose(answer, expected):
    rule = Feedback.of(TEXT.replace("hold", answer))
    found = rule.next(np.array([0.5, 1.0, 1.5, 0.0]), np.array([0.1, 0.3, 0.2, 0.0]))
    np.testing.assert_array_equal(found, expected)


def test_a_missing_reading_forbids_a_rise():
    assert Feedback.of(TEXT).next(np.array([1.0]), np.array([np.nan])) == 1.0


def test_step_back_never_falls_below_the_first_dose():
    rule = Feedback(0.5, 1.0, 4.5, 14, "withdrawal", 0.2, answer="step back")
    assert rule.next(np.array([0.5]), np.array([1.0])) == 0.5


def test_realised_doses_are_a_fixed_regimen():
    found = Feedback.of(TEXT).regimen([0.5, 1.0])
    assert found == Regimen.titration([(0.5, 14), (1.0, 14)], at="22:00")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"most": 0.1}, InputError, "most=0.1"),
        ({"each": 0}, InputError, "each=0"),
        ({"start": -1}, InputError, "start=-1"),
        ({"start": 0}, InputError, "start=0: must be a finite number > 0 mg"),  # who takes nothing has stopped
        ({"step": 0}, InputError, "step=0"),
        ({"limit": float("nan")}, InputError, "limit=nan"),
        ({"answer": "pause"}, UnknownNameError, "hold"),
        ({"read": "median"}, UnknownNameError, "mean"),
    ],
)
def test_refusals(change, error, words):
    good = {"start": 0.5, "step": 0.5, "most": 4.5, "each": 14, "variable": "withdrawal", "limit": 0.2}
    with pytest.raises(error, match=words):
        Feedback(**(good | change))


@pytest.mark.parametrize("text", ["raise the dose", TEXT.replace("14", "1.5"), TEXT.replace("; hold", "")])
def test_words_that_are_no_rule(text):
    with pytest.raises(InputError, match="write it as"):
        Feedback.of(text)


def test_a_rule_may_begin_at_its_most():
    assert Feedback(4.5, 1, 4.5, 7, "withdrawal", 0.2).most == 4.5
