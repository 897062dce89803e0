"""The engine of the page against the package, and what a page weighs: one JSON line a case.

python -m benchmarks.webpage [rates] [redraw] [weight]

In Node: trajectories a second of processor time, against the package on one core, at the same tolerance and the
same outputs; and what a redraw computes, of the nominal curve and of bands of 200 draws, for 28 days, for 84 and
with an opioid. In headless Chromium: the same from a request to curves, by the clock (on a quiet machine) and in
seconds of processor.
"""

import base64
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import ldnsim as ldn
from ldnsim.webpage import engine_data, wasm_of

SHELL = Path(ldn.__file__).parent / "webpage" / "shell"
DRAWS, DAYS, ROUNDS = 200, 28, 9
SHOWN = [
    "plasma_naltrexone",
    "plasma_naltrexol",
    "mu_occupancy_peripheral",
    "mu_occupancy_brain",
    "opioid_tone",
]
SHOWN += ["endorphin", "enkephalin", "tlr4_activity", "microglia", "tnf_alpha", "il6", "il1b", "il10", "pain"]
IN_NODE = """
import { readFileSync } from "node:fs";
const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
let told, before, first;
const spent = () => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};
globalThis.self = {
  postMessage({ reply, error }) {
    if (error) throw new Error(error);
    first ??= spent();
    if (reply.stage === "final") told(reply);
  },
};
(0, eval)(readFileSync(job.worker, "utf8"));
self.onmessage({ data: { kind: "start", data: job.data, wasm: readFileSync(job.wasm) } });
for (const request of job.requests) {
  for (let k = 0; k < job.rounds; k++) {
    before = process.cpuUsage();
    first = undefined;
    const { ms } = await new Promise((r) => {
      told = r;
      self.onmessage({ data: { kind: "run", slot: "A", id: k, request } });
    });
    console.log(JSON.stringify({ ms, cpu: spent(), first }));
  }
}
process.exit(0);
"""
IN_CHROMIUM = """<!doctype html><meta charset="utf-8"><script>
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const job = JSON.parse(new TextDecoder().decode(bytes("%s")));
const worker = new Worker(URL.createObjectURL(new Blob([job.worker])));
worker.postMessage({ kind: "start", data: job.data, wasm: bytes(job.wasm).buffer });
let id = 0;
window.answer = (request, done) => {
  const began = performance.now();
  let first;
  worker.onmessage = ({ data }) => {
    if (data.error) done({ error: data.error });
    first ??= performance.now() - began;
    if (data.reply?.stage === "final") done({ ms: performance.now() - began, first });
  };
  worker.postMessage({ kind: "run", slot: "A", id: ++id, request });
};
</script>"""


def request(precision="single", dose=4.5, days=DAYS, beside=(), **more):
    """What the page asks for when a control is released: the last two days by the quarter of an hour."""
    end = days * 24 + 22
    times = [*np.arange(0, end - 48, 2.0), *np.linspace(end - 48, end, 193)]
    course = {"drug": "naltrexone", "form": "", "dose": dose, "ii": 24, "start": 22}
    people = {"kind": "draws", "n": DRAWS}
    asked = {
        "taken": [course, *beside],
        "days": days,
        "overrides": {},
        "outputs": SHOWN,
        "people": people,
        "dt": times,
    }
    return asked | {"precision": precision} | more


OPIOID = {"drug": "oxycodone", "form": "", "dose": 20, "ii": 6, "start": 8}
REDRAWN = {"28 days": {}, "84 days": {"days": 84}, "28 days with an opioid": {"beside": [OPIOID]}}


def in_node(model, requests):
    """Milliseconds by the clock, of processor and of processor to the first reply: medians of each request's rounds.

    The first round of each is left out.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("run.mjs", "job.json", "model.wasm")}
        files["model.wasm"].write_bytes(wasm_of(model))
        job = {
            "worker": str(SHELL / "dist" / "worker.js"),
            "wasm": str(files["model.wasm"]),
            "rounds": ROUNDS,
        }
        data = {"data": engine_data(model, DRAWS), "requests": requests}
        files["job.json"].write_text(json.dumps(job | data), encoding="utf-8")
        files["run.mjs"].write_text(IN_NODE, encoding="utf-8")
        command = ["node", str(files["run.mjs"]), str(files["job.json"])]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    kept = (rows[k + 1 : k + ROUNDS] for k in range(0, len(rows), ROUNDS))
    return [
        {name: float(np.median([row[name] for row in some])) for name in ("ms", "cpu", "first")}
        for some in kept
    ]


def natively(model, rtol):
    """Milliseconds of processor for the same runs by the package, on one core."""
    regimen, draws = ldn.Regimen.daily(4.5, days=DAYS, at="22:00"), ldn.posterior(model, DRAWS)
    how = {"subjects": draws, "times": request()["dt"], "outputs": SHOWN, "rtol": rtol, "threads": 1}
    spent = []
    for _ in range(4):
        before = time.process_time()
        ldn.simulate(model, regimen, method="rodas5p", progress=False, **how)
        spent.append(1000 * (time.process_time() - before))
    return float(np.median(spent[1:]))


def in_chromium(model, cases):
    """Milliseconds from a request to its first curve and to bands, by case; None without a browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not (browser and shutil.which("chromedriver")):
        return None
    from selenium import webdriver

    job = {
        "worker": (SHELL / "dist" / "worker.js").read_text(encoding="utf-8"),
        "data": engine_data(model, DRAWS),
        "wasm": base64.b64encode(wasm_of(model)).decode(),
    }
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for option in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "page.html")
            text = IN_CHROMIUM % base64.b64encode(json.dumps(job).encode()).decode()
            path.write_text(text, encoding="utf-8")
            driver.get(path.as_uri())
            driver.set_script_timeout(120)
            return {name: _answered(driver, more) for name, more in cases.items()}
    finally:
        driver.quit()


def _answered(driver, more):
    """Medians over rounds of one case, the first two left out."""
    import psutil

    below, rows = psutil.Process(driver.service.process.pid), []
    for k in range(ROUNDS + 1):
        before, asked = _spent(below), request(dose=4.5 if k % 2 else 3.0, **more)
        told = driver.execute_async_script("window.answer(arguments[0], arguments[1])", asked)
        if "error" in told:
            raise RuntimeError(told["error"])
        rows.append((told["first"], told["ms"], 1000 * (_spent(below) - before)))
    first, ms, cpu = np.median(rows[2:], axis=0).round().astype(int).tolist()
    best = round(min(row[1] for row in rows))
    return {"first curve, ms": first, "bands, ms": ms, "processor, ms": cpu, "best bands, ms": best}


def _spent(process):
    """Seconds of processor of a process's children, as far as they still run."""
    return sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))


def main(words):
    """Print all cases, or those that are named."""
    model = ldn.load_model("ldn")
    named = words or ["rates", "redraw", "weight"]
    for name in named:
        {"rates": rates, "redraw": redraw, "weight": weight}[name](model)


def rates(model):
    """Trajectories a second of processor, against the package."""
    tolerances = (1e-4, 1e-5, 1e-6)
    asked = [request("double", rtol=rtol, readouts=[]) for rtol in tolerances] + [request(readouts=[])]
    *double, single = in_node(model, asked)
    rate = lambda ms: round(1000 * DRAWS / ms)  # noqa: E731
    for rtol, row in zip(tolerances, double, strict=True):
        native = natively(model, rtol)
        case = {"case": f"double, rtol {rtol:g}", "node, trajectories/s": rate(row["cpu"])}
        told(case | {"native": rate(native), "ratio": round(native / row["cpu"], 2)})
    told({"case": "single precision, Node", "trajectories/s": rate(single["cpu"])})


def redraw(model):
    """What is computed when a control is released: the nominal curve first, then bands and numbers of the draws."""
    rows = in_node(model, [request(**more) for more in REDRAWN.values()])
    for name, row in zip(REDRAWN, rows, strict=True):
        first, whole = round(row["first"]), round(row["cpu"])
        case = {"case": f"redraw, {name}, Node", "first curve, processor ms": first}
        told(case | {"bands, ms": round(row["ms"]), "processor, ms": whole})
    found = in_chromium(model, REDRAWN)
    for name in REDRAWN:
        told({"case": f"redraw, {name}, Chromium", **(found[name] if found else {"skipped": "no browser"})})


def weight(model):
    """Megabytes of a page."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "ldn.html")
        ldn.page(model, path, draws=DRAWS)
        page = path.read_bytes()
    told({"case": "weight", "MB": len(page) / 1e6, "gzipped, MB": len(gzip.compress(page)) / 1e6})


def told(case):
    """Print a case on a line."""
    print(json.dumps(case), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
