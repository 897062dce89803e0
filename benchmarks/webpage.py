"""The engine of the page against the package, and what a page weighs: one JSON line a case.

python -m benchmarks.webpage [rates] [redraw] [weight]

In Node: trajectories a second of processor time, against the package on one core, at the same tolerance and the
same outputs. `redraw`: from a change of a control to the nominal curve and to bands of 200 draws, for 28 days, for
84 and with an opioid; by the clock on the page in headless Chromium with one worker and with two (on a quiet
machine), and in seconds of processor.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import ldnsim as ldn
from ldnsim.webpage import engine_data, wasm_of

from .redraw import redrawn

SHELL = Path(ldn.__file__).parent / "webpage" / "shell"
DRAWS, DAYS, ROUNDS, CHANGES = 200, 28, 9, 5
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


REDRAWN = {
    "28 days": "days=28",
    "84 days": "days=84",
    "28 days with an opioid": "opioid=tramadol&opioid_dose=50&opioid_interval=6&opioid_at=08:00&opioid_use=new",
}


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
    """What is computed when a control is released: the nominal curve first, then bands and numbers of the draws.

    By the clock on the page itself, told of one processor and of two; and what the same requests cost a processor
    in Node, by one worker.
    """
    for processors in (1, 2):
        found = redrawn(model, REDRAWN, processors, CHANGES)
        for name in REDRAWN:
            row = found[name]["times"] if found else {"skipped": "no browser"}
            told({"case": f"redraw, {name}, the page in Chromium", "workers": processors, **row})
    if found:
        rows = in_node(model, [found[name]["request"] for name in REDRAWN])
        for name, row in zip(REDRAWN, rows, strict=True):
            case = {"case": f"redraw, {name}, Node", "first curve, processor ms": round(row["first"])}
            told(case | {"bands, processor ms": round(row["cpu"])})


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
