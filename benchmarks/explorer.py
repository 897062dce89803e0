"""How long the explorer takes from the release of a control to new data in its sources: one JSON line a case.

python -m benchmarks.explorer

Wall time counts on a quiet machine. Where others take the cores, seconds of processor are what can be measured:
those of all threads, and those of the main thread alone, which cannot be shared. What is left over is shared by
the threads of the solver, so "two cores" is main + (all - main) / 2.
"""

import json
import time

import numpy as np

import ldnsim as ldn
from ldnsim.explorer.compute import Bench
from ldnsim.explorer.screen import Page
from ldnsim.explorer.session import Session
from ldnsim.webpage.form import Form

EVENTS = 15
CLOCKS = (time.perf_counter, time.process_time, time.thread_time)
CASES = {
    "28 days": {},
    "7 days": {"days": 7},
    "84 days": {"days": 84},
    "28 days with an opioid": {"opioid": "oxycodone"},
}


def main():
    """Move the dose back and forth in each case."""
    form, bench = Form.of(ldn.load_model("ldn")), Bench()
    for name, start in CASES.items():
        session = Session(form, form.start(**start), bench)
        page = Page(session, bench)
        session.draw()
        told = {"wall": [], "processor": [], "main thread": [], "two cores": []}
        for k in range(EVENTS):
            before = np.array([clock() for clock in CLOCKS])
            page.controls["dose"].text = "3" if k % 2 else "6"
            wall, both, main_thread = 1000 * (np.array([clock() for clock in CLOCKS]) - before)
            shared = main_thread + (both - main_thread) / 2
            for what, value in zip(told, (wall, both, main_thread, shared), strict=True):
                told[what].append(value)
        rows = {f"{what}, ms": round(float(np.median(values))) for what, values in told.items()}
        print(json.dumps({"case": name, "draws": session.shown["B"].asked, **rows}), flush=True)


if __name__ == "__main__":
    main()
