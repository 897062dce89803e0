"""Forward sensitivities: equal to central differences, through doses, lags, infusions and steady states."""

import warnings

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.errors import InputError, ModelError
from ldnsim.readouts import measure, the_one
from ldnsim.simulation.tangent import TangentModel, tangents

WEIGHTS = np.array([1, -8, 8, -1]) / 12
HILL = """
model hill()
  A' = -k*A; B' = k*A - Vmax*B^h/(Km^h + B^h); A = A0; B = B0*Km
  k = 0.5; Vmax = 0.4; Km = 2; h = 1.3; A0 = 1; B0 = 0.5; R_B = 0.7
  fold := B/Km + max(B - Km, 0)
end
"""
R = ldn.Regimen
PK = ("plasma_naltrexone", "plasma_naltrexol")
CHAIN = ("opioid_tone", "endorphin", "mu_occupancy_brain", "il6", "pain")


def titrated():
    rows = {"time": [0.0, 10.0, 24.0], "amt": [3.0, 2.0, 1.0], "cmt": ["A", "B", "B"], "evid": [1, 1, 4]}
    return R.from_records(pd.DataFrame(rows | {"rate": [0.0, -1.0, 0.25]}))


CASES = {
    "lag and fraction": ("naltrexone_pk", R.daily(4.5, days=3, at="22:00"), PK, 96.0),
    "sublingual": ("ldn", R.daily(4.5, days=2, formulation="sublingual"), PK, 48.0),
    "depot": ("ldn", R.single(380, formulation="injection_xr"), PK, 700.0),
    "steady state": ("ldn", R.every(4.5, ii=24, n=2, ss=True), CHAIN, 48.0),
    "opioid": (
        "ldn",
        R.daily(4.5, days=2) + R.every(30, ii=6, n=8, drug="morphine"),
        (*CHAIN, "opioid_stimulus"),
        48.0,
    ),
    "rates, resets, powers": (HILL, titrated(), ("A", "B", "fold"), 48.0),
}
NAMES = {
    "lag and fraction": ["tlag", "F_oral", "ka", "CL_ntx", "salt_factor"],
    "sublingual": ["f_mucosa", "t_mucosa", "ka", "V1_ntx"],
    "depot": ["f_burst", "t_burst", "f_diffusion", "t_diffusion", "t_erosion", "lag_erosion", "k_depot"],
    "steady state": ["tlag", "ka", "salt_factor", "gain_synthesis", "k_il6"],
    "opioid": ["t_half_opioid", "opioid_reserve", "k_opioid_in", "ka"],
    "rates, resets, powers": ["k", "Vmax", "Km", "h", "A0", "B0", "R_B"],
}


def model_of(text):
    return ldn.load_model(text) if " " not in text else ldn.Model.from_antimony(text)


def along(model, names, step=None):
    """Rows of subjects: each along one parameter, or moved along it by `step` times -2, -1, 1, 2."""
    value = model.parameters.value
    if step is None:
        companion = TangentModel.around(model).companion
        return pd.DataFrame(np.diag(value[names]), columns=[companion[n] for n in names])
    moved = [{**value[names], n: value[n] * (1 + k * step)} for n in names for k in (-2, -1, 1, 2)]
    return pd.DataFrame(moved)


SLOW = {"depot"}  # a month at the finest tolerance


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.slow) if c in SLOW else c for c in CASES], ids=list(CASES)
)
def test_slopes_equal_central_differences(case):
    text, regimen, outputs, end = CASES[case]
    model, names = model_of(text), NAMES[case]
    times = np.linspace(0.3, end, 23)
    at = (TangentModel.around(model), regimen, along(model, names), outputs, times, (), (), end, 1e-10, 1)
    found = tangents(*at)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        how = {"times": times, "outputs": outputs, "duration": end, "rtol": 1e-12}
        ds = ldn.simulate(model, regimen, subjects=along(model, names, 1e-3), **how)
    y = np.stack([ds[name].values for name in outputs], axis=1).reshape(len(names), 4, len(outputs), -1)
    differences = np.einsum("njot,j->not", y, WEIGHTS) / 1e-3
    size = np.abs(found.courses).max(axis=(0, 2), keepdims=True)
    assert (np.abs(found.course_slopes - differences) < 1e-6 * size).all()
    for j, name in enumerate(names):
        assert np.abs(differences[j] / size).max() > 1e-5, f"{name} moves nothing"


@pytest.mark.parametrize(
    ("metric", "dose", "digits"),
    [
        ("cmax naltrexone", 4.5, 1e-6),
        ("tmax naltrexone", 4.5, 2e-5),
        ("auc naltrexol", 4.5, 1e-6),
        ("half_life naltrexone", 4.5, 1e-6),
        ("peak_mu_occupancy_peripheral", 4.5, 1e-6),
        ("trough_mu_occupancy_brain", 4.5, 1e-4),
        ("hours_blocked_peripheral", 4.5, 1e-6),
        ("hours_blocked_asleep", 4.5, 1e-6),
        ("blockade_window", 4.5, 1e-6),
        ("rebound_peak", 4.5, 1e-6),
        ("rebound_auc", 1.5, 1e-5),
        ("change_il6", 4.5, 1e-6),
    ],
)
def test_slopes_of_metrics_equal_central_differences_of_the_metric(metric, dose, digits):
    model, regimen = ldn.load_model("ldn"), R.daily(dose, days=4, at="22:00")
    names = ["tlag", "ka", "CL_ntx", "ke0", "gain_synthesis", "salt_factor"]
    if metric == "rebound_auc":  # in the default, tone stays below its baseline
        model = model.with_scenario("strong_feedback")
        names.remove("gain_synthesis")  # the scenario's own
    table = ldn.sensitivity(model, regimen, metric=metric, parameters=names).loc[names]
    one = the_one(metric, model, "metric")
    at = (TangentModel.around(model), regimen, along(model, names, 1e-3), (), np.empty(0), [one.variable])
    t = tangents(*at, (one,), regimen.end, 1e-12, 1, 3)
    y = measure(t.nodes, t.node_times, t.marks, [one.variable], [one])[:, 0]
    differences = y.reshape(len(names), 4) @ WEIGHTS / 1e-3
    slopes = (table.slope * table.value).to_numpy()
    assert (np.abs(slopes - differences) < digits * max(np.abs(y).max(), np.abs(differences).max())).all()
    assert np.abs(differences).max() > 1e-3 * np.abs(y).max()
    assert (table.error <= 1e-5 * table.slope.abs().max()).all()


def test_a_function_has_the_slopes_of_the_metric_it_computes():
    model, regimen = ldn.load_model("ldn"), R.daily(4.5, days=3, at="22:00")
    kw = {"parameters": ["ka", "ke0", "tlag"], "outputs": ["plasma_naltrexone", "il6"]}
    own = ldn.sensitivity(model, regimen, metric=lambda ds: ldn.summarize(ds).change_il6, **kw)
    named = ldn.sensitivity(model, regimen, metric="change_il6", parameters=kw["parameters"])
    np.testing.assert_allclose(
        own.slope, named.slope.loc[own.index], rtol=1e-5, atol=2e-5 * abs(own.slope).max()
    )


def test_a_function_may_read_a_quantity_that_bears_the_name_of_a_coordinate():
    text = ldn.Model.from_antimony("model m()\n tame' = k; tame = 1; k = 2\nend").to_sbml()
    model = ldn.Model.from_sbml(text.replace("tame", "time"))
    how = {"outputs": ["time"], "ranges": {"k": (1.0, 3.0)}, "duration": 3}
    found = ldn.sensitivity(model, None, metric=lambda ds: ds.time_.isel(time=-1), method="local", **how)
    assert found.slope.item() == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("x' = -k*x + piecewise(1, x > 0.5, 0); x = 1; k = 0.3", ModelError, "x' jumps at x > 0.5"),
        ("x' = -k*x; x = 1; k = 0.3; E: at x < 0.5: x = 1", ModelError, "event 'E'"),
        ("x' = -k*x + piecewise(1, time > T, 0); x = 1; k = 0.3; T = 4", InputError, "parameters='T'"),
        ("x' = -k*x; x = 1; k = 0.3; T = 4; E: at time > T: x = 1", InputError, "parameters='T'"),
    ],
)
def test_what_jumps_as_a_state_or_parameter_says_is_refused_by_name(text, error, words):
    with pytest.raises(error, match=words.replace("(", r"\(")):
        ldn.sensitivity(ldn.Model.from_antimony(text), None, metric=last_x, outputs=["x"], duration=9.0)


def test_events_and_jumps_at_fixed_times_are_passed():
    text = "x' = -k*x + piecewise(a, time > 5, 0); x = 1; k = 0.3; a = 2; E: at time >= 3: x = 2*x + a"
    table = ldn.sensitivity(ldn.Model.from_antimony(text), None, metric=last_x, outputs=["x"], duration=9.0)

    def x(k, a):
        three = 2 * np.exp(-3 * k) + a
        return three * np.exp(-6 * k) + a / k * (1 - np.exp(-4 * k))

    for name, (up, down) in {"k": ((0.3003, 2), (0.2997, 2)), "a": ((0.3, 2.002), (0.3, 1.998))}.items():
        step = {"k": 6e-4, "a": 4e-3}[name]
        assert table.slope[name] == pytest.approx((x(*up) - x(*down)) / step, rel=1e-5)


def test_a_dose_that_moves_into_a_state_left_at_a_varying_rate_is_refused(tmp_path):
    (tmp_path / "model.ant").write_text("model own()\n var B, V, K, late; B' = -V*B/(K + B); B = 0\nend\n")
    rows = "drug,formulation,cmt,fraction,lag,duration,grade,source,note\nnaltrexone,tablet,B,1,late,0,,,\n"
    (tmp_path / "formulations.csv").write_text(rows)
    (tmp_path / "parameters.csv").write_text(
        "id,value,unit,description,grade,source\nV,1,,,assumed,assumed\nK,2,,,assumed,assumed\n"
        "late,1,,,assumed,assumed\n"
    )
    model, regimen = ldn.load_model(tmp_path), R.single(4.5, formulation="tablet")
    kw = {"metric": lambda ds: ds.B.isel(time=-1), "outputs": ["B"], "duration": 9.0}
    assert len(ldn.sensitivity(model, regimen, parameters=["V", "K"], **kw)) == 2
    with pytest.raises(InputError, match="parameters='late': moves the time of a dose into 'B'"):
        ldn.sensitivity(model, regimen, **kw)


def last_x(ds):
    return ds.x.isel(time=-1)
