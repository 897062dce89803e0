"""The page in a real browser, from disk: numbers, controls, compare, links, files, keyboard, nothing fetched."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn

AXE = Path(ldn.__file__).parent / "webpage" / "shell" / "node_modules" / "axe-core" / "axe.min.js"


def card(reader, readout):
    """Median and interval of a card, as the page says them."""
    script = "const c = document.querySelector(`[data-readout='${arguments[0]}']`);"
    script += "return [c.querySelector('b').textContent, c.querySelector('.interval').textContent]"
    value, span = reader.run(script, readout)
    return [float(t.split()[0].replace("−", "-").replace("\u202f", "")) for t in (value, *span.split(" to "))]


def test_it_opens_from_disk_and_nothing_is_fetched(reader, page_file):
    assert reader.driver.title == "Low-dose naltrexone: simulate"
    assert reader.text(".notice") == "Research use, not medical advice"
    assert reader.run("return document.querySelectorAll('.curve').length") >= 8
    assert reader.run("return document.querySelectorAll('.band').length") >= 8
    other = [
        u for u in reader.requests() if not u.startswith(("blob:", "data:", "chrome", "about:", "devtools"))
    ]
    assert {u.split("#")[0] for u in other} == {page_file.as_uri()}


def test_a_request_would_be_stopped(reader):
    script = """
    const done = arguments[arguments.length - 1];
    document.addEventListener("securitypolicyviolation", (e) => done(e.violatedDirective), { once: true });
    new Image().src = "http://localhost:9/x.png";"""
    assert reader.driver.execute_async_script(script) == "img-src"
    reader.driver.get_log("browser")  # the refusal stands there as an error


def test_the_numbers_are_those_of_the_library(reader):
    model = ldn.load_model("ldn")
    regimen = ldn.Regimen.daily(4.5, days=28, at="22:00")
    ds = ldn.summarize(ldn.simulate(model, regimen, subjects=ldn.posterior(model, 16), progress=False))
    for name in ("hours_blocked_peripheral", "change_il6", "rebound_peak"):
        low, middle, high = np.quantile(ds[name], [0.05, 0.5, 0.95])
        assert card(reader, name) == pytest.approx([middle, low, high], rel=6e-3, abs=1e-3), name


def test_a_change_draws_anew_and_can_be_undone(reader):
    before = reader.curve("endorphin")
    reader.type("dose", "50")
    after = reader.curve("endorphin")
    assert after != before
    assert "50 mg at 22:00" in reader.text(".status")
    reader.press("[data-act=undo]")
    assert reader.one("#control-dose").get_attribute("value") == "4.5"
    assert reader.curve("endorphin") == before
    reader.press("[data-act=redo]")
    assert reader.one("#control-dose").get_attribute("value") == "50"
    reader.press("[data-act=reset]")
    assert reader.one("#control-dose").get_attribute("value") == "4.5"


@pytest.mark.kind("words", sibling="a sentence typed on the page")
def test_a_regimen_in_words_moves_the_controls_and_says_where_they_stand(reader):
    box = reader.one("#control-words")
    assert box.get_attribute("value") == "4.5 mg daily at 22:00 for 28 days"
    reader.type("words", "3 mg every other day at bedtime for 14 days + tramadol 50 mg every 6 h from 08:00")
    said = "3 mg every other day at 22:00 for 14 days + tramadol 50 mg every 6 h from 08:00 for 14 days"
    assert box.get_attribute("value") == said
    assert reader.one("#control-dose").get_attribute("value") == "3"
    assert "every other day, 14 days, with tramadol 50 mg every 6 hours from 08:00" in reader.text(".status")
    before = reader.curve("endorphin")
    reader.type("words", "3 mg at bedtime + tramadol 50 mg every 6 h")
    assert "does not say when “tramadol 50 mg every 6 h” is taken" in reader.text("#control-words-refused")
    assert box.get_attribute("aria-invalid") == "true"
    assert reader.curve("endorphin") == before
    reader.press(".presets .chip", "Titration")
    assert box.get_attribute("value").startswith("1.5 mg daily at 22:00 for 14 days + 3 mg daily at 22:00 from day 15")
    assert reader.text("#control-words-refused") == ""
    ldn.Regimen.parse(box.get_attribute("value"))


@pytest.mark.kind("doses-end-early")
@pytest.mark.parametrize("days", ["14", "84"])
def test_after_a_single_dose_the_drug_is_seen_where_it_was(reader, days):
    reader.type("words", "50 mg once")
    reader.type("days", days)
    assert f"50 mg once at 00:00, {days} days" in reader.text(".status")
    assert "no naltrexone" not in reader.one("main").text
    assert [t.split(":")[0] for t in reader.texts(".heads span")] == ["By day", "From 0 to 144 h after the dose"]
    ticks = "return [...document.querySelectorAll('#panel-plasma .by-hour .tick.end')].map(e => e.textContent)"
    axis = reader.run(ticks)
    assert "1" in axis, axis  # ng/mL, of a peak of 13
    heights = [float(point.split(",")[1]) for point in reader.curve("plasma_naltrexone").strip("M").split("L")]
    assert np.argmin(heights) < len(heights) / 20  # it comes down from there
    first = reader.run("return document.querySelector('#panel-plasma path.days').getAttribute('d')")
    assert first.startswith("M44.0,")  # the first day, at the left edge
    assert set(reader.texts(".card .window")) == {"from 0 to 24 h after the dose"}
    assert reader.text("[data-readout=hours_blocked_brain] b").endswith(" h")


@pytest.mark.kind("missed-without-a-dose")
def test_a_missed_day_without_a_dose_is_refused_beside_its_box(reader, page_file):
    why = "Days missed “40”: no dose falls on it; day 1 is the day of the first dose"
    before = reader.curve("endorphin")
    reader.type("missed", "40")
    assert reader.text("#control-missed-refused") == why
    assert "without day" not in reader.text(".status")
    assert reader.curve("endorphin") == before
    reader.type("missed", "20")
    assert reader.text("#control-missed-refused") == ""
    reader.type("days", "14")  # day 20 is gone
    assert "“20”: no dose falls on it" in reader.text("#control-missed-refused")
    assert "“20”: no dose falls on it" in reader.text(".alarm")
    reader.type("missed", "2")
    assert reader.text("#control-missed-refused") == reader.text(".alarm") == ""
    assert "14 days, without day 2" in reader.text(".status")
    reader.open(page_file, "missed=40")
    assert reader.text(".alarm") == f"The link is not used in one place: {why}."
    reader.type("dose", "3")
    assert reader.text(".alarm") == ""


def test_a_placebo_is_taken_and_called_so(reader):
    reader.type("words", "0 mg nightly")
    assert reader.text("#control-words-refused") == ""
    assert "0 mg (placebo) at 22:00 daily" in reader.text(".status")
    assert reader.text("#panel-plasma .empty") == "Nothing is in plasma here: a placebo is taken."
    assert reader.text("[data-readout=change_il6] b") == "0 %"


def test_the_injection_for_four_weeks_is_taken_as_it_is_sold(reader):
    reader.type("words", "380 mg injection xr every 28 days at 09:00 for 84 days")
    assert reader.text("#control-words-refused") == ""
    assert "380 mg injection xr at 09:00 every 4 weeks, 84 days" in reader.text(".status")
    assert reader.texts(".heads span")[1].startswith("The last 28 days")
    assert set(reader.texts(".card .window")) == {"from 0 to 672 h after the last dose"}
    reader.press("#panel-plasma .chip", "380 mg injection xr, once")
    assert "380 mg injection xr once" in reader.text(".status")
    assert reader.all("#panel-plasma .by-hour .mark")
    reader.press("#panel-plasma .chip", "400 mg injection xr, once, followed for 30 d")
    assert reader.all("#panel-plasma .by-day .mark")  # weeks later
    assert reader.texts("#panel-plasma .chip[aria-pressed=true]") == ["400 mg injection xr, once, followed for 30 d"]


def test_a_slider_by_keys_is_one_step_back(reader):
    from selenium.webdriver import Keys

    slider = reader.one("[data-control=dose] input[type=range]")
    for _ in range(3):
        slider.send_keys(Keys.RIGHT)
    reader.settled()
    assert slider.get_attribute("aria-valuetext") == "5.25 mg"
    slider.send_keys(Keys.HOME)
    reader.settled()
    assert reader.one("#control-dose").get_attribute("value") == "0"


@pytest.mark.parametrize("text", ["-5", "letters", "1e9", "4,5"])
def test_a_wrong_value_is_told_beside_its_control_and_the_picture_stays(reader, text):
    before = reader.curve("endorphin")
    reader.type("dose", text)
    refused = reader.text("#control-dose-refused")
    assert f"“{text}”" in refused
    assert "0 to 400 mg" in refused
    assert reader.one("#control-dose").get_attribute("aria-invalid") == "true"
    assert reader.curve("endorphin") == before
    reader.type("dose", "3")
    assert reader.text("#control-dose-refused") == ""


def test_every_preset_draws_without_trouble(reader):
    names = reader.texts(".presets .chip")
    assert len(names) >= 4
    for name in names:
        reader.press(".presets .chip", name)
        assert reader.text(".alarm") == "", name
        pressed = reader.texts(".presets .chip[aria-pressed=true]")
        assert pressed == [name]


def test_an_opioid_is_warned_of_and_has_a_panel_of_its_own(reader):
    assert not reader.one("#panel-opioid").is_displayed()
    reader.press(".presets .chip", "With an opioid")
    assert "precipitate withdrawal" in reader.text(".told")
    assert reader.one("#panel-opioid").is_displayed()
    assert reader.run("return document.querySelector('[data-readout=withdrawal_peak]') !== null")


def test_a_cream_says_why_nothing_is_seen(reader):
    reader.pick("formulation", "cream")
    assert "no cream was ever measured" in reader.text("#panel-plasma .empty")
    assert reader.run("return document.querySelectorAll('#panel-plasma .by-hour:not([hidden])').length") == 0


def test_measurements_stand_under_the_curve_of_their_state(reader):
    reader.press("#panel-receptors .measured .chip", "50 mg tablet, once")
    marks = reader.all("#panel-receptors .mark")
    assert len(marks) >= 2
    words = reader.run("return arguments[0].querySelector('title').textContent", marks[0])
    assert "Trostheim 2022" in words
    assert "92 %" in words or "98 %" in words
    reader.type("dose", "45")
    assert reader.all("#panel-receptors .mark") == []


def test_the_chain_picks_panels_and_shows_what_acts(reader):
    acting = len(reader.all(".chain path.acts"))
    reader.pick("scenario", "No TLR4")
    assert len(reader.all(".chain path.acts")) < acting
    reader.press(".chain button", "Pain")
    assert not reader.one("#panel-pain").is_displayed()
    reader.press(".chain button", "μ, brain")
    assert reader.curve("mu_occupancy_brain") == ""
    assert reader.curve("mu_occupancy_peripheral") != ""


@pytest.mark.kind("one-label")
def test_two_sides_are_compared_and_named_by_what_differs(reader):
    reader.press("[data-act=keep]")
    reader.type("dose", "50")
    reader.until(lambda: reader.curve("endorphin", "A"))
    words = ["A 4.5 mg at 22:00 daily, 28 days", "B 50 mg at 22:00 daily, 28 days"]
    assert reader.texts(".side-label") == words
    assert "A " in reader.text("[data-readout=change_il6] .kept")
    reader.press("[data-act=drop]")
    assert reader.curve("endorphin", "A") == ""


def test_a_link_brings_the_same_state(reader, page_file):
    reader.type("dose", "3")
    reader.press("[data-act=keep]")
    reader.type("missed", "5, 10-12")
    fragment = reader.run("return location.hash.slice(1)")
    reader.open(page_file, fragment)
    assert reader.one("#control-dose").get_attribute("value") == "3"
    assert reader.one("#control-missed").get_attribute("value") == "5, 10-12"
    assert "without day 5, 10-12" in reader.text(".status")
    reader.open(page_file, "dose=4000&at=21:00")
    assert reader.one("#control-at").get_attribute("value") == "21:00"


def test_another_address_says_what_it_refuses_at_once_and_draws_only_its_answer(reader):
    script = """
    const done = arguments[arguments.length - 1];
    let drawn = 0;
    const seen = new MutationObserver((records) => (drawn += records.length));
    for (const panel of document.querySelectorAll("[id^=panel-]")) seen.observe(panel, { subtree: true, childList: true });
    const told = () => done([drawn + seen.takeRecords().length, document.querySelector(".alarm").textContent]);
    window.addEventListener("hashchange", told, { once: true });
    location.hash = "dose=3&nonsense=1";"""
    drawn, alarm = reader.driver.execute_async_script(script)
    assert "“nonsense” is no control of this page" in alarm
    assert drawn == 0
    before = reader.curve("endorphin")
    reader.until(lambda: reader.curve("endorphin") != before)
    assert reader.one("#control-dose").get_attribute("value") == "3"
    assert "nonsense" in reader.text(".alarm")


def download(reader, kind, name):
    path = reader.folder / name
    path.unlink(missing_ok=True)
    reader.run("document.querySelector(arguments[0]).click()", f"[data-act=file-{kind}]")
    reader.until(lambda: path.exists() and path.stat().st_size > 0)
    return path


def test_an_opioid_alone_has_its_own_heading_and_no_rounding_for_results(reader, page_file):
    reader.open(page_file, "interval=-1&opioid=tramadol&opioid_dose=50&opioid_interval=6&days=14")
    assert "no naltrexone, tramadol 50 mg every 6 hours for 14 days" in reader.text(".status")
    assert reader.text("#control-words-says") == ""
    find = "return [...document.querySelectorAll('.numbers tr')].filter(r => r.textContent.startsWith(arguments[0]))"
    for readout in ("Change of IL-6", "Change of TNF", "Highest opioid tone"):
        assert reader.run(f"{find}.map(r => r.cells[1].textContent)", readout) == ["0"], readout


def test_the_course_by_day_is_of_whole_days_after_the_first(reader, page_file):
    reader.open(page_file, "dose=3&days=10")
    assert "in each 24 h but the first" in reader.text(".heads")
    path = reader.run("return document.querySelector('#panel-plasma path.days').getAttribute('d')")
    points = [tuple(map(float, p.split(","))) for p in path[1:-1].split("L")]
    upper = [y for _, y in points[: len(points) // 2]]
    assert len(upper) == 2 * 9
    assert max(upper) - min(upper) < 2  # px: the same dose every day


@pytest.mark.kind("one-label", sibling="the figure and the code of the page")
def test_two_sides_bear_their_labels_in_figure_and_code(reader):
    reader.press("[data-act=keep]")
    reader.pick("scenario", "OGF")
    reader.until(lambda: reader.curve("endorphin", "A"))
    words = [text[2:] for text in reader.texts(".side-label")]
    assert words == [f"{x}, 4.5 mg at 22:00 daily, 28 days" for x in ("default reading", "OGF")]
    code = download(reader, "py", "ldn_page.py").read_text(encoding="utf-8")
    assert [line[5:] for line in code.splitlines() if line.startswith(("# A: ", "# B: "))] == words
    drawing = download(reader, "svg", "ldn.svg").read_text(encoding="utf-8")
    assert all(f": {word}<" in drawing for word in words)


@pytest.mark.slow
def test_files_bear_units_and_the_code_gives_the_same_numbers(reader, tmp_path):
    reader.type("days", "6")
    reader.press(".status")  # nothing: the run in double precision follows by itself
    reader.until(lambda: reader.run("return document.querySelector('.status').dataset.settled") == "true")
    curves = pd.read_csv(download(reader, "csv", "ldn_curves.csv"))
    assert "plasma_naltrexone [ng/mL]" in curves
    code = download(reader, "py", "ldn_page.py")
    done = subprocess.run(
        [sys.executable, str(code)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    mine = pd.read_csv(tmp_path / "ldn_curves.csv")
    middle = mine[mine["quantile"] == 0.5].reset_index(drop=True)
    np.testing.assert_allclose(middle["time [h]"], curves["time [h]"], atol=1e-6)
    for name in ("plasma_naltrexone [ng/mL]", "mu_occupancy_brain [fraction]", "il6 [fold of untreated]"):
        column = next(c for c in middle if c.split(" ")[0] == name.split(" ")[0])
        scale = np.abs(middle[column]).max()
        np.testing.assert_allclose(curves[name], middle[column], rtol=0, atol=2e-5 * scale)
    assert download(reader, "svg", "ldn.svg").read_text().startswith("<?xml")
    assert download(reader, "png", "ldn.png").read_bytes().startswith(b"\x89PNG")
    numbers = pd.read_csv(download(reader, "numbers", "ldn_numbers.csv"))
    assert {"readout", "unit", "median", "q05", "q95", "rests on"} <= set(numbers)


def test_everything_can_be_reached_by_the_tab_key(reader):
    from selenium.webdriver import ActionChains, Keys

    for group in reader.all("details"):
        reader.run("arguments[0].open = true", group)
    script = """
    const e = document.activeElement, style = getComputedStyle(e);
    const name = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent || e.placeholder;
    return [e.tagName, e.id || e.dataset.act || e.className, name.trim(),
            style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0];"""
    wanted = set(reader.run(
        "return [...document.querySelectorAll('button:not(:disabled), input, textarea, select, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility()).map(e => e.id || e.dataset.act || e.className)"))  # fmt: skip
    reader.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    found = []
    for _ in range(160):
        ActionChains(reader.driver).send_keys(Keys.TAB).perform()
        found.append(reader.run(script))
        if found[-1][0] == "BODY":
            break
    reached = {who for tag, who, _, _ in found if tag != "BODY"}
    assert wanted - reached == set()
    assert [f for f in found if f[0] != "BODY" and not (f[2] and f[3])] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_axe_finds_no_violation_and_nothing_sticks_out(reader, theme, width):
    if not AXE.is_file():
        pytest.skip("THE PAGE IS NOT TESTED BY AXE: run `npm ci` in ldnsim/webpage/shell")
    reader.size(width)
    reader.theme(theme)
    reader.press(".presets .chip", "With an opioid")
    reader.press("[data-act=keep]")
    reader.press(".presets .chip", "Standard 50 mg")
    for group in reader.all("details:not(.menu)"):
        reader.run("arguments[0].open = true", group)
    reader.run(AXE.read_text(encoding="utf-8"))
    script = (
        "const done = arguments[0];"
        "axe.run(document).then(r => done(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"
    )
    reader.driver.set_script_timeout(120)
    assert reader.driver.execute_async_script(script) == []
    assert reader.run("return document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_a_model_of_ones_own_has_sliders_for_its_parameters(browser, tmp_path):
    model = ldn.Model.from_antimony("A' = -k*A; B' = k*A - m*B; A = 1; B = 0; k = 0.5; m = 0.1")
    browser.open(ldn.page(model, tmp_path / "own.html"))
    assert browser.text(".alarm") == ""
    before = browser.curve("B")
    assert before
    browser.type("p\\:k", "0.25")
    assert browser.curve("B") != before
    assert "k = 0.25" in browser.text(".status")
    assert browser.errors() == []
