"""dose_response, heatmap and tornado draw the numbers they are given, and refuse the rest."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ldnsim import plots

DOSE = np.array([0.5, 1.5, 4.5, 50.0])


def draws(**attrs):
    values = np.outer(DOSE, np.linspace(0.5, 1.5, 21))
    return xr.Dataset({"cmax": (("dose", "draw"), values, {"units": "ng/mL", **attrs})}, {"dose": DOSE})


def test_dose_response_shows_median_and_interval():
    _, axis = plots.dose_response(draws(long_name="peak in plasma"))
    line = axis.get_lines()[0]
    assert line.get_xdata().tolist() == DOSE.tolist()
    assert np.allclose(line.get_ydata(), DOSE, rtol=1e-12)
    band = axis.collections[0].get_paths()[0].vertices
    top = band[np.isclose(band[:, 0], 50.0), 1].max()
    assert top == pytest.approx(50 * np.quantile(np.linspace(0.5, 1.5, 21), 0.95))
    assert axis.get_xscale() == "log"
    assert axis.get_xlabel() == "Dose (mg)"
    assert axis.get_ylabel() == "peak in plasma\n(ng/mL)"
    assert [t.get_text() for t in axis.get_xticklabels()] == ["0.5", "1.5", "4.5", "50"]


def test_dose_response_takes_quantiles_that_are_there():
    told = draws().cmax.quantile([0.5, 0.05, 0.95], "draw").to_dataset(name="cmax")
    _, axis = plots.dose_response(told)
    assert np.allclose(axis.get_lines()[0].get_ydata(), DOSE, rtol=1e-12)
    assert len(axis.collections) == 1


def test_dose_response_without_spread_has_no_band_and_zero_has_a_place():
    ds = xr.Dataset({"x": ("dose", [0.0, 1.0, 2.0], {"units": "1"})}, {"dose": [0.0, 1.0, 2.0]})
    _, axis = plots.dose_response(ds, level=1.0)
    assert not axis.collections
    assert axis.get_xscale() == "symlog"
    assert [c.get_gid() for c in axis.get_lines()] == [None, "level"]


def test_dose_response_reads_a_table_with_one_curve_a_regimen():
    table = pd.DataFrame(
        {"dose": [4.5, 0.5, 0.5, 4.5], "median": [4, 1, 2, 5.0], "regimen": ["am", "am", "pm", "pm"]}
    )
    table.attrs["units"] = "h"
    _, axis = plots.dose_response(table, "hours blocked")
    lines = axis.get_lines()
    assert [x.get_label() for x in lines] == ["am", "pm"]
    assert lines[0].get_ydata().tolist() == [1.0, 4.0]
    assert axis.get_ylabel() == "hours blocked\n(h)"


@pytest.mark.parametrize(
    ("table", "metric", "words"),
    [
        (xr.Dataset({"x": ("time", [1.0, 2.0])}), None, "no variable with a dim 'dose'"),
        (draws().assign(tmax=draws().cmax), None, "must be chosen among cmax, tmax"),
        (draws(), "cmin", "did you mean 'cmax'"),
        (draws().isel(dose=[0]), None, "at least two doses"),
        (draws().assign_coords(dose=[-1.0, 1.0, 2.0, 3.0]), None, "negative dose"),
        (pd.DataFrame({"dose": [1.0, 2.0]}), None, "has no column 'median'"),
        ([1, 2], None, "must be an xarray.Dataset"),
    ],
)
def test_dose_response_refuses(table, metric, words):
    with pytest.raises((ValueError, KeyError), match=words):
        plots.dose_response(table, metric)


def grid():
    values = np.arange(12.0).reshape(4, 3)
    return xr.Dataset(
        {"hours": (("dose", "at"), values, {"units": "h", "long_name": "hours blocked"})},
        {"dose": ("dose", DOSE, {"units": "mg"}), "at": ["22:00", "08:00", "14:00"]},
    )


def test_heatmap_shows_the_values_where_they_belong():
    fig, axis = plots.heatmap(grid(), x="dose", y="at")
    assert axis.collections[0].get_array().shape == (3, 4)
    assert np.array_equal(np.asarray(axis.collections[0].get_array()), grid().hours.values.T)
    assert axis.get_xlabel() == "Dose (mg)"
    assert axis.get_ylabel() == "Clock time of the dose (hh:mm)"
    assert [t.get_text() for t in axis.get_xticklabels()] == ["0.5", "1.5", "4.5", "50"]
    assert fig.axes[1].get_ylabel() == "hours blocked (h)"
    assert {t.get_text() for t in axis.texts} == {f"{v:g}" for v in range(12)}
    assert not plots.heatmap(grid(), numbers=False)[1].texts


def test_the_colour_scale_stays_ordered_in_grey():
    _, axis = plots.heatmap(grid())
    rgb = axis.collections[0].cmap(np.linspace(0, 1, 64))[:, :3]
    assert (np.diff(rgb @ [0.299, 0.587, 0.114]) > 0).all()


def test_numbers_stand_out_from_their_cell():
    _, axis = plots.heatmap(grid())
    for text, value in zip(axis.texts, np.arange(12.0), strict=True):
        rgb = np.array(axis.collections[0].cmap(value / 11)[:3]) @ [0.299, 0.587, 0.114]
        ink = 1.0 if text.get_color() == "white" else 0.0
        assert abs(rgb - ink) > 0.4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"metric": "hour"}, "did you mean 'hours'"),
        ({"x": "does"}, "did you mean 'dose'"),
        ({"x": "dose", "y": "dose"}, "must differ from x"),
    ],
)
def test_heatmap_refuses(change, words):
    with pytest.raises((ValueError, KeyError), match=words):
        plots.heatmap(grid(), **change)


def test_heatmap_needs_two_dims():
    deep = grid().expand_dims(ke0=[1.0, 2.0])
    with pytest.raises(ValueError, match=r"has the dims .* not two; choose"):
        plots.heatmap(deep, "hours")
    with pytest.raises(ValueError, match=r"ds=.*: has no variable with two dims"):
        plots.heatmap(deep)


def effects():
    table = pd.DataFrame({"low": [0.95, 1.3, 1.0], "high": [1.1, 0.8, 1.0]}, index=["small", "large", "none"])
    table.attrs.update(baseline=1.0, metric="rebound peak", units="fold")
    return table


def test_tornado_puts_the_longest_bar_on_top():
    _, axis = plots.tornado(effects())
    assert [t.get_text() for t in axis.get_yticklabels()] == ["large", "small", "none"]
    assert axis.yaxis_inverted()
    bars = axis.containers[0]
    assert bars[0].get_x() == pytest.approx(1.0)
    assert bars[0].get_width() == pytest.approx(0.3)
    assert axis.get_xlabel() == "rebound peak (fold)"
    assert len(plots.tornado(effects(), most=1)[1].get_yticklabels()) == 1


def test_tornado_refuses():
    with pytest.raises(ValueError, match="must be a pandas DataFrame"):
        plots.tornado([1])
    with pytest.raises(ValueError, match=r"has no column 'high'.*low= and high="):
        plots.tornado(effects()[["low"]])
    with pytest.raises(ValueError, match="no row with finite values"):
        plots.tornado(effects() * np.nan)
    with pytest.raises(ValueError, match="baseline="):
        plots.tornado(effects(), baseline=10**400)


@pytest.mark.kind("at-least", sibling="a figure")
def test_what_was_cut_off_is_an_open_mark():
    table = draws().rename(cmax="blockade_window").quantile([0.05, 0.5, 0.95], dim="draw")
    cut = (("quantile", "dose"), [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1]])
    _, axis = plots.dose_response(table.assign_coords(blockade_window_censored=cut))
    (open_,) = [line for line in axis.get_lines() if line.get_gid() == "at least"]
    assert open_.get_xdata().tolist() == [50.0]
    assert "at least" in [t.get_text() for t in axis.get_legend().get_texts()]
    _, axis = plots.dose_response(table)
    assert not [line for line in axis.get_lines() if line.get_gid() == "at least"]


@pytest.mark.kind("at-least", sibling="a map")
def test_a_cell_that_was_cut_off_is_at_least_its_number():
    window = (("at", "dose"), [[2.0, 24.0], [3.0, 24.0]], {"units": "h"})
    ds = xr.Dataset({"blockade_window": window}, {"at": ["08:00", "22:00"], "dose": [4.5, 50.0]})
    cut = (("dose", "at"), [[0.0, 0.0], [1.0, 0.0]])
    _, axis = plots.heatmap(ds.assign_coords(blockade_window_censored=cut))
    assert [text.get_text() for text in axis.texts] == ["2", "≥24", "3", "24"]
    _, axis = plots.heatmap(ds.assign_coords(blockade_window_censored=("dose", [0.0, 1.0])))
    assert [text.get_text() for text in axis.texts] == ["2", "≥24", "3", "≥24"]
