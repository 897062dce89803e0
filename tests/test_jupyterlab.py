"""A live JupyterLab in a browser: a bar is seen, results fold, the explorer answers, no request leaves the machine."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
WAIT = 120.0  # s; how long a slow machine may take for one step
OWN = ("chrome:", "data:", "blob:")  # of the browser and of the page itself
CELLS = (
    "import ldnsim as ldn\nmodel = ldn.load_model('ldn')\nnightly = ldn.Regimen.parse('4.5 mg at bedtime', days=14)",
    "people = ldn.population(model, n=1500)",
    "ds = ldn.simulate(model, nightly, subjects=people, outputs=['il6'], every=0.1, progress=True)",
    "ds",
    "ldn.explore('ldn', dose=3, days=7)",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address of a notebook in a running JupyterLab."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("JUPYTERLAB IS NOT TESTED: chromium and chromedriver are not installed")
    for name in ("jupyterlab", "ipywidgets", "selenium"):
        pytest.importorskip(name, reason=f"JUPYTERLAB IS NOT TESTED: no {name}")
    folder = tmp_path_factory.mktemp("lab")
    import nbformat  # 2 s of CPU, for each worker that collects tests

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, folder / "book.ipynb")
    places = {f"JUPYTER_{k}_DIR": str(folder / k.lower()) for k in ("CONFIG", "DATA", "RUNTIME")}
    environment = {k: v for k, v in os.environ.items() if k != "TQDM_DISABLE"} | places
    port = 18_000 + os.getpid() % 10_000
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--ip=127.0.0.1", "--allow-root",
        "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}/lab/tree/book.ipynb"
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def browser(tmp_path):
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1400,1100",
        f"--user-data-dir={tmp_path / 'profile'}",
    ):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def until(true):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            if found := true():
                return found
        except Exception:  # the page is not there yet, or the server
            pass
        time.sleep(0.3)
    raise AssertionError("it did not come")


def numbers(browser, regimen):
    """Key numbers of the explorer, once they are those of a regimen."""
    text = browser.find_element("css selector", "body").text
    assert regimen in browser.find_element("css selector", ".status").text
    return [line for line in text.splitlines() if "h/day" in line]


@pytest.mark.slow
def test_a_notebook_shows_a_bar_and_a_folded_result_and_an_explorer_and_asks_nobody_else(lab, browser):
    from selenium.webdriver.common.keys import Keys

    def opened():
        browser.get(lab)
        return True

    def run_all():
        """Choose it in the menu, again where the kernel was not ready for it."""
        for words in ("Run", "Run All Cells"):
            where = f"//*[contains(@class, 'lm-Menu') and text()='{words}']"
            browser.find_element("xpath", where).click()
        time.sleep(2)
        return "[ ]" not in browser.find_element("css selector", ".jp-Notebook").text

    until(opened)
    until(lambda: browser.find_elements("css selector", ".jp-Cell .cm-content"))
    until(lambda: "| Idle" in browser.find_element("css selector", "#jp-main-statusbar").text)
    until(run_all)

    def shown(text):
        return lambda: text in browser.find_element("css selector", ".jp-Notebook").text

    until(lambda: browser.find_elements("css selector", ".jp-Notebook .widget-hprogress"))
    until(shown("Not shown: "))
    seen = browser.find_element("css selector", ".jp-Notebook")
    assert "last_interval" not in seen.text
    assert "IL-6" in seen.text or "il6" in seen.text
    frame = until(lambda: browser.find_element("css selector", ".jp-Notebook iframe"))
    browser.execute_script("arguments[0].scrollIntoView()", frame)
    browser.switch_to.frame(frame)
    before = until(lambda: numbers(browser, "3 mg"))
    box = browser.find_element("css selector", "#control-words")
    box.clear()
    box.send_keys("50 mg at 08:00 for 7 days", Keys.TAB)
    assert until(lambda: numbers(browser, "50 mg")) != before
    browser.switch_to.default_content()
    assert not seen.find_elements("css selector", "[data-mime-type='application/vnd.jupyter.error']")
    sent = (json.loads(m["message"])["message"] for m in browser.get_log("performance"))
    asked = {m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"}
    places = {urllib.parse.urlsplit(url).hostname for url in asked if not url.startswith(OWN)}
    assert places == {"127.0.0.1"}
