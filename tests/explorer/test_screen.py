"""The page without a browser: what its controls do to its sources, and what it says."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.explorer.compute import Bench
from ldnsim.explorer.session import Session
from ldnsim.webpage.form import Form

pytest.importorskip("panel", reason="the explorer needs the package panel")
from ldnsim.explorer.screen import Page

FORM = Form.of(ldn.load_model("ldn"))
BENCH = Bench()


@pytest.fixture
def page():
    session = Session(FORM, FORM.start(draws=20, days=6), BENCH)
    made = Page(session, BENCH)
    session.draw()
    return made


def column(page, name, side="B"):
    return np.asarray(page.charts.late[side].data[name])


def test_curves_are_sent_small_and_change_with_a_slider(page):
    before = column(page, "endorphin")
    assert before.dtype == np.float32
    page.controls["dose"].text = "50"  # what the browser sends on release
    assert page.session.choices["dose"] == 50
    assert column(page, "endorphin").max() > 1.15 * before.max()
    np.testing.assert_allclose(column(page, "il6_low"), page.session.shown["B"].courses["il6"].low, rtol=1e-6)


@pytest.mark.parametrize("text", ["-5", "letters", "1e9", ""])
def test_a_wrong_value_says_why_and_changes_nothing(page, text):
    before = column(page, "endorphin")
    dose = page.controls["dose"]
    dose.text = text
    assert dose.refused == f"Dose={text!r}: must be a number from 0.1 to 100 mg"
    assert column(page, "endorphin") is before
    assert page.session.choices["dose"] == 4.5
    dose.text = "3"
    assert dose.refused == ""
    assert page.session.choices["dose"] == 3


def test_every_control_moves_the_page(page):
    for field in FORM:
        control, count = page.controls[field.name], page.session.count
        if hasattr(control, "text"):
            control.text = field.write(field.stops[2])
        else:
            control.value = next(v for v in reversed(field.options.values()) if v != control.value)
        assert page.session.trouble == "", field.name
        assert page.session.count > count, field.name
        if field.name != "opioid":  # the next ones belong to it
            page._set(field.name, field.start)


def test_an_opioid_brings_its_controls_its_panel_and_a_warning(page):
    assert not page.controls["opioid_dose"].visible
    assert not page._rows[-1].visible
    page.controls["opioid"].value = "methadone"
    assert page.controls["opioid_dose"].visible
    assert page.controls["opioid_dose"].text == "60"
    assert page._rows[-1].visible
    assert "precipitate withdrawal" in page._told.object
    page.controls["opioid"].value = ""
    assert not page._told.visible
    assert not page._rows[-1].visible


def test_a_pinned_regimen_is_moved_by_whole_days(page):
    page.session.pin()
    page.controls["at"].text = "08:00"
    page.controls["days"].text = "10"
    now, pinned = column(page, "time"), column(page, "time", "A")
    moved = pinned[-1] - page.session.shown["A"].courses["il6"].time[-1]
    assert moved % 24 == 0
    assert pinned[0] <= page.charts.hours.start
    assert 0 <= pinned[-1] - now[-1] < 24
    page.session.unpin()
    assert len(column(page, "time", "A")) == 0


def test_axes_hold_both_and_stand_in_line(page):
    page.session.pin()
    page.controls["dose"].text = "50"
    for panel, limits in zip(page.charts.panels, page.charts.values, strict=True):
        for side in "AB":
            for name in panel.variables:
                values = column(page, f"{name}_high" if side == "B" else name, side)
                assert not (values > limits.end).any(), name
    assert len({plot.min_border_left for plot in page.charts.of_hours + page.charts.of_days}) == 1


def test_a_short_run_has_no_days_beside_it(page):
    page.controls["days"].text = "2"
    assert not page._rows[0][1][0].visible
    assert page.charts.hours.start == 0
    page.controls["days"].text = "7"
    assert page._rows[0][1][0].visible


def test_zero_is_never_drawn_on_a_logarithmic_axis(page):
    page.controls["formulation"].value = "cream"  # nothing reaches plasma
    assert column(page, "plasma_naltrexone_low").min() > 0
    assert page.charts.values[0].start > 0


def test_files_are_those_of_the_page(page):
    assert b"every(4.5, ii=24.0, n=6" in page.file("explorer.py")
    assert page.file("curves.csv").startswith(b"quantile,time")
    page.session.pin()
    assert page.file("metrics.csv").startswith(b"regimen,")


def test_every_panel_has_its_unit(page):
    units = [page._unit(panel) for panel in page.charts.panels]
    assert units == ["ng/mL", "share", "fold of untreated", "fold of untreated", "0 to 1"]


def test_one_draw_has_neither_median_nor_band(page):
    assert "median" in page._heads.object
    assert "90 % interval" in page._table.object
    page.controls["draws"].text = "1"
    assert "last 48 h" in page._heads.object
    assert "median" not in page._heads.object
    assert "of one draw" in page._table.object
