"""What a reader of a page waits for, in headless Chromium, by the clock (on a quiet machine): a JSON line a case.

python -m benchmarks.keys

From opening the file to the first curve; and from an arrow key on the slider of the dose to new key numbers, and
to those of all 200 draws over 28 days.
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

import ldnsim as ldn

DRAWS, OPENED, PRESSED = 200, 5, 12
FIRST = """
const done = arguments[0];
const see = () => document.querySelector(".curve") ? done(performance.now()) : requestAnimationFrame(see);
see();"""
SETTLED = """
const done = arguments[0], page = document.querySelector(".page");
const rests = () => page.dataset.state === "ready" && page.getAttribute("aria-busy") === "false";
const see = () => rests() ? done() : setTimeout(see, 50);
setTimeout(see, 600);"""
WATCH = """
const page = document.querySelector(".page"), cards = document.querySelector(".cards"), before = cards.textContent;
window.pressed = window.changed = 0;
window.finished = new Promise((done) => {
  const see = () => {
    if (window.pressed && !window.changed && cards.textContent !== before) window.changed = performance.now();
    if (window.changed && page.getAttribute("aria-busy") === "false") done(performance.now());
    else requestAnimationFrame(see);
  };
  addEventListener("keydown", () => { window.pressed = performance.now(); see(); }, { once: true, capture: true });
});"""
TOLD = "const done = arguments[0]; finished.then((end) => done([changed - pressed, end - pressed]));"


def waits(driver, path):
    """Milliseconds to the first curve; to new key numbers, and to those of all draws."""
    from selenium.webdriver import Keys

    first, keys = [], []
    for _ in range(OPENED):
        driver.get("about:blank")
        driver.get(path.as_uri())
        first.append(driver.execute_async_script(FIRST))
    slider = driver.find_element("css selector", "[data-control=dose] input[type=range]")
    for _ in range(PRESSED):
        driver.execute_async_script(SETTLED)
        driver.execute_script(WATCH)
        slider.send_keys(Keys.ARROW_RIGHT)
        keys.append(driver.execute_async_script(TOLD))
    return np.array(first), np.array(keys)


def main():
    """Print both cases, or why there are none."""
    browser, service = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (browser and service):
        print(json.dumps({"skipped": "no browser"}))
        return
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1440,900"):
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(service))
    driver.set_script_timeout(120)
    try:
        with tempfile.TemporaryDirectory() as folder:
            first, keys = waits(driver, ldn.page("ldn", Path(folder, "ldn.html"), draws=DRAWS))
    finally:
        driver.quit()
    for case, ms in (
        ("opened to first curve", first),
        ("key to new numbers", keys[:, 0]),
        ("key to all draws", keys[:, 1]),
    ):
        print(
            json.dumps(
                {"case": case, "median ms": round(float(np.median(ms))), "worst ms": round(float(ms.max()))}
            )
        )


if __name__ == "__main__":
    main()
