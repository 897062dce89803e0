"""Units of time: hours wherever a dose is given, by every path; without a dose the model's own unit."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

UNITS = {"s": (1.0, 1 / 3600), "min": (60.0, 1 / 60), "h": (3600.0, 1.0), "d": (86400.0, 24.0)}
BODY = """
  gut' = -ka*gut; body' = ka*gut - k*body + 0.1*k*sin(w*time); gut = 0; body = 5; late = 0
  ka = {ka}; k = {k}; w = {w}; D_gut = {D}; hit = 0; seen = 0; rate := rateOf(gut)
  mark: at time > {mark}: hit = body
  later: at {wait} after body < 3: late = body, seen = time"""
HOURLY = {"ka": 0.8, "k": 0.15, "w": 0.7, "D": 1.5, "mark": 7.3, "wait": 2.25}


def text(unit):
    """The same model in another unit of time."""
    seconds, hours = UNITS[unit]
    numbers = {n: v * hours if n in ("ka", "k", "w") else v / hours for n, v in HOURLY.items()}
    return f"model m\n unit time_unit = {seconds} second{BODY.format(**numbers)}\nend"


def model(unit):
    return ldn.Model.from_antimony(text(unit))


REGIMENS = {
    "bolus": ldn.Regimen.every(3.0, ii=6, n=3, cmt="gut", lag=0.5),
    "infusion": ldn.Regimen.every(3.0, ii=12, n=2, cmt="gut", rate=1.2),
    "modelled duration": ldn.Regimen.from_records(
        pd.DataFrame(
            {"time": [0, 12], "amt": [3.0, 3.0], "cmt": ["gut"] * 2, "evid": [1, 1], "rate": [-2, -2]}
        )
    ),
    "two trains": ldn.Regimen.every(3.0, ii=12, n=2, cmt="body") + ldn.Regimen.single(1.0, cmt="gut", at=5),
}
OUTPUTS = ["gut", "body", "hit", "late"]


@pytest.mark.kind("time-unit")
@pytest.mark.parametrize("regimen", REGIMENS.values(), ids=REGIMENS)
@pytest.mark.parametrize("unit", ["s", "min", "d"])
def test_doses_make_it_hours(unit, regimen):
    how = {
        "times": np.arange(0, 37, 3.0),
        "outputs": [*OUTPUTS, "seen", "rate"],
        "rtol": 1e-10,
        "atol": 1e-12,
    }
    ours, hourly = (ldn.simulate(model(u), regimen, **how) for u in (unit, "h"))
    assert ours.time.attrs["units"] == ours.attrs["time_unit"] == "h"
    for name in OUTPUTS:
        np.testing.assert_allclose(ours[name], hourly[name], rtol=1e-7, atol=1e-9, err_msg=name)
    hours = UNITS[unit][1]  # what the model itself says of time stays in its own unit
    np.testing.assert_allclose(ours.seen * hours, hourly.seen, rtol=1e-7)
    np.testing.assert_allclose(ours.rate / hours, hourly.rate, rtol=1e-6, atol=1e-9)


def test_without_a_dose_it_is_the_models_own_unit():
    ours = ldn.simulate(model("d"), None, times=[0.0, 0.5, 1.0], outputs=OUTPUTS, rtol=1e-9)
    hourly = ldn.simulate(model("h"), None, times=[0.0, 12.0, 24.0], outputs=OUTPUTS, rtol=1e-9)
    assert ours.time.attrs["units"] == ours.attrs["time_unit"] == "d"
    assert ours.clock.values.tolist() == hourly.clock.values.tolist() == [0.0, 12.0, 0.0]
    for name in OUTPUTS:
        np.testing.assert_allclose(ours[name], hourly[name], rtol=1e-6, atol=1e-9, err_msg=name)
    assert ldn.simulate(model("d"), ldn.Regimen(), duration=1).time.attrs["units"] == "d"
    assert ours.attrs["model_hash"] == model("d").hash == model("d").in_hours().hash


@pytest.mark.kind("time-unit", sibling="a dict that mixes doses and none, or models that count differently")
def test_one_dose_in_the_call_makes_all_of_it_hours():
    regimens = {"none": None, "dose": REGIMENS["bolus"]}
    how = {"times": [0.0, 6.0, 12.0], "outputs": OUTPUTS, "rtol": 1e-9}
    ours, hourly = (ldn.simulate(model(u), regimens, **how) for u in ("d", "h"))
    assert ours.time.attrs["units"] == "h"
    np.testing.assert_allclose(ours.body, hourly.body, rtol=1e-6)
    both = ldn.simulate({"a": model("d"), "b": model("min")}, None, **how)
    assert both.time.attrs["units"] == "h"
    np.testing.assert_allclose(both.body, [hourly.body[0]] * 2, rtol=1e-6)
    days = ldn.simulate({"a": model("d"), "b": model("d")}, None, times=[0.0, 0.25], outputs=OUTPUTS)
    assert days.time.attrs["units"] == "d"


QUIET = """model m
  unit time_unit = {s} second
  gut' = -ka*gut; body' = ka*gut - k*body; gut = 0; body = 0; ka = {ka}; k = {k}
end"""


def quiet(unit):
    s, hours = UNITS[unit]
    return ldn.Model.from_antimony(QUIET.format(s=s, ka=0.8 * hours, k=0.15 * hours))


def mean_of_body(ds):
    return ds.body.mean("time")


PATHS = {
    "steady_state": lambda m, r: ldn.steady_state(m, r, outputs=["body"]).body,
    "with ss": lambda m, r: (
        ldn.simulate(m, ldn.Regimen.every(3.0, ii=12, n=2, cmt="gut", ss=True), outputs=["body"]).body
    ),
    "sweep": lambda m, r: ldn.sweep(m, {"dose": [0.0, 3.0]}, ii=12, n=2, cmt="gut", outputs=["body"]).body,
    "sweep with none": lambda m, r: (
        ldn.sweep(m, {"regimen": {"none": None, "some": r}}, outputs=["body"], chunk=1).body
    ),
    "subjects": lambda m, r: (
        ldn.simulate(
            m,
            r,
            subjects=pd.DataFrame({"k": m.parameters.value["k"] * np.array([0.5, 1, 2])}),
            outputs=["body"],
        ).body
    ),
    "sensitivity": lambda m, r: (
        ldn.sensitivity(
            m, r, metric=mean_of_body, outputs=["body"], parameters=["ka", "k"], method="local"
        ).elasticity
    ),
    "lsoda": lambda m, r: ldn.simulate(m, r, outputs=["body"], method="LSODA", rtol=1e-8).body,
}


@pytest.mark.kind("time-unit", sibling="every path that takes a regimen")
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_every_path_counts_hours(path):
    regimen = ldn.Regimen.every(3.0, ii=12, n=4, cmt="gut")
    hourly, ours = path(quiet("h"), regimen), path(quiet("d"), regimen)
    np.testing.assert_allclose(ours, hourly, rtol=2e-5, atol=1e-7)


def test_metrics_and_figures_of_another_unit_are_refused_or_converted():
    text = QUIET.format(s=86400, ka=19.2, k=3.6).replace("body", "plasma_naltrexone")
    own = ldn.Model.from_antimony(text)
    with pytest.raises(ldn.InputError, match=r"counted in h, .* counts in d; simulate model\.in_hours"):
        ldn.simulate(own, None, duration=1, metrics=["cmax"])
    ds = ldn.simulate(own, None, duration=1)
    assert "last_interval" not in ds.coords
    with pytest.raises(ldn.InputError, match=r"course in d.*in_hours"):
        ldn.summarize(ds)
    from ldnsim.plots import read

    assert read.timed(ldn.simulate(own, None, duration=2)).time.values.tolist() == [0.0, 24.0, 48.0]


def test_a_unit_that_is_no_time_takes_no_dose():
    sbml = model("h").to_sbml().replace('timeUnits="', 'timeUnits="dimensionless" name="')
    odd = ldn.Model.from_sbml(sbml)
    assert odd.time_unit == "1"
    ds = ldn.simulate(odd, None, times=[0.0, 3.0], outputs=["body"])
    assert "clock" not in ds.coords
    with pytest.raises(ldn.InputError, match="counts time in '1', which is no unit of time"):
        ldn.simulate(odd, REGIMENS["bolus"])
