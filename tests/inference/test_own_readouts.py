"""A model of one's own: its readouts are summarized, swept, optimized, and have slopes."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

TEXT = """
    J1: gut -> central; ka*gut;  J2: central -> ; CL*Cp;  J3: central -> edge; Q*Cp;  J4: edge -> central; Q*edge/V2
    Cp := central/V;  effect := Emax*Cp/(EC50 + Cp)
    gut = 0; central = 0; edge = 0; ka = 0.7; CL = 3; V = 12; Q = 2; V2 = 30; Emax = 1; EC50 = 0.5
"""
DIGITS = {  # relative to the value: what is smooth, then times of peaks and crossings
    1e-6: (
        "auc(Cp)",
        "cavg(Cp)",
        "ctrough(Cp)",
        "aumc(Cp)",
        "mean(effect)",
        "auc(Cp, 0, 24)",
        "accumulation(Cp)",
        "cmax(Cp)",
        "auc_inf(Cp)",
        "mrt(Cp)",
        "swing(Cp)",
        "fluctuation(Cp)",
        "at(Cp, 3, first dose)",
        "half_life(Cp)",
    ),
    5e-4: ("tmax(Cp)", "time_above(Cp, 0.5)", "time_to(effect, 0.9)", "hours_above(effect, 0.5)"),
}
NAMES = ["ka", "CL", "V", "Q", "EC50"]
STEPS = np.array([-2, -1, 1, 2]) * 1e-2  # wide, since values between nodes are known to some 1e-8
WEIGHTS = np.array([1, -8, 8, -1]) / 12e-2  # of the differences of fourth order


@pytest.fixture(scope="module")
def model():
    return ldn.Model.from_antimony(TEXT)


@pytest.fixture(scope="module")
def regimen():
    return ldn.Regimen.every(20, 12, 6, cmt="gut")


@pytest.mark.filterwarnings("ignore:.*the curve still bends")  # which has a slope all the same
@pytest.mark.parametrize(("readout", "digits"), [(r, d) for d, some in DIGITS.items() for r in some])
def test_slopes_equal_central_differences(model, regimen, readout, digits):
    found = ldn.sensitivity(model, regimen, metric=readout, parameters=NAMES, rtol=1e-10).loc[NAMES]
    rows = [{name: model.parameters.value[name] * (1 + step)} for name in NAMES for step in STEPS]
    nominal = {name: model.parameters.value[name] for name in NAMES}
    people = pd.DataFrame([nominal | row for row in rows])
    ds = ldn.simulate(model, regimen, subjects=people, metrics=[readout], rtol=1e-10)
    values = ds[readout].values.reshape(len(NAMES), len(STEPS))
    differences = values @ WEIGHTS
    slopes = (found.slope * found.value).to_numpy()
    assert np.abs(differences).max() > 1e-3 * np.abs(values).max()
    assert np.abs(slopes - differences).max() < digits * max(np.abs(values).max(), np.abs(differences).max())


def test_a_readout_is_swept_and_optimized(model, regimen):
    grid = ldn.sweep(model, {"dose": [10.0, 20.0]}, ii=12, n=6, cmt="gut", metrics=["cmax(Cp)", "auc(Cp)"])
    np.testing.assert_allclose(grid["cmax(Cp)"][1] / grid["cmax(Cp)"][0], 2, rtol=1e-5)
    one = ldn.summarize(ldn.simulate(model, regimen), ["cmax(Cp)"])["cmax(Cp)"]
    np.testing.assert_allclose(grid["cmax(Cp)"].sel(dose=20.0), one, rtol=1e-5)
    most = ldn.optimize(
        model, {"auc(effect)": "max"}, {"dose": (5.0, 40.0)}, constraints={"cmax(Cp)": (None, 1.5)},
        ii=12, n=6, cmt="gut", candidates=8, generations=6, seed=1,
    )  # fmt: skip
    limit = 20 * 1.5 / float(one)
    assert most.best.dose == pytest.approx(limit, rel=0.02)
