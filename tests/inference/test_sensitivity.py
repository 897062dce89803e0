"""Sensitivity: slopes against closed forms, global indices against published values."""

import shutil

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.inference.priors import fitted_priors
from ldnsim.inference.sensitivity_ranges import Ranges

ONE = """
model one()
  A' = -k*A; A = 0; k = 0.3; V = 5
  plasma_naltrexone := A/V
end
"""
ISHIGAMI = """
model ishigami()
  S' = 0; S = 0; x1 = 0; x2 = 0; x3 = 0; a = 7; b = 0.1
  Y := sin(x1) + a*sin(x2)^2 + b*x3^4*sin(x1)
end
"""
# Ishigami, Homma 1990; analytic values for a = 7, b = 0.1 as given by Saltelli et al. 2008.
FIRST, TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]
PI = dict.fromkeys(("x1", "x2", "x3"), (-np.pi, np.pi))


@pytest.fixture(scope="module")
def one():
    model = ldn.Model.from_antimony(ONE)
    table = ldn.load_model("ldn").readouts
    return model.with_readouts(table[table.variable.isin(model.observables)])


@pytest.fixture(scope="module")
def ishigami():
    return ldn.Model.from_antimony(ISHIGAMI)


def y_at_the_end(ds):
    return ds.Y.isel(time=-1)


def trough_of_the_third(ds):
    return ds.plasma_naltrexone.isel(time=-1)


def test_slopes_equal_the_closed_form_through_doses(one):
    doses, end = np.array([0.0, 8.0, 16.0]), 24.0
    r = ldn.Regimen.every(10, ii=8, n=3, cmt="A")
    table = ldn.sensitivity(one, r, metric=trough_of_the_third, duration=end)
    k, v, left = 0.3, 5.0, end - doses
    c = (10 * np.exp(-k * left)).sum() / v
    slope = {"k": -(10 * left * np.exp(-k * left)).sum() / v, "V": -c / v}
    for name, true in slope.items():
        assert table.slope[name] == pytest.approx(true, rel=1e-6)
        assert abs(table.slope[name] - true) < max(table.error[name], 1e-9)
    assert table.elasticity["V"] == pytest.approx(-1, rel=1e-6)
    assert table.attrs["baseline"] == pytest.approx(c, rel=1e-8)


def test_ends_are_the_metric_at_the_quantiles():
    model, r = ldn.load_model("naltrexone_pk"), ldn.Regimen.daily(4.5, days=2)
    table = ldn.sensitivity(model, r, metric="auc naltrexone", parameters=["CL_ntx", "ka"])
    from ldnsim.inference.sensitivity_ranges import Ranges

    ends = Ranges.of(model, ["CL_ntx"], None).quantiles("CL_ntx", np.array([0.05, 0.95]))
    auc = ldn.simulate(model, r, subjects=pd.DataFrame({"CL_ntx": ends}), metrics=["auc"]).auc.values[:, 0]
    np.testing.assert_allclose(table.loc["CL_ntx", ["low", "high"]].astype(float), auc, rtol=1e-5)
    assert table.index[0] == "CL_ntx"
    fig, _ = ldn.plots.tornado(table)
    assert len(fig.axes) == 1


def test_slopes_at_draws_bracket_the_one_here(one):
    draws = pd.DataFrame({"k": np.linspace(0.2, 0.4, 20)})
    r = ldn.Regimen.single(10, cmt="A")
    table = ldn.sensitivity(one, r, metric=trough_of_the_third, draws=draws, parameters=["V"])
    assert table.slope_low["V"] < table.slope["V"] < table.slope_high["V"]


@pytest.mark.kind("few-draws", sibling="sensitivity(draws=...): slopes at the draws")
def test_slopes_at_few_draws_have_no_interval(one):
    draws = pd.DataFrame({"k": np.linspace(0.2, 0.4, 19)})
    how = {"metric": trough_of_the_third, "parameters": ["V"], "draws": draws}
    table = ldn.sensitivity(one, ldn.Regimen.single(10, cmt="A"), **how)
    assert np.isfinite(table.slope["V"])
    assert table[["slope_low", "slope_high"]].isna().all(axis=None)


@pytest.mark.parametrize(("method", "n", "first"), [("sobol", 2048, "first"), ("efast", 1025, "first")])
def test_ishigami_shares_agree_with_the_published_ones(ishigami, method, n, first):
    table = ldn.sensitivity(
        ishigami,
        None,
        metric=y_at_the_end,
        outputs=["Y"],
        method=method,
        ranges=PI,
        n=n,
        seed=3,
        duration=1.0,
    ).loc[list(PI)]
    assert table.attrs["runs"] == (n * 5 if method == "sobol" else n * 3)
    for name, true in zip(("first", "total"), (FIRST, TOTAL), strict=True):
        if method == "efast":  # biased at a finite n, so within 0.05, as its literature has it
            np.testing.assert_allclose(table[name], true, atol=0.05)
            continue
        slack = 1.5 * (table[f"{name}_high"] - table[name])
        assert (abs(table[name] - true) <= slack).all()
        assert (abs(table[name] - true) < 0.05).all()


def test_morris_ranks_and_given_data_agree(ishigami):
    table = ldn.sensitivity(
        ishigami, None, metric=y_at_the_end, outputs=["Y"], method="morris", ranges=PI, n=200, duration=1.0
    )
    assert set(table.columns) == {"mu_star", "mu_star_low", "mu_star_high", "mu", "sigma"}
    assert table.mu_star["x3"] < table.mu_star["x1"]
    rng = np.random.default_rng(0)
    draws = pd.DataFrame(rng.uniform(-np.pi, np.pi, (2000, 3)), columns=list(PI))
    given = ldn.sensitivity(
        ishigami, None, metric=y_at_the_end, outputs=["Y"], method="given_data", draws=draws, duration=1.0
    )
    np.testing.assert_allclose(given["first"][list(PI)], FIRST, atol=0.08)
    assert given["first"].idxmax() == "x2"


def test_the_same_seed_gives_the_same_table():
    model, r = ldn.load_model("naltrexone_pk"), ldn.Regimen.daily(4.5, days=2)
    kw = {"metric": "cmax naltrexone", "method": "sobol", "n": 64, "parameters": ["ka", "CL_ntx", "F_oral"]}
    a, b = ldn.sensitivity(model, r, **kw, seed=1), ldn.sensitivity(model, r, **kw, seed=1)
    pd.testing.assert_frame_equal(a, b)
    pd.testing.assert_frame_equal(ldn.sensitivity(model, r, **kw), ldn.sensitivity(model, r, **kw))  # seed 0
    assert a.attrs["runs"] == 64 * 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metric": "cmaxx"}, "cmax"),
        ({"metric": "cmax"}, "cmax naltrexone"),
        ({"method": "sobel"}, "sobol"),
        ({"parameters": ["kaa"]}, "ka"),
        ({"ranges": {"ka": (2, 1)}}, "lower first"),
        ({"method": "sobol", "n": 100}, "power of 2"),
        ({"method": "given_data"}, "draws"),
        ({"method": "sobol", "parameters": ["mw_ntx"], "metric": "auc naltrexone"}, "parameters"),
        ({"n": 8}, "local"),
        ({"method": "sobol", "n": "x", "parameters": ["ka"]}, "n='x'"),
        ({"draws": 3}, "draws=3"),
        ({"seed": -1}, "seed=-1"),
        ({"rtol": 0}, "rtol=0"),
    ],
)
def test_refusals_name_the_argument(change, words):
    model = ldn.load_model("naltrexone_pk")
    with pytest.raises((ValueError, KeyError), match=words):
        ldn.sensitivity(model, ldn.Regimen.single(4.5), **{"metric": "cmax naltrexone", **change})


def test_from_the_shell(tmp_path, capsys):
    from ldnsim.cli import run

    out, figure = tmp_path / "table.csv", tmp_path / "tornado.png"
    told = ["sensitivity", "--model", "naltrexone_pk", "--dose", "4.5", "--days", "2", "--parameter", "ka"]
    assert run([*told, "--metric", "cmax naltrexone", "--out", str(out), "--figure", str(figure)]) == 0
    assert "slope" in capsys.readouterr().out
    assert pd.read_csv(out, index_col=0).index.tolist() == ["ka"]
    assert figure.stat().st_size > 1000
    assert run([*told, "--metric", "cmax"]) == 2
    assert "cmax naltrexone" in capsys.readouterr().err


def test_a_fitted_parameter_varies_by_what_its_table_states():
    model = ldn.load_model("ldn")
    row = model.parameters.loc["V1_ntxol"]
    assert row.grade == "fitted"
    low, middle, high = Ranges.of(model, ["V1_ntxol"], None).quantiles("V1_ntxol", np.array([0.05, 0.5, 0.95]))
    assert middle == pytest.approx(row.value, rel=0.02)  # its bounds cut a little off
    spread = row.uncertainty_gsd ** 1.645
    np.testing.assert_allclose([low, high], [row.value / spread, row.value * spread], rtol=0.05)


def test_a_share_that_stays_below_one_has_two_ends():
    model = ldn.load_model("ldn")
    row = model.parameters.loc["feedback_site"]
    assert (row.value, row.upper, row.lower) == (1, 1, 0)
    found = Ranges.of(model, ["feedback_site"], None).quantiles("feedback_site", np.array([0.0, 0.05, 0.5, 0.95, 1.0]))
    exact = row.uncertainty_gsd ** -np.array([1.959964, 0.674490, 0.062707, 0.0])  # of |z|, from large
    np.testing.assert_allclose(found[1:], exact, rtol=1e-5)
    assert 0 < found[0] < found[1]


def test_a_fitted_parameter_of_which_its_table_states_nothing_varies_by_its_prior(tmp_path):
    folder = shutil.copytree(ldn.load_model("ldn").folder, tmp_path / "own")
    table = pd.read_csv(folder / "parameters.csv", dtype=str, keep_default_na=False).set_index("id")
    table.loc["F_oral", "uncertainty_gsd"] = ""  # as before a calibration
    table.to_csv(folder / "parameters.csv")
    model = ldn.load_model(folder)
    ranges = Ranges.of(model, None, None)
    assert "F_oral" in ranges.ids
    prior = fitted_priors(model).loc["F_oral"]
    assert ranges.quantiles("F_oral", np.array([0.5]))[0] == pytest.approx(prior["median"], rel=0.02)
