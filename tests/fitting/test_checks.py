"""What figures of a fit show."""

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.fitting.uncertainty import LEVEL, level_of

from .conftest import TIMES, TRUE, closed, simulated

HOW = {
    "observe": "Cp",
    "cmt": "A_gut",
    "estimate": ["ka", "CL", "V"],
    "iiv": ["CL", "V"],
    "error": "proportional",
}


@pytest.fixture(scope="module")
def fitted(own):
    return ldn.fit(own, ldn.read_data(simulated(24, seed=3, sd={"CL": 0.3, "V": 0.2})), **HOW)


def test_a_right_model_is_seen_to_be_right(fitted):
    table = fitted.visual_check(seed=1)
    inside = (table.observed >= table.low) & (table.observed <= table.high)
    assert inside.mean() > 0.8
    assert table["count"].sum() == 3 * 24 * 7
    for name in ("CWRES", "NPDE"):
        seen = fitted.predictions[name].dropna()
        assert abs(seen.mean()) < 0.2, name
        assert seen.std() == pytest.approx(1.0, abs=0.15), name


def test_a_wrong_model_is_seen_to_be_wrong(fitted, own):
    wrong = ldn.fit(own.with_parameters(CL=5.0), fitted.data, **(HOW | {"estimate": []}), sigma=0.1)
    table = wrong.visual_check(seed=1)
    assert ((table.observed < table.low) | (table.observed > table.high)).mean() > 0.2
    assert abs(wrong.predictions.NPDE.mean()) > 0.3


def test_corrected_measurements_are_brought_to_the_middle_prediction(own):
    """Half of the people take three times as much: in a linear model, prediction and measurement grow threefold."""
    same = simulated(12, seed=3)
    more = same.assign(**{c: same[c] * np.where(same.ID.str[1:].astype(int) % 2, 3.0, 1.0) for c in ("AMT", "DV")})
    how = HOW | {"estimate": [], "sigma": 0.1}
    one, two = (
        ldn.fit(own, ldn.read_data(t), **how).visual_check(corrected=True, sets=10).observed for t in (same, more)
    )
    np.testing.assert_allclose(two, 2.0 * one, rtol=1e-6)  # in the middle of 1 and 3


def test_people_drawn_from_a_fit_differ_as_it_says(fitted):
    people = ldn.population(fitted, 4000, seed=2)
    np.testing.assert_allclose(np.log(people[["CL", "V"]]).var(), np.diag(fitted.omega), rtol=0.1)
    assert people.ka.nunique() == 1
    assert people.iloc[:10].equals(ldn.population(fitted, 10, seed=2))
    wider = ldn.population(fitted, 4000, seed=2, uncertain=True)
    assert np.log(wider.CL).var() > np.log(people.CL).var()
    typical = ldn.posterior(fitted, 4000, seed=2)
    np.testing.assert_allclose(
        typical.std() / typical.mean(),
        fitted.parameters.rse[typical.columns] / 100 * level_of(fitted.prediction) / LEVEL,  # as the intervals
        rtol=0.1,
    )


def test_curves_pass_through_the_predictions(fitted):
    lines = fitted.curves(most=2, points=49)  # every half hour
    assert list(lines.ID.unique()) == ["s0", "s1"]
    seen = fitted.predictions.query("ID == 's1' and TIME == 8")
    here = lines.query("ID == 's1' and TIME == 8")
    np.testing.assert_allclose(here[["PRED", "IPRED"]], seen[["PRED", "IPRED"]], rtol=1e-4)


def test_figures_are_drawn(fitted):
    for draw in (ldn.plots.gof, ldn.plots.vpc, ldn.plots.individual_fits):
        fig, _ = draw(fitted)
        fig.canvas.draw()
    with pytest.raises(ldn.InputError, match="fit="):
        ldn.plots.vpc(5)


@pytest.mark.parametrize("width", [85, 120])
def test_labels_of_the_goodness_of_fit_stay_in_the_figure(fitted, width):
    table = fitted.predictions
    table.attrs = {"units": {}}  # "unit of the data", the longest
    fig, axes = ldn.plots.gof(table, width=width)
    fig.canvas.draw()
    inside = fig.bbox.padded(-fig.dpi / 25.4)  # a millimetre from the edge
    for axis in axes.ravel():
        for label in (axis.xaxis.label, axis.yaxis.label):
            box = label.get_window_extent()
            assert box.y1 <= inside.y1, label.get_text()
            assert box.x1 <= inside.x1, label.get_text()


LIMITS = {"Cp": 0.5, "A": 60.0}  # of quantification; that of A is 1.9 in the unit of Cp


def limited(own, stated):
    """Fit concentrations and amounts, each below a limit of its own in the end; the fit is the truth."""
    rows = []
    for row in simulated(40, seed=6, sd={"CL": 0.3}).to_dict("records"):
        plain = {"ID": row["ID"], "TIME": row["TIME"]}
        if row["TIME"] == 0:
            rows.append(plain | {"AMT": row["AMT"]})
            continue
        for name, value in (("Cp", row["DV"]), ("A", row["DV"] * TRUE["V"])):
            dv = value if value >= LIMITS[name] else f"<{LIMITS[name]}"
            rows.append(plain | {"DVID": name, "DV": dv} | ({"LLOQ": LIMITS[name]} if stated else {}))
    how = HOW | {"observe": {n: n for n in LIMITS}, "estimate": [], "iiv": {"CL": 0.09}}
    return ldn.fit(own, ldn.read_data(rows), **how, sigma={f"proportional {n}": 0.1 for n in LIMITS})


def expected(name, sets=400, n=40):
    """Where quantiles lie by the closed form: time and quantile, then low, median and high."""
    rng, scale, found = np.random.default_rng(8), TRUE["V"] if name == "A" else 1.0, []
    cl = TRUE["CL"] * np.exp(0.3 * rng.standard_normal((sets, n)))
    for t in TIMES:
        y = scale * closed(t, 300.0, TRUE["ka"], cl, TRUE["V"]) * (1 + 0.1 * rng.standard_normal(cl.shape))
        seen = np.quantile(np.where(y < LIMITS[name], -1e9, y), (0.05, 0.5, 0.95), axis=1)
        found.append(np.quantile(seen, (0.05, 0.5, 0.95), axis=1).T)
    return np.array(found)


@pytest.mark.kind("limits-in-a-check")
@pytest.mark.parametrize("stated", [True, False], ids=["a column LLOQ", "in DV alone"])
def test_simulated_values_have_the_limit_of_their_own_variable(own, stated):
    """That of the other one, which most of the concentrations lie below, left no band."""
    table = limited(own, stated).visual_check(corrected=False, sets=400, seed=1)
    for name in LIMITS:
        own_rows = table[table.variable == name]
        found = own_rows[["low", "median", "high"]].to_numpy().reshape(len(TIMES), 3, 3)
        truth = expected(name)
        sure = np.abs(truth / LIMITS[name] - 1) > 0.15  # of whether they lie above the limit
        np.testing.assert_array_equal(np.isnan(found)[sure], (truth < LIMITS[name])[sure])
        both = ~np.isnan(found) & (truth > LIMITS[name])
        assert both.sum() > 30
        np.testing.assert_allclose(found[both], truth[both], rtol=0.1)


@pytest.mark.kind("limits-in-a-check", sibling="a band of which part lies below the limit; its figure")
def test_a_band_reaches_below_the_limit_where_some_of_its_sets_do(own):
    fit = limited(own, True)
    table = fit.visual_check(corrected=False, sets=400).query("variable == 'A'")
    partly = table[table.low.isna() & table.high.notna()]
    assert partly[["time", "quantile"]].values.tolist() == [[12.0, 0.05]]
    assert partly.high.item() > LIMITS["A"]
    _, axis = ldn.plots.vpc(fit, variable="A", corrected=False, sets=50)
    shades = [path.vertices for band in axis.collections for path in band.get_paths()]
    assert min(v[np.isfinite(v).all(axis=1), 1].min() for v in shades) == 0.0


@pytest.mark.kind("restarted-clock", sibling="in the checks, curves and measurements of a fit")
@pytest.mark.filterwarnings("ignore:the clock of ID")
def test_what_is_shown_of_a_fit_knows_periods_that_restart_the_clock(own):
    """The second period doses at 08:00: its samples were shown as if the dose at 00:00 were their last."""
    table = simulated(8, seed=3)
    later = table.assign(TIME=table.TIME + 8.0, EVID=np.where(table.AMT > 0, 4, 0))
    first = table.assign(EVID=np.where(table.AMT > 0, 1, 0))
    rows = pd.concat([part[who == part.ID] for who in table.ID.unique() for part in (first, later)])
    how = HOW | {"estimate": [], "iiv": [], "sigma": 0.1}
    once, twice = (ldn.fit(own, ldn.read_data(t), **how) for t in (first, rows))
    check, alone = (f.visual_check(corrected=False, sets=10) for f in (twice, once))
    assert check.time.tolist() == alone.time.tolist()
    assert check["count"].tolist() == [2 * n for n in alone["count"]]
    np.testing.assert_array_equal(check.observed > 0, alone.observed > 0)
    seen = twice.measured("Cp").query("ID == 's0'")
    assert seen.TIME.tolist() == [*TIMES, *(48 + 8 + t for t in TIMES)]  # of a midnight after the first period
    lines = twice.curves(most=1, points=2 * 80 + 1)
    at = lines.set_index("TIME").PRED
    assert at[56.5] == pytest.approx(at[0.5], rel=1e-5)
    predicted = twice.predictions.query("ID == 's0' and EVID == 0").PRED
    np.testing.assert_allclose(at.loc[seen.TIME], predicted, rtol=1e-4)


@pytest.mark.kind("trough-record", sibling="in the visual check of a fit")
def test_a_trough_is_so_many_hours_after_the_dose_before(own):
    """It stood at 0 h of the figure, beside samples of the dose that follows it."""
    rows = [
        {"ID": i} | row
        for i in range(6)
        for k in range(3)
        for row in (
            [{"TIME": 12 * k, "DV": 2.0 + 0.1 * i}] * (k > 0)
            + [{"TIME": 12 * k, "AMT": 300}, {"TIME": 12 * k + 2, "DV": 6.0 + i}]
        )
    ]
    f = ldn.fit(own, ldn.read_data(rows), **HOW | {"estimate": [], "iiv": [], "sigma": 0.1})
    middle = f.visual_check(sets=10).query("quantile == 0.5")
    assert middle.time.tolist() == [2.0, 12.0]
    assert middle["count"].tolist() == [18, 12]
