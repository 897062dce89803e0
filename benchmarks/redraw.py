"""A page in headless Chromium: the time from a change of its controls to what it computes for it.

Used by `benchmarks.webpage`. The page is the one that is shipped, opened from disk; a script stands between it and
its worker, keeps the clock and lets the pass in full digits, which follows once the page rests, not begin.
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

import ldnsim as ldn

LOOK = 0.5  # s between two looks at a page: a redraw lies between them
# As text, since a driver that takes an answer apart would keep the page's compilers busy.
ANSWERED = "return asked && (asked.error || 'ms' in asked) ? JSON.stringify(asked) : ''"
BETWEEN = """
const Native = window.Worker;
window.asked = null;
window.Worker = class extends Native {
  constructor(url) {
    super(url);
    this.addEventListener("message", ({ data }) => {
      const { asked } = window;
      if (!asked || data.id !== asked.id) return;
      asked.error = data.error;
      const ms = performance.now() - asked.began;
      asked.first ??= ms;
      if (data.reply && data.reply.stage !== "nominal") asked.bands ??= [ms, data.reply.done];
      if (data.error || data.reply.stage === "final") asked.ms = ms;
    });
  }
  postMessage(message, moved) {
    const { id, request } = message;
    if (message.kind === "run" && request.precision === "double") return;
    if (message.kind === "run" && message.slot === "B") window.asked = { id, request, began: performance.now() };
    super.postMessage(message, moved);
  }
};
"""


class Page:
    """A page before somebody who changes its controls; with as many processors as it is told of."""

    def __init__(self, path, processors):
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or shutil.which("google-chrome")
        for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(option)
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        for command, how in (
            ("Page.addScriptToEvaluateOnNewDocument", {"source": BETWEEN}),
            ("Emulation.setHardwareConcurrencyOverride", {"hardwareConcurrency": processors}),
        ):
            self.driver.execute_cdp_cmd(command, how)
        self.path = path
        self.driver.get(path.as_uri())
        self.answer()

    def answer(self):
        """Wait for the last answer to what was asked last; seldom, as each look takes time from the page."""
        import time

        while True:
            time.sleep(LOOK)
            text = self.driver.execute_script(ANSWERED)
            if not text:
                continue
            told = json.loads(text)
            if told.get("error"):
                raise RuntimeError(told["error"])
            return told

    def change(self, fragment):
        """Let the controls stand where an address says, as if by hand; what was asked and when it was answered."""
        self.driver.execute_script("window.asked = null; location.hash = arguments[0]", fragment)
        return self.answer()

    def spent(self):
        """Seconds of processor of each thread of the browser, as far as it still runs."""
        import psutil

        below = psutil.Process(self.driver.service.process.pid).children(recursive=True)
        threads = ((child.pid, thread) for child in below for thread in child.threads())
        return {(pid, one.id): one.user_time + one.system_time for pid, one in threads}


def redrawn(model, cases, processors, rounds):
    """Of each case what the page asked, and medians over rounds in ms; None without a browser."""
    if not ((shutil.which("chromium") or shutil.which("google-chrome")) and shutil.which("chromedriver")):
        return None
    with tempfile.TemporaryDirectory() as folder:
        page = Page(ldn.page(model, Path(folder, "page.html")), processors)
        try:
            return {name: _timed(page, fragment, rounds) for name, fragment in cases.items()}
        finally:
            page.driver.quit()


def _timed(page, fragment, rounds):
    """Times of one case; the first two changes are left out.

    The busiest thread is what two workers would take by the clock if nobody else were at work.
    """
    rows, before = [], {}
    for k in range(rounds + 2):
        if k == 2:
            before = page.spent()
        told = page.change(f"{fragment}&dose={4.5 if k % 2 else 3.0}")
        rows.append((told["first"], *told["bands"], told["ms"]))
    spent = [1000 * (end - before.get(thread, 0.0)) / rounds for thread, end in page.spent().items()]
    first, part, draws, ms = np.median(rows[2:], axis=0).round().astype(int).tolist()
    times = {"first curve, ms": first, "first bands, ms": part, "of draws": draws, "all bands, ms": ms}
    times["best, ms"] = round(min(row[-1] for row in rows))
    cpu = {"processor, ms": round(sum(spent)), "its busiest thread, ms": round(max(spent))}
    return {"request": told["request"], "times": times | cpu}
