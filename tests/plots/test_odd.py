"""What an odd run looks like: names as long as a sentence, somebody untreated, a change that hardly shows."""

import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim import plots

LONG = "4.5 mg at bedtime, after a dinner with much fat, as a slow capsule from the pharmacy"


@pytest.fixture(scope="module")
def untreated():
    runs = {"untreated": None, "LDN": ldn.Regimen.daily(4.5, days=7)}
    return ldn.simulate(ldn.load_model("ldn"), runs, duration=168)


@pytest.fixture(scope="module")
def long_names(untreated):
    return untreated.assign_coords(regimen=[LONG, f"{LONG}, twice, $5 or $6"])


@pytest.mark.parametrize(
    "name", ["compare", "cytokine_panel", "phase_portrait", "timecourse", "titration_ladder"]
)
def test_a_long_name_is_cut_and_leaves_the_panels_their_room(name, long_names):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fig, axes = getattr(plots, name)(long_names)
        fig.draw_without_rendering()
    for axis in np.ravel(axes):
        assert axis.get_position().width > 0.2
        words = [axis.title, axis._right_title, *(axis.get_legend().get_texts() if axis.get_legend() else [])]
        for text in [t for t in words if t.get_text()]:
            box = text.get_window_extent()
            assert fig.bbox.x0 - 2 <= box.x0, text.get_text()
            assert box.x1 <= fig.bbox.x1 + 2, text.get_text()
    for legend in fig.legends:
        assert legend.get_window_extent().x0 >= fig.bbox.x0
    told = [
        t.get_text()
        for g in [*fig.legends, *(a.get_legend() for a in np.ravel(axes))]
        if g
        for t in g.get_texts()
    ]
    told += [a._right_title.get_text() for a in np.ravel(axes)]
    assert [t for t in told if t.startswith("4.5 mg at bedtime") and "…" in t and t.endswith(("y", "6"))]


def test_a_portrait_of_somebody_untreated_is_a_point(untreated):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, axis = plots.phase_portrait(untreated)
    still = next(c for c in axis.get_lines() if c.get_label() == "untreated")
    assert max(np.ptp(still.get_xdata()), np.ptp(still.get_ydata())) < 1e-12


def test_a_ladder_shows_somebody_untreated_at_0_mg(untreated):
    _, (above, below) = plots.titration_ladder(untreated)
    assert above.patches[0].get_data().values.tolist() == [0.0]
    assert above.patches[1].get_data().values.tolist() == [4.5] * 7
    assert below.get_lines()[0].get_ydata() == pytest.approx(np.zeros(7), abs=1e-9)


def test_a_ladder_shows_a_placebo_at_0_mg():
    taken = {"placebo": ldn.Regimen.daily(0, days=3), "LDN": ldn.Regimen.daily(4.5, days=3)}
    _, (above, _) = plots.titration_ladder(ldn.simulate(ldn.load_model("ldn"), taken, progress=False))
    assert above.patches[0].get_data().values.tolist() == [0.0]
    assert above.patches[1].get_data().values.tolist() == [4.5] * 3


def test_a_ladder_has_room_for_its_words_and_its_first_mark(untreated):
    fig, (above, below) = plots.titration_ladder(untreated.isel(regimen=[1]))
    fig.draw_without_rendering()
    label, panel = below.yaxis.label.get_window_extent(), below.get_window_extent()
    assert label.y1 <= above.get_window_extent().y0
    assert label.y0 >= 0
    assert label.height <= panel.height
    first = below.transData.transform((0.0, np.max(below.get_lines()[0].get_ydata())))[1]
    assert first <= panel.y1 - 0.03 * panel.height


def test_all_nan_is_refused_by_name(untreated):
    failed = untreated.copy()
    failed["opioid_tone"] = failed["opioid_tone"] * np.nan
    for name in ("compare", "timecourse", "study_view"):
        more = [{"visit": (8, 10)}] if name == "study_view" else []
        with pytest.raises(ValueError, match=r"'opioid_tone'.*finite"):
            getattr(plots, name)(failed, *more)


def test_a_window_tells_the_mean_of_shares_only(untreated):
    with pytest.raises(ValueError, match=r"occupancy='endorphin'.*from 0 to 1"):
        plots.study_view(untreated, {"visit": (8, 10)}, occupancy="endorphin")


@pytest.mark.parametrize("name", ["compare", "timecourse", "phase_portrait"])
@pytest.mark.parametrize("width", ["85", 0, 12, float("nan"), [85]])
def test_a_width_that_is_none_is_refused(name, width, untreated):
    with pytest.raises(ValueError, match="width="):
        getattr(plots, name)(untreated, width=width)


def test_a_refused_table_is_named_as_the_argument_is():
    with pytest.raises(ValueError, match="table='NoneType'"):
        plots.dose_response(None)


def test_rounding_errors_are_not_drawn_large(untreated):
    still = untreated.isel(regimen=[0])
    still["il6"] = still["il6"].copy(data=1.0 + 1e-15 * (still.time.values[None] % 3))
    _, axes = plots.timecourse(still)
    low, high = axes[-1, 0].get_ylim()
    assert (low, high) == pytest.approx((0.95, 1.05))
    _, (_, below) = plots.titration_ladder(still)
    assert below.get_ylim() == (0, 1)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_no_word_of_a_dense_front_lies_on_its_marks(way):
    dose = np.linspace(0.5, 4.5, 40)
    table = pd.DataFrame({"dose": dose, "a": np.sqrt(dose), "b": way * (3.0 * dose - 0.1 * dose**2)})
    fig, axis = plots.pareto(table, goals=("a", "b"))
    fig.draw_without_rendering()
    marks = axis.transData.transform(table[["a", "b"]].to_numpy())
    shown = [text.get_window_extent() for text in axis.texts if text.get_visible()]
    assert len(shown) > 3
    for box in shown:
        assert not [m for m in marks if box.x0 <= m[0] <= box.x1 and box.y0 <= m[1] <= box.y1]


def test_a_map_writes_three_digits():
    values = xr.DataArray([[1.2345e-5, 2.0], [3.3e-5, 1234.5]], dims=("V", "ka"))
    ds = xr.Dataset({"m": values}, {"V": [0.00012345, 13.0], "ka": [1.0001, 1.0002]})
    _, axis = plots.heatmap(ds)
    assert [t.get_text() for t in axis.get_yticklabels()] == ["0.000123", "13"]
    assert [t.get_text() for t in axis.get_xticklabels()] == ["1.0001", "1.0002"]
    assert axis.texts[0].get_text() == "1.23e-05"
