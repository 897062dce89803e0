"""Candidate studies: information where it can be computed by hand, recovery of the truth, refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

import ldnsim as ldn

TEXT = """
model level()
  A' = -k*A; A = 0; k = 0.1
  y := A + b; b = 0
end
"""
STUDY = {"variable": "y", "hours": [1.0], "n": 4, "sd": 0.5, "cmt": "A", "dose": 1.0, "days": 1}


@pytest.fixture(scope="module")
def readings():
    low = ldn.Model.from_antimony(TEXT)
    return {"low": low, "high": low.with_parameters(b=0.5)}


def test_information_equals_the_closed_form(readings):
    # Two normals 0.5 apart with sd 0.25 (people do not differ in this model).
    table = ldn.which_study(readings, {"one": STUDY}, draws=pd.DataFrame({"k": np.full(2000, 0.1)}))
    d = 2.0

    def density(z):
        p, q = np.exp(-(z**2) / 2), np.exp(-((z - d) ** 2) / 2)
        return p * np.log2(2 * p / (p + q)) / np.sqrt(2 * np.pi)

    bits = quad(density, -12, 12)[0]
    row = table.loc["one"]
    assert row.information == pytest.approx(bits, abs=0.03)
    assert row.information_low < bits < row.information_high + 0.01
    from scipy.stats import norm

    assert row.recovered == pytest.approx(norm.cdf(d / 2), abs=0.02)
    assert row.confused == "low / high"
    assert table.attrs["chance"] == 0.5


def test_more_people_and_better_times_tell_more(readings):
    studies = {
        "few": STUDY | {"n": 1},
        "many": STUDY | {"n": 40},
        "two hours": STUDY | {"n": 1, "hours": [1.0, 5.0]},
    }
    table = ldn.which_study(readings, studies, draws=pd.DataFrame({"k": np.full(300, 0.1)}))
    assert table.index[0] == "many"
    assert table.information["two hours"] > table.information["few"]
    assert table.recovered["many"] > 0.99
    assert table.information["many"] == pytest.approx(1, abs=0.02)


def test_what_is_unknown_hides_what_is_to_be_told(readings):
    wide = pd.DataFrame({"k": np.random.default_rng(0).lognormal(np.log(0.3), 1.0, 400)})
    exact = ldn.which_study(readings, {"s": STUDY}, draws=pd.DataFrame({"k": np.full(400, 0.3)}))
    vague = ldn.which_study(readings, {"s": STUDY}, draws=wide)
    assert vague.information["s"] < exact.information["s"]
    known = ldn.which_study(readings, {"s": STUDY}, draws=None)
    assert known.information["s"] == pytest.approx(exact.information["s"], abs=0.08)


def test_readings_that_are_one_are_told_apart_by_chance():
    same = ldn.Model.from_antimony(TEXT)
    wide = pd.DataFrame({"k": np.random.default_rng(0).lognormal(np.log(0.3), 1.0, 40)})  # apart by more than sd
    table = ldn.which_study({"a": same, "b": same}, {"s": STUDY | {"sd": 0.05}}, draws=wide)
    assert table.recovered["s"] == pytest.approx(0.5, abs=1e-9)
    assert table.information_high["s"] == pytest.approx(0, abs=1e-9)


def test_late_pet_scans_tell_the_readings_of_the_brain_apart():
    pet = {"variable": "mu_occupancy_brain", "dose": 50, "days": 1, "n": 4, "sd": 0.07}
    table = ldn.which_study(
        ldn.load_model("ldn"),
        {"4 h": pet | {"hours": [4]}, "72 h": pet | {"hours": [72]}},
        scenarios=["brain_plasma_driven", "brain_retained"],
        draws=40,
    )
    assert table.index[0] == "72 h"
    assert table.recovered["72 h"] > 0.9
    assert table.recovered["4 h"] < table.recovered["72 h"]


@pytest.mark.parametrize(
    ("studies", "more", "words"),
    [
        ({}, {}, "studies"),
        ({"s": STUDY | {"variable": "yy"}}, {}, "yy"),
        ({"s": STUDY | {"hour": 1}}, {}, "hours"),
        ({"s": {k: v for k, v in STUDY.items() if k != "sd"}}, {}, "sd"),
        ({"s": STUDY | {"n": 0}}, {}, r"'n'\]=0: must be a whole number >= 1"),
        ({"s": STUDY | {"hours": [2, 1]}}, {}, "ascend"),
        ({"s": STUDY | {"sd": -1}}, {}, "sd"),
        ({"s": STUDY}, {"scenarios": ["a"]}, "scenarios"),
    ],
)
def test_refusals_name_the_argument(readings, studies, more, words):
    with pytest.raises((ValueError, KeyError), match=words):
        ldn.which_study(readings, studies, draws=None, **more)
    with pytest.raises(ValueError, match="two readings"):
        ldn.which_study({"one": readings["low"]}, {"s": STUDY}, draws=None)
    with pytest.raises(ValueError, match="scenarios"):
        ldn.which_study(readings["low"], {"s": STUDY}, draws=None)


@pytest.mark.kind("share-in-percent", sibling="the scatter of a scan, in points")
def test_a_scatter_in_points_of_what_is_a_share_is_refused():
    study = {"variable": "mu_occupancy_brain", "dose": 50, "days": 1, "n": 4, "hours": [4], "sd": 7}
    model = ldn.load_model("ldn")
    with pytest.raises(
        ldn.InputError,
        match=r"\['sd'\]=7.0: is above 1, and mu_occupancy_brain is a share of receptors; write 0.07 for 7 %",
    ):
        ldn.which_study(
            model, {"PET": study}, draws=None, scenarios=["brain_plasma_driven", "brain_retained"]
        )
