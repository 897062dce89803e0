"""What the shipped model reaches against the measurements, and how that is summarised."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.inference.conflicts import READINGS, both_readings
from ldnsim.inference.qualification import goals_of, summary_of


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def table(model):
    return ldn.qualify(model, n=40)


def test_the_goals_are_met(table):
    goals = goals_of(table)
    assert goals["met"].all(), goals
    assert goals["reached"]["PET occupancy"] <= 7
    assert goals["reached"]["Cmax"] <= 1.5
    assert goals["reached"]["AUC"] <= 1.5
    assert goals["reached"]["half-life"] <= 30


def test_all_half_lives_hold_save_three_that_contradict_the_rest(table):
    fitted = table[(table["endpoint"] == "half-life") & (table["use"] == "calibration")]
    assert (np.abs(fitted["fold"] - 1) <= 0.3).all()
    assert len(fitted) >= 6
    strange = table[table["use"] == "context"]
    assert sorted(strange["observed"]) == [8.9, 9.7, 10.3]
    assert (strange["fold"] < 0.5).all()


def test_folds_and_errors_are_what_they_say(table):
    row = table.loc["pk_swiss_cmax_6bn"]
    assert row.observed == 108
    assert row.fold == pytest.approx(row.predicted / 108)
    assert row.error == pytest.approx(row.predicted - 108)
    assert row.within_two_fold == (0.5 <= row.fold <= 2)
    summary = table.attrs["summary"]
    cmax = table[(table["endpoint"] == "Cmax") & (table["use"] == "calibration")]
    want = np.exp(np.abs(np.log(cmax["predicted"] / cmax["observed"])).mean())
    assert summary.loc[("calibration", "Cmax"), "gmfe"] == pytest.approx(want)
    scans = table[table["endpoint"] == "PET occupancy"]
    want = np.sqrt(((scans["predicted"] - scans["observed"]) ** 2).mean())
    assert summary.loc[("calibration", "PET occupancy"), "rmse"] == pytest.approx(want)
    pd.testing.assert_frame_equal(summary_of(table), summary)


def test_the_worst_rows_come_first_and_uses_stand_apart(table):
    assert list(dict.fromkeys(table["use"])) == ["calibration", "validation", "context"]
    for _, part in table.groupby("use"):
        assert part["residual"].abs().is_monotonic_decreasing


def test_intervals_surround_most_predictions(table):
    inside = (table["low"] <= table["predicted"]) & (table["predicted"] <= table["high"])
    assert inside.mean() > 0.9
    assert (table["low"] < table["high"]).mean() > 0.9


def test_without_draws_there_is_no_interval(model):
    quick = ldn.qualify(model, n=0)
    pd.testing.assert_frame_equal(ldn.qualify(model, n=19), quick)  # too few for an interval
    assert quick["low"].isna().all()
    with pytest.raises(ldn.InputError, match="n=-1"):
        ldn.qualify(model, n=-1)


def test_the_literature_disagrees_and_each_reading_is_shown(model):
    found = both_readings(model)
    by = found.set_index("reading")["predicted"]
    assert len(found) == len(READINGS)
    assert by["9 to 10 h"] == pytest.approx(9.6, abs=0.7)
    assert by["4 h"] == pytest.approx(4.0, abs=0.4)
    assert by["207 ng/mL"] == pytest.approx(207, rel=0.05)
    assert by["87 ng/mL"] == pytest.approx(87, rel=0.05)
    assert by["as plasma"] < 20 < 80 < by["slow pools"]
    fit = found.set_index("reading")["rows_rmse"]
    assert fit["94 L/h"] == pytest.approx(fit["140 L/h (depot)"], abs=0.05), "only ratios are identified"
    assert fit["211 L/h"] == pytest.approx(fit["140 L/h (depot)"], abs=0.05)
    assert by["94 L/h"] > 1.4 * by["140 L/h (depot)"] > 1.8 * by["211 L/h"]
