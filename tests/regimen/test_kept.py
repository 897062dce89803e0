"""Regimens as text beside a result, and back."""

import json

import pytest

from ldnsim import Regimen as R
from ldnsim.regimen import Record
from ldnsim.regimen.kept import as_text, from_text

KEPT = {
    "LDN": R.daily(4.5, days=28, at="22:00"),
    "placebo": R.daily(0, days=3),
    "with a missed day": R.daily(4.5, days=5).skip([2]),
    "an infusion": R([Record(0, 10, "S", rate=2.5), Record(7, 0, "S", rate=5, ss=1)]),
    "a covariate": R.single(4.5) + R([Record(5, evid=2, extra=(("weight", 60.0),))]),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_was_written_is_read_back(name):
    assert from_text(as_text({name: KEPT[name]})) == {name: KEPT[name]}


def test_no_doses_are_no_regimen_and_no_text_nothing():
    assert from_text(as_text({"untreated": None})) == {"untreated": None}
    assert from_text("") == {}


def test_of_what_is_too_long_a_fingerprint_is_kept_whatever_labels_are():
    text = as_text({k: R.single(k) for k in range(1000)})
    assert json.loads(text)["regimens"] == 1000
    assert from_text(text) is None
    assert from_text(as_text({"sha256": R.single(1)})) == {"sha256": R.single(1)}


def test_doses_that_were_added_up_are_told_of_when_they_are_read_and_not_again():
    twice = R.single(4.5) + R.single(4.5)
    assert from_text(as_text({"": twice})) == {"": twice}
