"""The explorer in a real browser: load, move every control, compare, download, wrong values, two users."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.explorer.download import FILES
from ldnsim.webpage.fields import Number
from ldnsim.webpage.form import Form

FORM = Form.of(ldn.load_model("ldn"))
OPIOID = ("opioid_dose", "opioid_interval", "opioid_use")


def test_it_loads_with_nothing_from_elsewhere(browser):
    asked = [
        u for u in browser.requests() if not u.startswith(("chrome", "data:", "blob:", "about:", "devtools"))
    ]
    assert asked
    assert [u for u in asked if not u.startswith(browser.url)] == []
    notice = browser.one(".notice")
    assert notice.text == "Research use, not medical advice"
    assert browser.driver.title == "ldnsim explorer"
    heads = [h.text.split("\n")[0] for h in browser.all(".panel h3") if h.is_displayed()]
    assert [h.rsplit(" ", 1)[0].split(" ")[0] for h in heads] == [
        "Plasma",
        "Receptors",
        "Endogenous",
        "Cytokines",
    ]
    assert len(browser.curve("endorphin")) > 100
    assert browser.errors() == []


def test_the_notice_stays_where_it_is_seen(user):
    user.driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    top, bottom = user.driver.execute_script(
        "const box = arguments[0].getBoundingClientRect(); return [box.top, box.bottom]", user.one(".notice")
    )
    assert 0 <= top < bottom <= 900


def test_every_control_draws_anew(user):
    user.type("draws", "20")  # quick from here on
    user.until(lambda: user.count == 2)
    for field in FORM:
        if field.name in ("draws", "days"):
            continue
        if isinstance(field, Number):
            user.after(lambda field=field: user.type(field.name, field.write(field.stops[3])))
        else:
            other = next(k for k, v in reversed(field.options.items()) if v != field.start)
            other = {"opioid": "oxycodone", "scenario": "OGF"}.get(field.name, other)
            user.after(lambda field=field, other=other: user.pick(field.label, other))
    before = user.curve("il6")
    user.after(lambda: user.type("days", "3"))
    assert user.curve("il6") != before
    assert "precipitate withdrawal" in user.one(".warning").text


def test_a_slider_draws_on_release_by_pointer_and_by_key(user):
    from selenium.webdriver import ActionChains, Keys

    slider = next(s for s in user.all("input[type=range]") if s.get_attribute("aria-label") == "Dose, slider")
    before = np.array(user.curve("endorphin"))
    drag = ActionChains(user.driver).move_to_element(slider).click_and_hold().move_by_offset(60, 0)
    user.after(lambda: drag.release().perform())
    text = user.one("#control-dose").get_attribute("value")
    assert float(text) > 4.5
    assert user.one("[role=status]").text.startswith(f"{text} mg")
    assert max(user.curve("endorphin")) > before.max()
    user.after(lambda: slider.send_keys(Keys.HOME))
    assert user.one("#control-dose").get_attribute("value") == "0.1"
    assert slider.get_attribute("aria-valuetext") == "0.1 mg"


def test_wrong_values_are_told_beside_the_control(user):
    before, count = user.curve("endorphin"), user.count
    box, refused = user.one("#control-dose"), user.all("#control-dose-refused")[0]
    for text in ("-5", "letters", "1e9"):
        user.type("dose", text)
        user.until(lambda text=text: f"'{text}'" in refused.text)
        assert refused.text == f"Dose='{text}': must be a number from 0.1 to 100 mg"
        assert box.get_attribute("aria-invalid") == "true"
        assert 0 < refused.location["y"] - box.location["y"] < 80
    assert (user.curve("endorphin"), user.count) == (before, count)
    user.after(lambda: user.type("dose", "3"))
    assert box.get_attribute("aria-invalid") == "false"
    assert refused.text == ""


def test_two_regimens_are_compared_and_downloaded(user):
    user.after(lambda: user.type("draws", "20"))
    user.after(lambda: user.type("days", "6"))
    user.after(lambda: user.one("button", "Pin as A").click())
    user.after(lambda: user.type("dose", "50"))
    assert [h.text for h in user.all("table.metrics thead th")] == ["Metric", "A, pinned", "B, now", "Unit"]
    row = next(r for r in user.all("table.metrics tr") if "Peak plasma concentration (naltrexone)" in r.text)
    first, second = (float(cell.text.split()[0]) for cell in user.driver.execute_script(
        "return [...arguments[0].querySelectorAll('td.number')]", row))  # fmt: skip
    assert second / first == pytest.approx(50 / 4.5, rel=0.02)
    starts = {
        "png": b"\x89PNG",
        "svg": b"<?xml",
        "pdf": b"%PDF",
        "csv": b"regimen,",
        "nc": b"\x89HDF",
        "py": b'"""',
    }
    for label, name in FILES.items():
        user.pick("File", label)
        path = user.folder / name
        user.one("button", "Download").click()
        user.until(lambda path=path: path.exists() and path.stat().st_size > 0)
        assert path.read_bytes().startswith(starts[path.suffix[1:]]), name
    done = subprocess.run(
        [sys.executable, "explorer.py"], cwd=user.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    mine = pd.read_csv(user.folder / "B_curves.csv")
    shown = pd.read_csv(user.folder / "curves.csv").query("regimen == 'B'").dropna(subset="endorphin")
    np.testing.assert_allclose(mine["endorphin"], shown["endorphin"], rtol=1e-9)
    middle = mine[mine["quantile"] == 0.5]["il6"].values[-100:]
    np.testing.assert_allclose(user.curve("il6")[-100:], middle, rtol=1e-6)
    user.after(lambda: user.one("button", "Remove A").click())
    assert [h.text for h in user.all("table.metrics thead th")] == ["Metric", "Value", "Unit"]


def test_two_users_at_once_do_not_disturb_each_other(user, another_user):
    other = another_user()
    mine, theirs = user.count, other.count
    user.type("dose", "50")
    other.type("dose", "1")
    user.until(lambda: user.count > mine)
    other.until(lambda: other.count > theirs)
    assert user.one("[role=status]").text.startswith("50 mg at 22:00")
    assert other.one("[role=status]").text.startswith("1 mg at 22:00")
    assert other.one("#control-dose").get_attribute("value") == "1"
    assert max(user.curve("plasma_naltrexone")) > 20 * max(other.curve("plasma_naltrexone"))
    assert other.errors() == []


def test_everything_can_be_reached_by_the_tab_key(user):
    from selenium.webdriver import ActionChains, Keys

    script = """
    let e = document.activeElement;
    while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement;
    const style = getComputedStyle(e);
    const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    const label = e.getAttribute("aria-label") || (e.labels && e.labels[0] && e.labels[0].textContent) || e.textContent;
    return [e.tagName, label.trim(), seen, e.getBoundingClientRect().top];"""
    user.driver.execute_script("document.activeElement.blur(); window.scrollTo(0, 0)")
    order = []
    for _ in range(60):
        ActionChains(user.driver).send_keys(Keys.TAB).perform()
        order.append(user.driver.execute_script(script))
        if order[-1][1] == "Download":
            break
    named = [label for _, label, _, _ in order]
    assert all(named), order
    assert all(seen for _, _, seen, _ in order), [o for o in order if not o[2]]
    wanted = [f.label for f in FORM if f.name not in OPIOID]
    assert [n for n in named if n in wanted] == wanted
    assert named[-1] == "Download"
    assert "Pin as A to compare" in named


def test_a_phone_shows_all_of_it_folded(user):
    user.size(390, 844)
    wide = "return document.documentElement.scrollWidth"
    user.until(lambda: user.driver.execute_script(wide) <= 390)
    fold = user.one("button", "Show controls")
    assert not user.one("#control-dose").is_displayed()
    fold.click()
    user.until(lambda: user.one("#control-dose").is_displayed())
    assert user.driver.execute_script(wide) <= 390
    assert user.one("#control-dose").location["y"] < user.all(".panel h3")[0].location["y"]
    user.after(lambda: user.type("dose", "3"))
    assert user.one("button", "Hide controls").is_displayed()
    user.after(lambda: user.one("button", "Pin as A").click())
    user.after(lambda: user.type("dose", "50"))
    assert user.driver.execute_script(wide) <= 390
    table = user.one("table.metrics").rect
    assert table["x"] + table["width"] <= 390
