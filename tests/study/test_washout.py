"""Waits between an opioid and naltrexone: the label's windows, the model's equations, an exact crossing."""

import json

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.cli import run
from ldnsim.errors import InputError, UnknownNameError
from ldnsim.simulation.drugs import opioids
from ldnsim.study import waits

USE = {
    "morphine": 30, "oxycodone": 20, "codeine": 60, "tramadol": 100, "methadone": 60, "buprenorphine": 16,
    "fentanyl": 3.6,
}  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


def test_every_opioid_of_the_table_has_a_use_here(model):
    challenges = {"heroin", "hydromorphone", "fentanyl_iv"}
    assert set(opioids(model)) == set(USE) | challenges
    for drug in challenges:
        with pytest.raises(UnknownNameError, match=f"drug={drug!r}"):
            ldn.washout(model, drug, dose=3, days=30)


@pytest.mark.parametrize("drug", sorted(USE))
def test_opioid_first(model, drug):
    ds = ldn.washout(model, drug, dose=USE[drug], days=30, draws=40)
    low, high = map(float, ds.attrs["label_days"].split("-"))
    assert ds.wait.dims == ()
    assert float(ds.wait_low) < float(ds.wait) < float(ds.wait_high)
    # The label is inside the interval, and the median within 2 days of its window (the patch: 10.8 days).
    assert float(ds.wait_low) < 24 * high
    assert float(ds.wait_high) > 24 * low
    assert 24 * (low - 2) < float(ds.wait) < 24 * (high + 2)
    assert ds.tolerated.values[-1] == 1
    assert (np.diff(ds.tolerated) >= 0).all()


def test_long_acting_opioids_need_longer(model):
    found = [
        float(ldn.washout(model, d, dose=USE[d], days=30, draws=40).wait) for d in ("morphine", "methadone")
    ]
    assert found[1] > found[0] + 48


def test_all_doses_that_fall_within_the_days_are_taken(model, monkeypatch):
    taken, real = [], waits._Run.simulate
    monkeypatch.setattr(waits._Run, "simulate", lambda run, regimen, *how: taken.append(regimen) or real(run, regimen, *how))
    ldn.washout(model, "oxycodone", dose=20, days=2, ii=7, draws=2)
    assert [dose.time for dose in taken[0].doses] == [0, 7, 14, 21, 28, 35, 42]


def test_naltrexone_first(model):
    low, high = (
        ldn.washout(model, "morphine", dose=dose, days=30, direction="ldn_to_opioid", draws=40)
        for dose in (4.5, 50)
    )
    back = low.regained.sel(quantile="median")
    assert list(back.dims) == ["level", "site"]
    assert (back.diff("level") >= 0).all()
    assert float(high.wait) > float(low.wait) > 0
    assert (low.dose_ratio >= 1 - 1e-6).all()
    assert (high.dose_ratio.sel(quantile="median") >= low.dose_ratio.sel(quantile="median") - 1e-6).all()
    assert float(low.wait) == pytest.approx(float(np.quantile(low.waits, 0.5, method="inverted_cdf")))


def test_the_same_stimulus_as_the_model(model):
    """What is read off an opioid given alone agrees with a run of both, where the model computes it."""
    draws = ldn.posterior(model, n=4)
    both = ldn.Regimen.every(20, ii=6, n=20, drug="oxycodone") + ldn.Regimen.daily(4.5, days=5)
    outputs = ["opioid_stimulus", "opioid_pressure", "pressure_brain", "endorphin_brain", "mu_density_brain"]
    with pytest.warns(UserWarning, match="naltrexone together with oxycodone"):
        ds = ldn.simulate(model, both, subjects=draws, outputs=outputs)
    own = waits._Run(model, "oxycodone", draws, None).parameters()
    rival = own["e0"] * ds.endorphin_brain.values + ds.pressure_brain.values
    np.testing.assert_allclose(
        waits.stimulus(own, ds.opioid_pressure.values, rival, ds.mu_density_brain.values),
        ds.opioid_stimulus.values,
        rtol=1e-5,
        atol=1e-9,
    )


def test_last_crossing():
    after = np.arange(5.0)
    rows = np.array([[3, 1, -1, -1, -1], [-1, 1, -3, -1, -1], [-1] * 5, [1] * 5, [1, -1, 1, 1, -1]], float)
    np.testing.assert_allclose(waits._last_crossing(after, rows), [1.5, 1.25, 0, np.inf, 3.5])


def test_one_warning_where_naltrexone_meets_an_opioid(model):
    together = ldn.Regimen.daily(20, days=1, drug="oxycodone") + ldn.Regimen.daily(4.5, days=1)
    with pytest.warns(UserWarning, match="ldnsim.washout") as caught:
        ldn.simulate(model, {"a": together, "b": together}, duration=24, outputs=["withdrawal"])
    assert len(caught) == 1
    ldn.simulate(model, {"a": ldn.Regimen.daily(20, days=1, drug="oxycodone")}, duration=24)  # none: error


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"drug": "oxycodon"}, UnknownNameError, "oxycodone"),
        ({"drug": "naltrexone"}, UnknownNameError, "naltrexone"),
        ({"dose": -1}, InputError, "-1"),
        ({"days": 0}, InputError, "days"),
        ({"direction": "back"}, UnknownNameError, "opioid_to_ldn"),
        ({"ii": 0}, InputError, "ii=0"),
        ({"draws": 0}, InputError, "draws"),
        ({"first_dose": 0}, InputError, "first_dose"),
    ],
)
def test_refusals(model, how, error, words):
    arguments = {"drug": "oxycodone", "dose": 20, "days": 30} | how
    with pytest.raises(error, match=words):
        ldn.washout(model, arguments.pop("drug"), **arguments)


def test_command(capsys):
    assert run(["washout", "oxycodone", "--dose", "20", "--draws", "20", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["label_days"] == "7-10"
    assert found["hours"]["wait"][0] > 24
    assert run(["washout", "morphine", "--dose", "4.5", "--direction", "ldn_to_opioid", "--draws", "20"]) == 0
    shown = capsys.readouterr().out
    assert "90 % of the effect, brain" in shown
    assert "not medical advice" in shown


@pytest.mark.parametrize("direction", waits.DIRECTIONS)
def test_a_draw_that_does_not_finish_has_no_wait(model, monkeypatch, direction):
    plain = ldn.washout(model, "morphine", dose=30, days=3, direction=direction, draws=3)
    simulate = waits.simulate

    def unfinished(*args, **how):
        ds = simulate(*args, **how)
        return ds.where((ds.subject != ds.subject[0]) | (ds.time < ds.time[5]))

    monkeypatch.setattr(waits, "simulate", unfinished)
    ds = ldn.washout(model, "morphine", dose=30, days=3, direction=direction, draws=3)
    np.testing.assert_array_equal(ds.waits, [np.nan, *plain.waits.values[1:]])
    assert float(ds.wait) in plain.waits.values[1:]
    if "tolerated" in ds:
        assert ds.tolerated.values[-1] == 1
