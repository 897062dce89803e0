"""What every figure promises: units on the axes, legends beside the curves, limits that hold the data."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ldnsim import plots


def sweep(dims=("dose", "at")):
    dose, at = np.array([0.5, 1.5, 4.5, 50.0]), np.array(["22:00", "08:00", "14:00"])
    values = np.outer(dose / (dose + 4), [8.0, 2.0, 1.0])
    coords = {"dose": ("dose", dose, {"units": "mg"}), "at": at}
    attrs = {"units": "h", "long_name": "hours blocked asleep"}
    return xr.Dataset({"hours_blocked_asleep": (dims, values, attrs)}, coords)


def effects():
    table = pd.DataFrame({"low": [0.9, 1.2, np.nan], "high": [1.1, 0.8, 1.0]}, index=["Gs", "Ki", "lost"])
    table.attrs.update(baseline=1.0, metric="rebound peak", units="fold")
    return table


@pytest.fixture(
    params=[
        "timecourse",
        "timecourse_two",
        "compare",
        "short_compare",
        "five_long_names",
        "band",
        "dose",
        "map",
        "tornado",
    ]
)
def drawn(request, one, two, many):
    late = two.sel(time=slice(640, None))
    figures = {
        "timecourse": lambda: plots.timecourse(one),
        "timecourse_two": lambda: plots.timecourse(late),
        "compare": lambda: plots.compare(two),
        "short_compare": lambda: plots.compare(late),
        "five_long_names": lambda: plots.compare(
            two.isel(regimen=[0, 1, 0, 1, 0]).assign_coords(
                regimen=[f"{k}.25 mg slow_release every 12 h at 08:00" for k in range(5)]
            )
        ),
        "band": lambda: plots.population_band(many),
        "dose": lambda: plots.dose_response(sweep()[["hours_blocked_asleep"]].rename(at="subject")),
        "map": lambda: plots.heatmap(sweep()),
        "tornado": lambda: plots.tornado(effects()),
    }
    fig, axes = figures[request.param]()
    fig.canvas.draw()
    return fig, np.atleast_1d(np.array(axes, dtype=object)).ravel()


def test_completion_lists_figures_and_no_modules():
    assert dir(plots) == sorted(plots.__all__)


def test_every_labelled_axis_has_a_unit_and_every_row_and_column_a_label(drawn):
    _, axes = drawn
    labels = [a.get_xlabel() for a in axes] + [a.get_ylabel() for a in axes]
    told = [t for t in labels if t and t != "Parameter"]
    assert told
    assert all("(" in t and ")" in t for t in told), told
    grid = {(a.get_subplotspec().rowspan.start, a.get_subplotspec().colspan.start): a for a in axes}
    rows, columns = (max(k[i] for k in grid) + 1 for i in (0, 1))
    assert all(grid[i, 0].get_ylabel() for i in range(rows))
    assert all(grid[rows - 1, j].get_xlabel() for j in range(columns))


def within(page, box, slack=2.0):
    return (
        page.x0 - slack <= box.x0
        and box.x1 <= page.x1 + slack
        and page.y0 - slack <= box.y0
        and box.y1 <= page.y1 + slack
    )


def test_no_legend_covers_a_panel_or_leaves_the_figure(drawn, overlap):
    fig, axes = drawn
    for legend in [a.get_legend() for a in axes if a.get_legend()] + fig.legends:
        box = legend.get_window_extent()
        assert within(fig.bbox, box)
        for axis in axes:
            assert overlap(box, axis.get_window_extent()) <= 1.0, axis.get_ylabel()


def texts(axis):
    """Labels of an axis that are drawn: ticks beyond its limits are not."""
    yield from (axis.xaxis.label, axis.yaxis.label)
    for one in (axis.xaxis, axis.yaxis):
        low, high = sorted(one.get_view_interval())
        for tick in one.get_major_ticks():
            if low <= tick.get_loc() <= high and tick.label1.get_visible():
                yield tick.label1


def test_texts_do_not_run_into_one_another(drawn, overlap):
    fig, axes = drawn
    shown = [t for a in axes for t in texts(a) if t.get_text()]
    boxes = [(t.get_text(), t.get_window_extent()) for t in shown]
    for i, (name, box) in enumerate(boxes):
        assert within(fig.bbox, box), name
        for other, box2 in boxes[i + 1 :]:
            assert overlap(box, box2) <= 3.0, (name, other)


def test_curves_lie_within_the_limits(drawn):
    _, axes = drawn
    for axis in axes:
        low, high = axis.get_ylim()
        for curve in axis.get_lines():
            if curve.get_gid() == "doses":
                continue
            y = np.asarray(curve.get_ydata(), dtype=float)
            assert np.nanmax(y) <= max(low, high), axis.get_ylabel()
            if axis.get_yscale() == "linear":
                assert np.nanmin(y) >= min(low, high), axis.get_ylabel()


def test_text_is_legible_in_one_journal_column(drawn):
    fig, axes = drawn
    scale = 85.0 / (25.4 * fig.get_figwidth()) if fig.get_figwidth() * 25.4 < 120 else 1.0
    sizes = [
        t.get_fontsize() * scale for a in axes for t in (a.xaxis.label, a.yaxis.label, *a.get_xticklabels())
    ]
    assert min(sizes) >= 6.0


def test_curves_of_one_panel_differ_in_colour_and_in_dashes(two, one):
    for _, axes in (plots.timecourse(one), plots.compare(two)):
        axis = axes[-1, -1]
        curves = [c for c in axis.get_lines() if c.get_label() and not c.get_label().startswith("_")]
        assert len(curves) >= 2
        assert len({c.get_color() for c in curves}) == len(curves)
        assert len({str(c._unscaled_dash_pattern) for c in curves}) == len(curves)


def test_a_figure_of_a_file_is_the_figure_of_the_run(two, tmp_path):
    two.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc", engine="h5netcdf") as back:
        _, axes = plots.compare(back)
        _, expected = plots.compare(two)
        for a, b in zip(axes.ravel(), expected.ravel(), strict=True):
            for p, q in zip(a.get_lines(), b.get_lines(), strict=True):
                assert np.array_equal(p.get_xydata(), q.get_xydata())


def test_nothing_is_shown_and_the_users_style_is_kept(one, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("plt.show() was called"))
    before = dict(plt.rcParams)
    with plt.rc_context(
        {"axes.labelsize": 13.0, "axes.prop_cycle": plt.cycler(color=["#112233", "#445566"])}
    ):
        _, axes = plots.timecourse(one)
        assert axes[0, 0].yaxis.label.get_fontsize() == 13.0
        assert axes[0, 0].get_lines()[0].get_color() == "#112233"
    assert dict(plt.rcParams) == before


def test_a_dark_style_is_kept(two):
    import matplotlib.pyplot as plt

    with plt.style.context("dark_background"):
        _, axes = plots.study_view(two, {"v": (30, 40)})
        shades = [p.get_facecolor()[:3] for p in axes[0].patches]
        assert max(max(s) for s in shades) < 0.5
        assert axes[0].texts[0].get_color() == "white"
        _, axis = plots.phase_portrait(two)
        marks = [c for c in axis.get_lines() if c.get_gid() == "hours"]
        assert {c.get_markerfacecolor() for c in marks} == {"black"}


@pytest.mark.parametrize("call", ["band", "dose", "map", "tornado"])
def test_one_axes_can_be_handed_in(call, many):
    import matplotlib.pyplot as plt

    fig, mine = plt.subplots()
    back = {
        "band": lambda: plots.population_band(many, ax=mine),
        "dose": lambda: plots.dose_response(sweep().rename(at="subject"), ax=mine),
        "map": lambda: plots.heatmap(sweep(), ax=mine),
        "tornado": lambda: plots.tornado(effects(), ax=mine),
    }[call]()
    assert back == (fig, mine)
    assert plt.get_fignums() == [fig.number]


def test_axes_handed_in_are_used_or_counted(one, two):
    import matplotlib.pyplot as plt

    fig, mine = plt.subplots(4, 1)
    back, axes = plots.timecourse(one, ax=mine)
    assert back is fig
    assert axes.ravel().tolist() == mine.tolist()
    with pytest.raises(ValueError, match=r"ax='1 objects': must be 4 Axes"):
        plots.timecourse(one, ax=mine[0])
    with pytest.raises(ValueError, match=r"must be 14 Axes"):
        plots.compare(two, ax=mine)


@pytest.mark.parametrize("thing", [None, [1, 2], np.zeros(3), xr.DataArray([1.0, 2.0], dims="time")])
@pytest.mark.parametrize("name", ["timecourse", "compare", "population_band"])
def test_what_is_no_dataset_is_refused(name, thing):
    with pytest.raises(ValueError, match=r"ds=.*must be an xarray.Dataset"):
        getattr(plots, name)(thing)


def test_a_logarithmic_axis_is_told_in_plain_numbers(two):
    tiny = two.sel(time=slice(640, None)).copy()
    tiny["plasma_naltrexone"] = (tiny.plasma_naltrexone * 1e-5).assign_attrs(tiny.plasma_naltrexone.attrs)
    _, axes = plots.compare(tiny, variables=["plasma_naltrexone"])
    assert axes[0, 0].get_yscale() == "log"
    words = [t.get_text() for t in axes[0, 0].get_yticklabels()]
    assert words
    assert all(w.replace(".", "").isdigit() and len(w) <= 9 for w in words), words
