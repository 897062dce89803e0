"""Measurements beside predictions, cytokines under regimens and readings, and how firmly claims hold."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim import plots


@pytest.fixture(scope="module")
def table():
    return ldn.qualify(ldn.load_model("ldn"), n=0)


def bars(axis, use):
    return [c.lines[0].get_xydata() for c in axis.containers if c.lines[0].get_gid() == use]


def test_fitted_rows_stand_apart_from_those_never_seen(table):
    _, (fitted, unseen) = plots.qualification(table)
    kinds = ("Cmax", "AUC", "half-life", "tmax", "depot level", "endotoxin")
    for axis, use in ((fitted, "calibration"), (unseen, "validation"), (unseen, "context")):
        rows = table[(table.use == use) & table.endpoint.isin(kinds)]
        points = bars(axis, use)
        assert len(points) == (len(rows) > 0)
        if len(rows):
            assert points[0][:, 0] == pytest.approx((rows.predicted / rows.observed).to_numpy())
            at = [
                ["Cmax", "AUC", "half-life", "tmax", "depot level", "endotoxin"].index(e)
                for e in rows.endpoint
            ]
            assert np.abs(points[0][:, 1] - at).max() < 0.5  # each in the row of its kind, whatever its unit
    for axis in (fitted, unseen):
        folds = [float(c.get_xdata()[0]) for c in axis.get_lines() if c.get_gid() == "fold"]
        assert sorted(folds) == pytest.approx([0.5, 1.0, 2.0])
        low, high = axis.get_xlim()
        assert low * high == pytest.approx(1.0)
    with pytest.raises(ValueError, match="must be the table of qualify"):
        plots.qualification(table.drop(columns="use"))
    with pytest.raises(ValueError, match="holds none of"):
        plots.qualification(table[table.endpoint == "PET occupancy"])


def courses():
    time = np.arange(0.0, 168.5, 0.5)
    held = {
        d: np.stack([np.exp(-time / 100) * d / (d + 5), np.where(time <= 8, 0.4, np.nan)]) for d in (2, 50)
    }
    return [
        xr.DataArray(
            v, dims=("rival", "time"), coords={"rival": ["ldn", "primer"], "time": time}, attrs={"dose": d}
        )
        for d, v in held.items()
    ]


def test_scans_lie_over_the_rivals_by_dose_and_over_time():
    _, (above, below) = plots.occupancy(courses(), ldn.evidence())
    by_dose = next(c for c in above.get_lines() if c.get_label() == "this model")
    assert by_dose.get_xdata().tolist() == [2, 50]
    assert by_dose.get_ydata() == pytest.approx([100 * np.exp(-0.04) * d / (d + 5) for d in (2, 50)])
    (early,), (late,) = bars(above, "scans"), bars(below, "scans")
    told = ldn.evidence().set_index("id").value
    assert {(2.0, told["rabiner_ntx_2mg"]), (50.0, told["rabiner_ntx_50mgb"])} <= set(map(tuple, early))
    assert set(map(tuple, late)) == {(2.0, told["lee1988_occ_48h"]), (5.0, told["lee1988_occ_120h"])}
    drawn = [c for c in below.get_lines() if len(c.get_xdata()) > 2]
    assert len(drawn) == 1  # the static curve says nothing after 8 h
    assert np.interp(1 / 24, drawn[0].get_xdata(), drawn[0].get_ydata()) == pytest.approx(100)


def test_occupancy_refuses_what_are_no_rivals_and_no_scans():
    with pytest.raises(ValueError, match="must be the result of rivals"):
        plots.occupancy(xr.DataArray([1.0], dims="time"), ldn.evidence())
    with pytest.raises(ldn.InputError, match=r"courses=\[\]: holds no course; ldn.rivals"):
        plots.occupancy([], ldn.evidence())
    with pytest.raises(ValueError, match="holds no scan"):
        plots.occupancy(courses(), ldn.evidence().query("area == 'pk'"))
    with pytest.raises(ValueError, match="must be the published measurements"):
        plots.occupancy(courses(), [1, 2])


def test_cytokines_of_two_regimens_end_with_the_first_and_long_runs_show_daily_means(two):
    _, axes = plots.cytokine_panel(two)
    assert [a.get_title(loc="left") for a in axes.ravel()] == ["TNF-α", "IL-6", "IL-1β", "IL-10"]
    drawn = next(c for c in axes[0, 1].get_lines() if c.get_label() == two.regimen.values[0])
    stop = float(two.marks.sel(mark="interval_end").min())
    assert drawn.get_xdata()[-1] == pytest.approx(stop - 12)
    day = two.il6[0].sel(time=slice(stop - 24 - 1e-6, stop + 1e-6))
    assert drawn.get_ydata()[-1] == pytest.approx(float(day.integrate("time")) / 24, rel=1e-6)
    assert "mean of each day" in axes[1, 0].get_xlabel()


def test_cytokines_of_short_runs_are_drawn_as_they_are_with_bands(many):
    fig, axes = plots.cytokine_panel(many)
    drawn = next(c for c in axes[0, 0].get_lines() if c.get_label() == "LDN")
    end = float(many.marks.sel(mark="interval_end").min())
    shown = many.tnf_alpha[0].sel(time=slice(float(many.dose_time.min()) - 2, end))
    assert np.allclose(drawn.get_ydata(), shown.median("subject"))
    assert "5 to 95 % of subjects" in [t.get_text() for t in fig.legends[0].get_texts()]


def test_scenarios_stand_for_regimens(two):
    run = two.isel(regimen=[0]).sel(time=slice(400, 460))
    both = xr.concat([run, run], "scenario").assign_coords(scenario=["a", "b"])
    _, axes = plots.cytokine_panel(both)
    assert {"a", "b"} <= {c.get_label() for c in axes[0, 0].get_lines()}
    with pytest.raises(ValueError, match="two dims that tell runs apart"):
        plots.cytokine_panel(xr.concat([two, two], "scenario"))
    with pytest.raises(ValueError, match="holds none of tnf_alpha"):
        plots.cytokine_panel(two[["opioid_tone"]])


def test_readings_stand_side_by_side_and_are_not_added_up():
    pairs = [(s, c) for s in ("clinical_tlr4", "ogf") for c in ("tnf_alpha", "il6")]
    index = pd.MultiIndex.from_tuples(pairs, names=["scenario", "cytokine"])
    told = pd.DataFrame(
        {"change": [-5.0, -30, 2, 14], "low": [-7.0, -40, -1, -6], "high": [-4.0, -20, 13, 60]}, index
    )
    _, axes = plots.cytokine_panel(told)
    assert axes.shape == (1, 2)
    (points,) = bars(axes[0, 1], "readings")
    assert points.tolist() == [[-30.0, 0.0], [14.0, 1.0]]
    assert [t.get_text() for t in axes[0, 0].get_yticklabels()] == ["Clinical TLR4", "OGF"]
    with pytest.raises(ValueError, match="must be the table of cytokine_readings"):
        plots.cytokine_panel(told.reset_index())


def test_each_claim_has_its_two_shares():
    index = pd.MultiIndex.from_tuples([("tone rises within the day", 4.5), ("blocked", 50.0)])
    _, axis = plots.robustness(pd.DataFrame({"prior": [0.4, 1.0], "posterior": [0.2, 0.9]}, index))
    prior, posterior = axis.get_lines()[:2]
    assert prior.get_xdata().tolist() == [40, 100]
    assert posterior.get_xdata().tolist() == [20, 90]
    words = [t.get_text().replace("\n", " ") for t in axis.get_yticklabels()]
    assert words == ["4.5 mg: tone rises within the day", "50 mg: blocked"]


def test_too_many_regimens_are_refused_with_the_number_and_the_way_out(two):
    eight = two.isel(regimen=[0] * 8)
    for draw in (plots.compare, plots.cytokine_panel):
        with pytest.raises(ValueError, match=r"'8 regimens': only 7 can be told apart.*ds.isel\(regimen="):
            draw(eight)


def test_a_band_ends_with_its_own_regimen(many, ending):
    early = ending(many, 94.0, 70.0)
    _, axis = plots.population_band(early, "endorphin")
    ends = {c.get_label(): c.get_xdata()[-1] for c in axis.get_lines() if "median" in c.get_label()}
    assert ends == {"LDN, median": pytest.approx(94.0), "standard, median": pytest.approx(70.0)}


def test_the_label_of_a_colour_bar_fits_beside_it():
    attrs = {"units": "h", "long_name": "a rather long name of a metric " * 4}
    ds = xr.Dataset(
        {"m": (("dose", "at"), np.eye(3), attrs)}, {"dose": [1.0, 2, 3], "at": ["08:00", "14:00", "22:00"]}
    )
    fig, _ = plots.heatmap(ds)
    fig.canvas.draw()
    box = fig.axes[1].yaxis.label.get_window_extent()
    assert fig.bbox.y0 <= box.y0 < box.y1 <= fig.bbox.y1
    assert box.x1 <= fig.bbox.x1


def test_axes_of_ones_own_are_used_and_counted(table, two):
    import matplotlib.pyplot as plt

    index = pd.MultiIndex.from_tuples([("blocked", 50.0)])
    shares = pd.DataFrame({"prior": [1.0], "posterior": [0.9]}, index)
    fig, mine = plt.subplots(3, 4)
    assert plots.qualification(table, ax=mine[0, :2])[1].tolist() == mine[0, :2].tolist()
    assert plots.occupancy(courses(), ldn.evidence(), ax=mine[0, 2:])[1].tolist() == mine[0, 2:].tolist()
    assert plots.cytokine_panel(two, ax=mine[1])[1].ravel().tolist() == mine[1].tolist()
    assert plots.robustness(shares, ax=mine[2, 0]) == (fig, mine[2, 0])
    assert plots.pareto(pd.DataFrame({"a": [1.0], "b": [2.0]}), ax=mine[2, 1], goals=("a", "b"))[0] is fig
    assert plt.get_fignums() == [fig.number]
    for draw in (
        lambda: plots.qualification(table, ax=mine[0, 0]),
        lambda: plots.cytokine_panel(two, ax=mine[0, :3]),
    ):
        with pytest.raises(ValueError, match=r"ax='\d objects': must be \d Axes"):
            draw()


def test_coverage_rises_to_all_and_asks_for_draws():
    table = ldn.qualify(ldn.load_model("ldn"), n=20)
    _, axis = plots.coverage(table)
    lines = axis.get_lines()[1:]
    assert len(lines) == 3
    for line in lines:
        assert (np.diff(line.get_ydata()) >= 0).all()
        assert line.get_ydata()[-1] == pytest.approx(100)
    with pytest.raises(ldn.InputError, match="draws"):
        plots.coverage(table.drop(columns="rank"))
