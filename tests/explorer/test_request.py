"""From choices to calls of the library."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.explorer.request import Call, request_of
from ldnsim.webpage.form import NEW, ONCE, USUAL, Form

FORM = Form.of(ldn.load_model("ldn"))
R = ldn.Regimen


def request(**given):
    return request_of(FORM, FORM.start(**given))


@pytest.mark.parametrize(
    ("given", "regimen"),
    [
        ({}, R.daily(4.5, days=28, at="22:00", formulation="capsule")),
        ({"interval": 48.0, "days": 7, "at": "08:00"}, R.every(4.5, ii=48, n=4, at="08:00")),
        ({"interval": 12.0, "days": 2, "dose": 2.25}, R.every(2.25, ii=12, n=4, at="22:00")),
        ({"interval": ONCE, "formulation": "solution"}, R.single(4.5, at="22:00", formulation="solution")),
        (
            {"days": 3, "opioid": "oxycodone", "opioid_use": NEW},
            R.every(20, ii=6, n=16, drug="oxycodone") + R.daily(4.5, days=3, at="22:00"),
        ),
        (
            {"days": 3, "opioid": "methadone", "opioid_use": USUAL},
            R.every(60, ii=24, n=4, drug="methadone", ss=True) + R.daily(4.5, days=3, at="22:00"),
        ),
    ],
)
def test_the_regimen_is_what_was_chosen(given, regimen):
    assert request(**given).taken == regimen


def test_only_what_differs_from_the_model_is_set():
    assert request().model == ()
    calls = request(scenario="ogf", condition="crohn", weight=60, kidney=45.0, smoking=1.0).model
    model = ldn.load_model("ldn")
    for call in calls:
        model = call.on(model)
    assert (model.scenario, model.condition) == ("ogf", "crohn")
    assert dict(model.overrides) == {"weight": 60, "crcl": 45.0, "smoker": 1.0}


def test_parameters_of_the_model_itself_are_kept():
    form = Form.of(ldn.load_model("ldn").with_parameters(ke0=1.2))
    assert [str(c) for c in request_of(form, form.start()).model] == ["with_parameters(ke0=1.2)"]


@pytest.mark.parametrize("days", [1, 2, 3, 7, 28, 84])
@pytest.mark.parametrize("interval", [6.0, 24.0, 168.0, ONCE])
def test_times_ascend_and_see_the_end(days, interval):
    asked = request(days=days, interval=interval, at="07:15")
    end = max(asked.taken.end, 24 * days)
    assert (np.diff(asked.grid) > 1e-6).all()
    assert asked.grid[-1] == pytest.approx(end)
    shown = asked.grid[asked.grid >= asked.late - 1e-9]
    assert np.diff(shown).max() <= max(48.0, interval) / 96
    assert len(asked.grid) < 2600
    if interval == 24.0 and days > 4:  # each dose is seen at its peaks, for the range of the day
        wanted = (np.array([[8.25], [8.75]]) + 24.0 * np.arange(days)).ravel()
        assert np.abs(asked.grid[:, None] - wanted).min(axis=0).max() <= 0.26


def test_a_short_run_is_shown_whole():
    assert request(days=3).late == 0
    assert request(days=7).late == pytest.approx(22 + 7 * 24 - 48)


def test_an_opioid_adds_its_panel():
    assert "withdrawal" not in request().outputs
    assert {"withdrawal", "opioid_effect", "pain"} <= set(request(opioid="morphine").outputs)


def test_words_say_what_is_taken():
    assert request().label == "4.5 mg at 22:00, daily, 28 days"
    asked = request(formulation="slow_release", interval=48.0, days=1, opioid="tramadol")
    assert (
        asked.label
        == "4.5 mg slow release at 22:00, every other day, 1 day, with tramadol 100 mg every 6 hours"
    )
    assert request(interval=ONCE, days=2).label == "4.5 mg at 22:00, a single dose; 2 days"


def test_a_call_reads_as_it_is_made():
    call = Call("every", (4.5,), {"ii": 48.0, "n": 2, "at": "22:00"})
    assert str(call) == "every(4.5, ii=48.0, n=2, at='22:00')"
    assert call.on(R) == R.every(4.5, ii=48, n=2, at="22:00")
