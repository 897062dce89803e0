"""What parameters of doses do to a course: closed forms of one state that decays."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.simulation.tangent import TangentModel, tangents

K, GIVEN, STOP, AMOUNT = 0.3, 1.5, 4.0, 3.0
TIMES = np.array([2.0, 3.4, 5.0, 9.0, 12.0])


def infused(t, rate, duration):
    """Value after an infusion from GIVEN on."""
    on, off = (np.maximum(t - start, 0.0) for start in (GIVEN, GIVEN + duration))
    return rate / K * (np.exp(-K * off) - np.exp(-K * on))


CASES = {  # the parameter's name and value, code of the rate, the course
    "a duration": ("D_A", 2.5, -2.0, lambda t, d: infused(t, AMOUNT / d, d)),
    "a rate": ("R_A", 1.2, -1.0, lambda t, r: infused(t, r, AMOUNT / r)),
    "a rate of elimination": ("k", K, 0.0, lambda t, k: AMOUNT * np.exp(-k * np.maximum(t - GIVEN, 0.0)) * (t >= GIVEN)),
}


@pytest.mark.parametrize("case", CASES)
def test_slopes_of_closed_forms(case):
    name, value, code, course = CASES[case]
    more = "" if name == "k" else f"{name} = {value};"
    model = ldn.Model.from_antimony(f"model one; A' = -k*A; A = 0; k = {K}; {more} end")
    rows = {"time": [GIVEN], "amt": [AMOUNT], "cmt": ["A"], "rate": [code]}
    tangent = TangentModel.around(model)
    along = pd.DataFrame({tangent.companion[name]: [1.0]})
    found = tangents(tangent, ldn.Regimen.from_records(pd.DataFrame(rows)), along, ("A",), TIMES, (), (), 12.0, 1e-10, 1)
    np.testing.assert_allclose(found.courses[0, 0], course(TIMES, value), rtol=1e-7)
    step = 1e-4
    differences = (course(TIMES, value + step) - course(TIMES, value - step)) / (2 * step)
    np.testing.assert_allclose(found.course_slopes[0, 0], differences, rtol=1e-6)
