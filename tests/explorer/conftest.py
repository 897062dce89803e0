"""A served explorer and real browsers; skipped, and said so, where there is no Chromium."""

import json
import re
import shutil
import subprocess
import sys
import time

import pytest

WAIT = 60.0  # s; how long a slow machine may take for one step
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
# Everything on the page stands in shadow trees, which CSS selectors of the driver do not enter.
FIND = """
const [selector, found] = [arguments[0], []];
(function walk(root) {
  root.querySelectorAll(selector).forEach((e) => found.push(e));
  root.querySelectorAll("*").forEach((e) => { if (e.shadowRoot) walk(e.shadowRoot); });
})(document);
return found;
"""


@pytest.fixture(scope="session")
def served():
    """Address of an explorer in a process of its own."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("THE EXPLORER IS NOT TESTED IN A BROWSER: chromium and chromedriver are not installed")
    pytest.importorskip("selenium", reason="THE EXPLORER IS NOT TESTED IN A BROWSER: no selenium")
    command = [sys.executable, "-m", "ldnsim", "explore", "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
    finally:
        process.kill()
        process.communicate()


class User:
    """One user at one browser."""

    def __init__(self, url, folder):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={folder / 'profile'}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.folder = folder / "downloads"
        self.folder.mkdir()
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.set_page_load_timeout(WAIT)
        how = {"behavior": "allow", "downloadPath": str(self.folder)}
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", how)
        self.size(1400, 900)
        self.url = url

    def size(self, width, height):
        how = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", how)

    def open(self):
        self.driver.get(self.url)
        self.until(lambda: self.count == 1)

    def all(self, selector):
        return self.driver.execute_script(FIND, selector)

    def one(self, selector, text=""):
        return self.until(lambda: next((e for e in self.all(selector) if text in e.text), None))

    def until(self, true):
        """Wait until something is so."""
        from selenium.common.exceptions import StaleElementReferenceException

        deadline = time.monotonic() + WAIT
        while True:
            try:
                found = true()
            except StaleElementReferenceException:  # drawn anew just now
                found = None
            if found:
                return found
            assert time.monotonic() < deadline, "not within a minute"
            time.sleep(0.02)

    @property
    def count(self):
        """Number of the picture on the page."""
        script = FIND.replace("return found;", "return found.length ? Number(found[0].dataset.count) : 0;")
        return self.driver.execute_script(script, "[role=status]")

    def after(self, act):
        """Do something and wait for the next picture."""
        before = self.count
        act()
        self.until(lambda: self.count > before)

    def type(self, name, text):
        from selenium.webdriver import Keys

        modifier = Keys.COMMAND if sys.platform == "darwin" else Keys.CONTROL
        self.one(f"#control-{name}").send_keys(modifier, "a", Keys.NULL, text, Keys.TAB)

    def pick(self, label, text):
        """Choose in a list by its label."""
        from selenium.webdriver.support.ui import Select

        script = "return [...arguments[0].getRootNode().querySelectorAll('select')][0]"
        name = self.one("label", label)
        Select(self.driver.execute_script(script, name)).select_by_visible_text(text)

    def curve(self, column):
        """Numbers that the browser holds of one curve."""
        script = """
        for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
          if (model.name === "late B") return Array.from(model.data[arguments[0]]);"""
        return self.driver.execute_script(script, column)

    def errors(self):
        return [m["message"] for m in self.driver.get_log("browser") if m["level"] == "SEVERE"]

    def requests(self):
        sent = (json.loads(m["message"])["message"] for m in self.driver.get_log("performance"))
        return [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]


@pytest.fixture(scope="module")
def another_user(served, tmp_path_factory):
    """Make users; their browsers are closed at the end."""
    users = []

    def make():
        users.append(User(served, tmp_path_factory.mktemp("user")))
        users[-1].open()
        return users[-1]

    yield make
    for user in users:
        user.driver.quit()


@pytest.fixture(scope="module")
def browser(another_user):
    """One user for a whole file."""
    return another_user()


@pytest.fixture
def user(browser):
    """Open the page anew, and find no error in the console afterwards."""
    browser.size(1400, 900)
    browser.open()
    yield browser
    assert browser.errors() == []
