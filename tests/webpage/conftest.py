"""A page on disk and a real browser before it; skipped, and said so, where there is no Chromium."""

import json
import shutil
import time
from pathlib import Path

import pytest

import ldnsim as ldn

WAIT = 120.0  # s; how long a slow machine may take for one step
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage")  # fmt: skip
SHELL = Path(ldn.__file__).parent / "webpage" / "shell"
AXE = SHELL / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def page_file(tmp_path_factory):
    """The page of the model, with a few draws."""
    return ldn.page("ldn", tmp_path_factory.mktemp("page") / "ldn.html", draws=16)


class Reader:
    """Somebody who reads a page."""

    def __init__(self, folder):
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
        how = {"behavior": "allow", "downloadPath": str(self.folder)}
        self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", how)
        self.size(1440, 900)

    def size(self, width, height=900):
        how = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", how)

    def theme(self, name):
        media = {"features": [{"name": "prefers-color-scheme", "value": name}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def open(self, path, fragment=""):
        self.driver.get("about:blank")
        self.driver.get(path.as_uri() + (f"#{fragment}" if fragment else ""))
        self.settled()

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def one(self, selector):
        return self.driver.find_element("css selector", selector)

    def all(self, selector):
        return self.driver.find_elements("css selector", selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector):
        """Texts as they are seen, read at once: a page that is drawn anew leaves no element behind."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText.trim())", selector
        )

    def until(self, true):
        """Wait until something is so."""
        deadline = time.monotonic() + WAIT
        while not (found := true()):
            assert time.monotonic() < deadline, f"not within {WAIT:g} s"
            time.sleep(0.03)
        return found

    def settled(self):
        """Wait for all draws of what is chosen in full digits, or for the reason why there are none."""
        self.until(
            lambda: self.run(
                "const p = document.querySelector('.page'); return p && p.dataset.state === 'ready' &&"
                " p.getAttribute('aria-busy') === 'false' &&"
                " document.querySelector('.status').dataset.settled !== 'false'"
                " || document.querySelector('.failure') !== null"
            )
        )

    def press(self, selector, text=""):
        self.run(
            "[...document.querySelectorAll(arguments[0])].find(e => e.textContent.includes(arguments[1])).click()",
            selector,
            text,
        )
        self.settled()

    def type(self, name, text):
        from selenium.webdriver import Keys

        self.one(f"#control-{name}").send_keys(Keys.CONTROL, "a", Keys.NULL, text, Keys.TAB)
        self.settled()

    def pick(self, name, text):
        from selenium.webdriver.support.ui import Select

        self.run("arguments[0].closest('details').open = true", self.one(f"#control-{name}"))
        Select(self.one(f"#control-{name}")).select_by_visible_text(text)
        self.settled()

    def curve(self, variable, side="B"):
        """The path of one curve as it is drawn."""
        script = "return document.querySelector(arguments[0])?.getAttribute('d') ?? ''"
        return self.run(script, f".curve[data-variable={variable}][data-side={side}]")

    def errors(self):
        return [m["message"] for m in self.driver.get_log("browser") if m["level"] == "SEVERE"]

    def requests(self):
        sent = (json.loads(m["message"])["message"] for m in self.driver.get_log("performance"))
        return [m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """One browser for a whole file."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("THE PAGE IS NOT TESTED IN A BROWSER: chromium and chromedriver are not installed")
    pytest.importorskip("selenium", reason="THE PAGE IS NOT TESTED IN A BROWSER: no selenium")
    reader = Reader(tmp_path_factory.mktemp("reader"))
    yield reader
    reader.driver.quit()


@pytest.fixture
def reader(browser, page_file):
    """The page anew; no error in the console afterwards."""
    browser.size(1440)
    browser.theme("light")
    browser.open(page_file)
    yield browser
    assert browser.errors() == []
