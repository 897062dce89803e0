"""Remainders of a shifted time at the very instants where they begin again."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.codegen.quotients import quotient_of_time
from ldnsim.model.equations import symbol_of


@pytest.mark.kind("remainder-of-time")
@pytest.mark.parametrize(("shift", "period"), [(28, 24), (3, 49), (5, 7), (0, 24), (0, 49), (1, 12)])
@pytest.mark.parametrize("subjects", [1, 8])
@pytest.mark.parametrize("method", ["tsit5", "rodas5p"])
def test_a_remainder_is_0_where_it_begins_again(shift, period, subjects, method):
    text = f"""x' = r - 0.1*x; x = 0; k = 1; z' = k*r; z = 0; q := (time - {shift}) % {period}
    r := piecewise(1, q < 4, 2, (q >= 4) && (q < {period}), 9)"""
    times = shift + period * np.arange(20.0)
    people = pd.DataFrame({"k": np.ones(subjects)})
    ds = ldn.simulate(ldn.Model.from_antimony(text), None, times=times, outputs=["q", "r", "z"], subjects=people,
                      method=method, rtol=1e-9)  # fmt: skip
    assert (ds.q == 0.0).all()
    assert (ds.r == 1.0).all()
    grown = np.diff(ds.z.values, axis=1)
    np.testing.assert_allclose(grown, 4.0 + 2.0 * (period - 4), rtol=1e-7)


@pytest.mark.kind("remainder-of-time", sibling="a floor of a shifted time, in a model that counts in minutes")
def test_a_floor_steps_at_its_time():
    text = "unit time_unit = 60 second; x' = 0; x = 0; n := floor((time - 28)/24); up := ceil((time - 28)/24)"
    times = 28.0 + 24.0 * np.arange(50.0)
    ds = ldn.simulate(ldn.Model.from_antimony(text), None, times=times, outputs=["n", "up"])
    np.testing.assert_array_equal(ds.n, np.arange(50.0))
    np.testing.assert_array_equal(ds.up, np.arange(50.0))


def test_only_lines_in_time_become_quotients_again():
    t, x = symbol_of("time"), symbol_of("x")
    assert quotient_of_time((t - 28) / 24) == (t - 28, 24)
    assert quotient_of_time((5 * t - 3) / 7) == (5 * t - 3, 7)
    assert quotient_of_time(t / 49) == (t, 49)
    for other in (t / 2.5, (x - 28) / 24, t - 28, (t - x) / 24, t**2 / 24 - 1):
        assert quotient_of_time(other) is None


@pytest.mark.parametrize("method", ["tsit5", "rodas5p"])
@pytest.mark.parametrize("subjects", [1, 8])
def test_a_rate_that_is_a_quotient_of_time_is_integrated(method, subjects):
    model = ldn.Model.from_antimony("x' = k*((time - 3)/49)^2; x = 0; k = 1")
    people = pd.DataFrame({"k": np.ones(subjects)})
    ds = ldn.simulate(model, None, times=[0.0, 10.0], outputs=["x"], subjects=people, method=method, rtol=1e-9)
    np.testing.assert_allclose(ds.x[:, 1], (7.0**3 + 27.0) / 3.0 / 49.0**2, rtol=1e-8)
