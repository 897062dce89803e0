"""The engine of the page against the package, and what a page weighs: one JSON line a case.

python -m benchmarks.webpage

In Node: trajectories a second of processor time, against the package on one core, at the same tolerance and the
same outputs. In headless Chromium: from a request to curves with bands of 200 draws, by the clock (on a quiet
machine) and in seconds of processor.
"""

import base64
import gzip
import json
import shutil
import subprocess
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
let told;
globalThis.self = {
  postMessage({ reply, error }) {
    if (error) throw new Error(error);
    if (reply.stage === "final") told(reply);
  },
};
(0, eval)(readFileSync(job.worker, "utf8"));
self.onmessage({ data: { kind: "start", data: job.data, wasm: readFileSync(job.wasm) } });
for (const request of job.requests) {
  for (let k = 0; k < job.rounds; k++) {
    const before = process.cpuUsage();
    const { ms } = await new Promise((r) => {
      told = r;
      self.onmessage({ data: { kind: "run", slot: "A", id: k, request } });
    });
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ ms, cpu: (user + system) / 1000 }));
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
  worker.onmessage = ({ data }) => {
    if (data.error) done({ error: data.error });
    else if (data.reply.stage === "final") done({ ms: performance.now() - began });
  };
  worker.postMessage({ kind: "run", slot: "A", id: ++id, request });
};
</script>"""


def request(precision="single", dose=4.5, **more):
    """What the page asks for when a control is released: 28 days, the last two by the quarter of an hour."""
    end = DAYS * 24 + 22
    times = [*np.arange(0, end - 48, 2.0), *np.linspace(end - 48, end, 193)]
    course = {"drug": "naltrexone", "form": "", "dose": dose, "ii": 24, "start": 22}
    people = {"kind": "draws", "n": DRAWS}
    asked = {
        "taken": [course],
        "days": DAYS,
        "overrides": {},
        "outputs": SHOWN,
        "people": people,
        "dt": times,
    }
    return asked | {"precision": precision} | more


def in_node(model, requests):
    """Milliseconds by the clock and of processor: the median round of each request, after the first."""
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
    return [{name: float(np.median([row[name] for row in some])) for name in ("ms", "cpu")} for some in kept]


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


def in_chromium(model):
    """Milliseconds from a request to bands, by the clock and of processor; None without a browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not (browser and shutil.which("chromedriver")):
        return None
    import psutil
    from selenium import webdriver

    worker = (SHELL / "dist" / "worker.js").read_text(encoding="utf-8")
    job = {
        "worker": worker,
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
            path.write_text(
                IN_CHROMIUM % base64.b64encode(json.dumps(job).encode()).decode(), encoding="utf-8"
            )
            driver.get(path.as_uri())
            driver.set_script_timeout(120)
            below = psutil.Process(driver.service.process.pid)
            rows = []
            for k in range(ROUNDS + 1):
                before = _spent(below)
                told = driver.execute_async_script(
                    "window.answer(arguments[0], arguments[1])", request(dose=4.5 if k % 2 else 3.0)
                )
                rows.append((told["ms"], 1000 * (_spent(below) - before)))
    finally:
        driver.quit()
    ms, cpu = np.median(rows[2:], axis=0)
    return {
        "ms": round(float(ms)),
        "processor, ms": round(float(cpu)),
        "best ms": round(min(r[0] for r in rows)),
    }


def _spent(process):
    """Seconds of processor of a process's children, as far as they still run."""
    return sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))


def main():
    """Print all cases."""
    model = ldn.load_model("ldn")
    tolerances = (1e-4, 1e-5, 1e-6)
    asked = [request("double", rtol=rtol, readouts=[]) for rtol in tolerances] + [
        request(readouts=[]),
        request(),
    ]
    *double, single, whole = in_node(model, asked)
    rate = lambda ms: round(1000 * DRAWS / ms)  # noqa: E731
    for rtol, row in zip(tolerances, double, strict=True):
        native = natively(model, rtol)
        case = {"case": f"double, rtol {rtol:g}", "node, trajectories/s": rate(row["cpu"])}
        print(json.dumps(case | {"native": rate(native), "ratio": round(native / row["cpu"], 2)}), flush=True)
    print(json.dumps({"case": "single precision, Node", "trajectories/s": rate(single["cpu"])}))
    told = {"ms": round(whole["ms"]), "processor, ms": round(whole["cpu"])}
    print(json.dumps({"case": "200 draws x 28 days to bands and numbers, Node", **told}), flush=True)
    print(
        json.dumps({"case": "the same, Chromium", **(in_chromium(model) or {"skipped": "no browser"})}),
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder, "ldn.html")
        ldn.page(model, path, draws=DRAWS)
        page = path.read_bytes()
    print(
        json.dumps({"case": "weight", "MB": len(page) / 1e6, "gzipped, MB": len(gzip.compress(page)) / 1e6})
    )


if __name__ == "__main__":
    main()
