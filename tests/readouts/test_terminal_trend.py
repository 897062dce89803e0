"""A half-life that is read before its curve has come to the terminal phase says so."""

import warnings

import numpy as np
import pytest

import ldnsim as ldn

TWO = """model two
  gut' = -ka*gut; C1' = ka*gut - (CL/V1 + Q/V1)*C1 + Q/V2*C2; C2' = Q/V1*C1 - Q/V2*C2
  gut = 0; C1 = 0; C2 = 0; ka = 1; CL = 8; V1 = 40; Q = 10; V2 = 150
  plasma := C1/V1
end"""
RATES = np.linalg.eigvals([[-18 / 40, 10 / 150], [10 / 40, -10 / 150]])
TERMINAL = np.log(2) / -RATES.max()


@pytest.fixture(scope="module")
def two():
    return ldn.Model.from_antimony(TWO)


def read(ds):
    found = ldn.summarize(ds, ["half_life(plasma)"]).reset_coords()
    return float(found["half_life(plasma)"]), float(found["half_life(plasma)_trend"])


@pytest.mark.kind("half-life-too-early")
@pytest.mark.parametrize(("ii", "trend"), [(6, None), (8, None), (12, TERMINAL)])
def test_a_curve_that_still_bends_has_no_terminal_half_life_yet(two, ii, trend):
    with pytest.warns(UserWarning, match=r"half_life\(plasma\): the curve still bends where its window ends, so .* h"):
        value, leads = read(ldn.simulate(two, ldn.Regimen.every(100, ii=ii, n=200 // ii, cmt="gut")))
    assert value < 0.65 * TERMINAL
    assert np.isnan(leads) if trend is None else leads == pytest.approx(trend, rel=0.1)


@pytest.mark.parametrize(("ii", "more"), [(24, {}), (96, {}), (6, {"duration": 400.0})])
def test_where_it_is_reached_nothing_is_said(two, ii, more):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value, leads = read(ldn.simulate(two, ldn.Regimen.every(100, ii=ii, n=192 // ii, cmt="gut"), **more))
    assert [value, leads] == pytest.approx([TERMINAL] * 2, rel=0.01)


def test_a_long_straight_line_is_one_though_its_end_is_as_small_as_the_solver_s_errors():
    model = ldn.load_model("ldn")
    draws = ldn.posterior(model, 200).iloc[[129, 148, 196]]  # whose last stretches differ by half a percent
    how = {"duration": 168.0, "metrics": ["half_life naltrexol"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ldn.simulate(model, ldn.Regimen.single(50), subjects=draws, **how)
    assert np.isfinite(found["half_life"]).all()


@pytest.mark.kind("half-life-too-early", sibling="metrics without courses, and people of whom some are not there yet")
def test_how_many_are_not_there_yet_is_told(two):
    import pandas as pd

    people = pd.DataFrame({"Q": [10.0, 1e-6, 1e-6]})
    with pytest.warns(UserWarning, match=r"still bends where its window ends in 1 of 3, so .*duration="):
        ldn.simulate(
            two, ldn.Regimen.every(100, ii=8, n=20, cmt="gut"), subjects=people, metrics=["half_life(plasma)"]
        )


@pytest.mark.kind("half-life-too-early", sibling="some among many draws")
def test_draws_that_come_to_their_terminal_phase_are_no_warning_and_some_that_do_not_are():
    model, nightly = ldn.load_model("ldn"), ldn.Regimen.daily(4.5, days=14, at="22:00")
    draws = ldn.posterior(model, 400)
    how = {"metrics": ["half_life naltrexol"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ldn.simulate(model, nightly, subjects=draws, **how)
    assert not found["half_life_trend"].isnull().any()
    with pytest.warns(UserWarning, match="of 400, so .* h is no terminal half-life .its trend leads to"):
        ldn.simulate(model, ldn.Regimen.every(4.5, ii=12, n=28), subjects=draws, **how)
