"""Titrations: the rule applied to each subject, replayed to the bit; schedules compared."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.errors import UnknownNameError
from ldnsim.study.draws import draws_of

RULE = "from 0.5 mg raise by 1 mg each 3 days to 4.5 mg unless min opioid_tone < 0.6; step back"


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def people(model):
    return ldn.population(model, n=9, seed=3)


@pytest.fixture(scope="module")
def found(model, people):
    return ldn.titrate(model, RULE, days=13, subjects=people)


def test_each_subject_has_a_course_of_its_own(found):
    assert found.dose.shape == (9, 4)  # 13 days hold four whole stages
    assert len(np.unique(found.dose, axis=0)) > 1


def test_doses_follow_the_rule(found):
    rule = ldn.Feedback.of(RULE)
    for stage in range(3):
        asked = rule.next(found.dose[:, stage], found.reading[:, stage])
        np.testing.assert_array_equal(asked, found.dose[:, stage + 1])


@pytest.mark.parametrize("words", ["min opioid_tone < 0.6", "max opioid_tone > 2", "mean opioid_tone < 0.2"])
def test_a_reading_is_that_of_the_course_not_of_its_grid(model, people, words):
    rule = f"from 1.5 mg raise by 1 mg each 2 days to 4.5 mg unless {words}; stop"
    found = ldn.titrate(model, rule, days=6, subjects=people[:3])
    for k in range(3):
        for stage in range(3):
            taken = ldn.Feedback.of(rule).regimen(found.dose.values[k, : stage + 1])
            end = taken.doses[0].time + 48 * (stage + 1)
            dense = ldn.simulate(
                model, taken, subjects=people[k : k + 1], every=0.01, duration=end, rtol=1e-8
            )
            course = dense.opioid_tone.sel(time=slice(end - 24, end))
            value = getattr(course, words.split()[0])("time")
            assert float(found.reading[k, stage]) == pytest.approx(value.item(), rel=2e-4)


def test_replay_gives_the_same_bits(model, people, found):
    assert ldn.replay(model, RULE, found, people).all()


def test_a_titration_of_one_stage_is_replayed(model, people):
    found = ldn.titrate(model, RULE, days=4, subjects=people[:2])
    assert found.sizes["stage"] == 1
    assert ldn.replay(model, RULE, found, people[:2]).all()


def test_replay_finds_a_dose_that_was_not_taken(model, people, found):
    other = found.copy(deep=True)
    other.dose[2, 3] += 1.0
    other.opioid_tone[5, 40] += 1e-15
    same = ldn.replay(model, RULE, other, people).values
    assert not same[2]
    assert not same[5]
    assert same.sum() == 7


def test_unknown_variable(model, people):
    with pytest.raises(UnknownNameError, match="opioid_tone"):
        ldn.titrate(model, RULE.replace("opioid_tone", "opioid_ton"), days=6, subjects=people)


def test_titration_lowers_the_peak_change_of_tone(model):
    table = ldn.titrations(model, {"none": [(4.5, 12)], "slow": [(0.5, 4), (1.5, 4), (4.5, 4)]}, draws=24)
    assert table.peak_change["slow"] < table.peak_change["none"]
    assert table.first_day["slow"] < 0.6 * table.first_day["none"]
    assert (table.low < table.peak_change).all()
    assert table.day["none"] < 3 < table.day["slow"]


@pytest.mark.kind(
    "endpoint-between-hours", sibling="the largest change of a titration, of the run and of its first day"
)
@pytest.mark.parametrize("at", ["08:00", "22:20"])
def test_a_schedule_is_told_by_its_largest_changes_of_the_run_and_of_the_first_day(model, at):
    steps = [(0.5, 1), (2.0, 1), (4.5, 1)]
    row = ldn.titrations(model, {"up": steps}, draws=3, at=at).loc["up"]
    plan = ldn.Regimen.titration(steps, at=at)
    ds = ldn.simulate(model, plan, subjects=draws_of(model, 3), outputs=["opioid_tone"], every=0.01)
    change = abs(ds.opioid_tone - 1)
    assert row.peak_change == pytest.approx(float(change.max("time").median()), rel=1e-3)
    first = change.where(ds.time <= plan.doses[0].time + 24).max("time")
    assert row.first_day == pytest.approx(float(first.median()), rel=1e-3)
    assert row.first_day < row.peak_change
    assert row.day == pytest.approx(float(ds.time[change.argmax("time")].median()) / 24, abs=0.1 / 24)


def test_side_effects_are_counts_with_intervals():
    table = ldn.side_effects()
    assert table.loc["vivid dreams", "odds_ratio"] > 1
    assert table.loc["any", "low"] < 1 < table.loc["any", "high"]
    assert set(table["fading"]) == {"never measured"}
    on, off = (48 * 0.688 + 0.5, 48 * 0.312 + 0.5), (50 * 0.72 + 0.5, 50 * 0.28 + 0.5)  # each arm its own subjects
    spread = np.exp(1.959964 * np.sqrt(sum(1 / x for x in (*on, *off))))
    odds = on[0] / on[1] * off[1] / off[0]
    found = table.loc["any", ["odds_ratio", "low", "high"]].to_numpy(float)
    np.testing.assert_allclose(found, [odds, odds / spread, odds * spread], rtol=1e-9)
