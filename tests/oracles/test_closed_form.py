"""Linear pharmacokinetics against its closed form: sums of exponentials, superposed over doses.

Formulas: M. Gibaldi, D. Perrier, Pharmacokinetics, 2nd ed. (1982), chapters 1 to 3. One and two compartments;
bolus, first-order absorption, zero-order infusion; single, multiple, steady state; lag and bioavailability.
"""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.engine import Events, System
from ldnsim.engine.events import EventKind
from ldnsim.engine.solve import integrate

CL, V, Q, VP, KA = 4.0, 25.0, 6.0, 60.0, 0.9  # L/h, L, L/h, L, 1/h
TOLERANCES = [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9]
METHODS = ["tsit5-scalar", "rodas5p-scalar", "rodas5p"]
GUT, CENTRAL, PERIPHERAL = 0, 1, 2


def disposition(compartments):
    """Coefficients (1/L) and exponents (1/h) of the concentration after a unit bolus."""
    k10, k12, k21 = CL / V, Q / V, Q / VP
    if compartments == 1:
        return np.array([1.0 / V]), np.array([k10])
    total = k10 + k12 + k21
    root = np.sqrt(total**2 - 4.0 * k10 * k21)
    fast, slow = (total + root) / 2.0, (total - root) / 2.0
    return np.array([fast - k21, k21 - slow]) / (fast - slow) / V, np.array([fast, slow])


def response(route, t, a, k, duration=2.0, tau=None):
    """Concentration (mg/L) at t (h) after 1 mg; with `tau` (h) at steady state, t in [0, tau)."""
    t = np.asarray(t)[:, None]
    again = 1.0 if tau is None else 1.0 / (1.0 - np.exp(-k * tau))
    after = np.where(t >= 0, np.exp(-k * np.maximum(t, 0.0)), 0.0)
    if route == "bolus":
        return (a * again * after).sum(1)
    if route == "oral":
        gut = 1.0 if tau is None else 1.0 / (1.0 - np.exp(-KA * tau))
        absorbed = np.where(t >= 0, np.exp(-KA * np.maximum(t, 0.0)), 0.0)
        return (a * KA / (KA - k) * (again * after - gut * absorbed)).sum(1)
    running = (1.0 - np.exp(-k * np.clip(t, 0.0, duration))) * np.exp(-k * np.maximum(t - duration, 0.0))
    before = 0.0 if tau is None else (np.exp(k * duration) - 1.0) * (again - 1.0) * after
    return (a / k / duration * (running + before)).sum(1)


def two_compartments(t, y, c, dy):
    ka, k10, k12, k21 = c
    dy[0] = -ka * y[0]
    dy[1] = ka * y[0] - (k10 + k12) * y[1] + k21 * y[2]
    dy[2] = k12 * y[1] - k21 * y[2]


def two_compartments_jac(t, y, c, jac):
    ka, k10, k12, k21 = c
    jac[0, 0], jac[0, 1], jac[0, 2] = -ka, 0.0, 0.0
    jac[1, 0], jac[1, 1], jac[1, 2] = ka, -(k10 + k12), k21
    jac[2, 0], jac[2, 1], jac[2, 2] = 0.0, k12, -k21


@pytest.fixture(scope="module")
def system():
    return System.from_functions(two_compartments, 3, two_compartments_jac, n_constants=4, name="pk")


@pytest.fixture(scope="module")
def models():
    text = """
    model pk{n}()
      CL = {CL}; V = {V}; Q = {Q}; VP = {VP}; KA = {KA};
      gut = 0; central = 0; {peripheral0}
      gut' = -KA*gut;
      central' = KA*gut - CL/V*central{exchange};
      {peripheral}
      conc := central/V;
    end
    """
    numbers = {"CL": CL, "V": V, "Q": Q, "VP": VP, "KA": KA}
    second = {
        "peripheral0": "peripheral = 0;",
        "exchange": " - Q/V*central + Q/VP*peripheral",
        "peripheral": "peripheral' = Q/V*central - Q/VP*peripheral;",
    }
    none = dict.fromkeys(second, "")
    return {
        n: ldn.Model.from_antimony(text.format(n=n, **numbers, **(second if n == 2 else none)))
        for n in (1, 2)
    }


def in_tolerance(got, expected, rtol):
    error = np.abs(got - expected) / (np.abs(expected) + 1e-3 * np.abs(expected).max())
    return error.max() <= 10.0 * rtol


@pytest.mark.parametrize("method", ["tsit5", "rodas5p"])
@pytest.mark.parametrize("route", ["bolus", "oral", "infusion"])
@pytest.mark.parametrize("compartments", [1, 2])
def test_the_engine_on_many_doses(system, method, route, compartments):
    a, k = disposition(compartments)
    constants = [KA, CL / V, Q / V if compartments == 2 else 0.0, Q / VP]
    doses, tau, duration = np.arange(5), 11.0, 2.0
    records = []
    for start in tau * doses:
        if route == "infusion":
            records += [
                (start, EventKind.RATE, CENTRAL, 50.0),
                (start + duration, EventKind.RATE, CENTRAL, -50.0),
            ]
        else:
            records.append((start, EventKind.ADD, GUT if route == "oral" else CENTRAL, 100.0))
    times = np.linspace(0.0, 80.0, 321)
    expected = 100.0 * sum(response(route, times - tau * n, a, k, duration) for n in doses)
    for rtol in TOLERANCES:
        s = integrate(system, np.zeros(3), constants, Events.of(records), times, method=method, rtol=rtol)
        assert s.finished.all()
        assert in_tolerance(s.values[0, CENTRAL] / V, expected, rtol), rtol


def records(route, **columns):
    cmt = "gut" if route == "oral" else "central"
    rate = 50.0 if route == "infusion" else 0.0
    return ldn.Regimen.from_records(
        pd.DataFrame([{"time": 0.0, "amt": 100.0, "cmt": cmt, "rate": rate} | columns])
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", ["bolus", "oral", "infusion"])
@pytest.mark.parametrize("compartments", [1, 2])
def test_regimens_single_multiple_lag_and_fraction(models, method, route, compartments):
    a, k = disposition(compartments)
    times = np.linspace(0.0, 60.0, 241)
    lag, fraction = 0.75, 0.4
    # The fraction shortens an infusion of given rate, as in NONMEM.
    duration = 2.0 * fraction
    for doses in (1, 4):
        regimen = records(route, lag=lag, F=fraction, ii=13.0 if doses > 1 else 0.0, addl=doses - 1)
        expected = 40.0 * sum(response(route, times - lag - 13.0 * n, a, k, duration) for n in range(doses))
        for rtol in TOLERANCES:
            ds = ldn.simulate(models[compartments], regimen, times=times, method=method, rtol=rtol)
            assert in_tolerance(ds.conc.values, expected, rtol), (doses, rtol)


@pytest.mark.parametrize("route", ["bolus", "oral", "infusion"])
@pytest.mark.parametrize("compartments", [1, 2])
def test_regimens_at_steady_state(models, route, compartments):
    a, k = disposition(compartments)
    tau = 12.0
    times = np.linspace(0.0, tau, 97)[:-1]
    expected = 100.0 * response(route, times, a, k, 2.0, tau)
    for rtol in TOLERANCES:
        ds = ldn.simulate(models[compartments], records(route, ss=1, ii=tau), times=times, rtol=rtol)
        assert in_tolerance(ds.conc.values, expected, rtol), rtol
