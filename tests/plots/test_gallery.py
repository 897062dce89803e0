"""Every figure of the gallery: nothing cut off, nothing over one another, legible in 85 mm and in grey, as it was.

The pictures are held against stored ones of a few hundred grey blocks, so that the drawing of letters, which
differs between systems, does not matter. ``python tests/plots/test_gallery.py`` stores those anew that look different.
"""

import functools
import importlib.util
import itertools
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import ldnsim as ldn
import ldnsim.plots.style

ROOT = Path(__file__).parents[2]
STORED = Path(__file__).parent / "baseline"
WIDTHS = {"column": 85.0, "page": 175.0}  # mm, by style sheet
BLOCKS = 32  # across a stored picture
MEAN, LARGEST = 0.006, 0.1  # allowed differences of grey (0 to 1): over all blocks, and in one
# Figures of the posterior move a little whenever it is fitted anew; theirs may differ so many times more.
REFIT, MORE = (
    {"coverage", "cytokine_panel_readings", "dose_response", "qualification", "robustness", "washout"},
    2.5,
)
SLACK = 1.5  # pixels at 200 dpi
drawn_as_stored = pytest.mark.skipif(
    mpl.__version_info__ < (3, 11),
    reason="letters are narrower than in the stored pictures before Matplotlib 3.11",
)


def gallery():
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs" / "gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FIGURES = gallery().FIGURES


@functools.cache
def called(name):
    """The call that draws a figure of the gallery: function, arguments, and what it gave."""
    from ldnsim import plots

    calls = []

    def recorded(draw):
        def call(*some, **more):
            calls.append((draw, some, more, draw(*some, **more)))
            return calls[-1][-1]

        return call

    with pytest.MonkeyPatch.context() as patch:
        for own in plots.__all__:
            patch.setattr(plots, own, recorded(getattr(plots, own)))
        FIGURES[name]()
    return calls[-1]


@pytest.fixture(scope="module", params=[(name, sheet) for name in FIGURES for sheet in WIDTHS], ids="-".join)
def drawn(request):
    name, sheet = request.param
    draw, some, more, (fig, _) = called(name)
    if sheet == "page":  # the same call again, under the sheet of the wide figures
        with plt.style.context("ldnsim.plots.page"):
            fig, _ = draw(*some, **more)
    fig.canvas.draw()
    yield name, fig
    plt.close(fig)


def test_the_gallery_shows_every_figure():
    from ldnsim import plots

    assert set(plots.__all__) <= set(FIGURES)


def test_the_script_helps_and_draws_what_is_asked_for(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        gallery().main(["--help"])
    assert ended.value.code == 0
    assert "model_diagram" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        gallery().main([str(tmp_path / "new"), "--only", "no_such"])
    assert ended.value.code == 2
    gallery().main([str(tmp_path / "new"), "--only", "model_diagram_small", "--format", "svg"])
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["model_diagram_small.svg"]


def texts(fig):
    """All that is written: (text, box), ticks beyond the limits left out."""
    found = [*fig.texts, *(t for legend in fig.legends for t in legend.get_texts())]
    found += [t for t in (fig._suptitle, fig._supxlabel, fig._supylabel) if t is not None and t not in found]
    for axis in fig.axes:
        if not axis.get_visible():
            continue
        found += [axis.title, axis._left_title, axis._right_title, *axis.texts]
        if axis.get_legend():
            found += [axis.get_legend().get_title(), *axis.get_legend().get_texts()]
        if not axis.axison:
            continue
        for one in (axis.xaxis, axis.yaxis):
            low, high = sorted(one.get_view_interval())
            ticks = (t for t in one.get_major_ticks() if low <= t.get_loc() <= high)
            found += [one.label, *(label for t in ticks for label in (t.label1, t.label2))]
    return [(t, t.get_window_extent()) for t in found if t.get_visible() and t.get_text().strip()]


def test_nothing_written_is_cut_off(drawn):
    _, fig = drawn
    page = fig.bbox
    for text, box in texts(fig):
        assert box.x0 >= page.x0 - SLACK, text.get_text()
        assert box.y0 >= page.y0 - SLACK, text.get_text()
        assert box.x1 <= page.x1 + SLACK, text.get_text()
        assert box.y1 <= page.y1 + SLACK, text.get_text()


def test_no_two_texts_run_into_one_another(drawn, overlap):
    _, fig = drawn
    for (a, box), (b, other) in itertools.combinations(texts(fig), 2):
        assert overlap(box, other) <= 2 * SLACK, (a.get_text(), b.get_text())


def test_no_legend_covers_a_panel(drawn, overlap):
    _, fig = drawn
    panels = [a for a in fig.axes if a.axison and a.get_visible()]
    for legend in [a.get_legend() for a in fig.axes if a.get_legend()] + fig.legends:
        box = legend.get_window_extent()
        assert all(overlap(box, a.get_window_extent()) <= 2 * SLACK for a in panels)


def test_it_is_as_wide_as_the_sheet_says_and_its_words_are_legible(drawn, request):
    _, fig = drawn
    sheet = request.node.callspec.params["drawn"][1]
    assert fig.get_figwidth() * 25.4 == pytest.approx(WIDTHS[sheet])
    small = {t.get_text(): t.get_fontsize() for t, _ in texts(fig) if t.get_fontsize() < 5.95}
    assert not small


def test_axes_tell_what_they_show_and_in_which_unit(drawn):
    name, fig = drawn
    for axis in fig.axes:
        for label in (axis.get_xlabel(), axis.get_ylabel()):
            assert not label or "(" in label or label in {"Parameter", "rebound"}, (name, label)


def test_curves_of_a_panel_differ_in_more_than_colour(drawn):
    name, fig = drawn
    for axis in fig.axes:
        named = [c for c in axis.get_lines() if not c.get_label().startswith("_") and len(c.get_xdata()) > 1]
        looks = [(str(c._unscaled_dash_pattern), c.get_marker(), c.get_fillstyle()) for c in named]
        assert len(set(looks)) == len(looks), (name, looks)


def test_the_sheets_differ_in_their_size_alone():
    column, page = (
        dict(mpl.rc_params_from_file(ROOT / "ldnsim" / "plots" / f"{name}.mplstyle", use_default_template=False))
        for name in WIDTHS
    )
    for sheet, wide in ((column, 85), (page, 175)):
        assert 25.4 * sheet.pop("figure.figsize")[0] == pytest.approx(wide, abs=0.1)
    assert column == page
    assert [mpl.colors.to_hex(c).upper() for c in column["axes.prop_cycle"].by_key()["color"]] == list(
        ldn.plots.style.COLOURS
    )


def test_a_figure_of_ones_own_beside_them_takes_the_sheet():
    with plt.style.context("ldnsim.plots.column"):
        fig, ax = plt.subplots()
        assert fig.get_figwidth() * 25.4 == pytest.approx(85, abs=0.1)
        assert mpl.colors.to_hex(ax.plot([1, 2])[0].get_color()).upper() == ldn.plots.style.COLOURS[0]
    plt.close(fig)


def test_colours_of_the_house_differ_in_grey():
    from ldnsim.plots import style

    grey = sorted(np.dot(mpl.colors.to_rgb(c), (0.299, 0.587, 0.114)) for c in style.COLOURS)
    assert np.diff(grey).min() > 0.09
    assert grey[-1] < 0.75  # seen on white


def blocks(fig):
    """Grey of the blocks of a picture, shape (rows, BLOCKS), 0 black to 1 white.

    Blocks overlap, so that a line which falls one pixel beside its old place changes them little.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    canvas = FigureCanvasAgg(fig)
    fig.set_dpi(100)
    canvas.draw()
    grey = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("L")
    rows = round(BLOCKS * grey.height / grey.width)
    return np.asarray(grey.resize((BLOCKS, rows), Image.Resampling.BILINEAR)) / 255.0


def alike(name, fig):
    from PIL import Image

    found = blocks(fig)
    with Image.open(STORED / f"{name}.png") as picture:
        stored = np.asarray(picture) / 255.0
    apart = np.abs(found - stored) if found.shape == stored.shape else np.ones(1)
    share = MORE if name in REFIT else 1.0
    return bool(apart.mean() <= share * MEAN and apart.max() <= share * LARGEST)


@drawn_as_stored
def test_it_looks_as_it_did(drawn, request):
    if request.node.callspec.params["drawn"][1] == "page":
        pytest.skip("pictures are stored of one column")
    assert alike(*drawn), (
        f"{drawn[0]} looks different; if that is meant, python {Path(__file__).name} stores it anew"
    )


@drawn_as_stored
def test_a_picture_of_other_numbers_does_not_pass():
    fig, axes = FIGURES["titration_ladder"]()
    assert alike("titration_ladder", fig)
    for curve in axes[1].get_lines():
        curve.set_ydata(0.7 * np.asarray(curve.get_ydata()))
    assert not alike("titration_ladder", fig)


def store():
    """Store pictures of figures that look different or are new, and forget those of figures that are gone."""
    from PIL import Image

    for old in STORED.glob("*.png"):
        if old.stem not in FIGURES:
            old.unlink()
    for name, draw in FIGURES.items():
        fig, _ = draw()
        fig.canvas.draw()
        path = STORED / f"{name}.png"
        if not path.is_file() or not alike(name, fig):
            Image.fromarray(np.round(255 * blocks(fig)).astype(np.uint8)).save(path, optimize=True)
            print(path)
        plt.close(fig)


if __name__ == "__main__":
    store()
