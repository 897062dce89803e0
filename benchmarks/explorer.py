"""How long the explorer takes from the release of a control to new data in its sources: one JSON line a case.

python -m benchmarks.explorer

Wall time counts on a quiet machine; where others take the cores, half the seconds of processor is about what two
quiet cores need for the parallel part, and all of them are an upper bound on one core.
"""

import json
import statistics
import time

import ldnsim as ldn
from ldnsim.explorer.compute import Bench
from ldnsim.explorer.form import Form
from ldnsim.explorer.page import Page
from ldnsim.explorer.session import Session

EVENTS = 15
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
        wall, busy = [], []
        for k in range(EVENTS):
            began, used = time.perf_counter(), time.process_time()
            page.controls["dose"].text = "3" if k % 2 else "6"
            wall.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - used))
        told = {"wall ms": wall, "processor ms": busy}
        rows = {
            f"{kind} {way.__name__}": round(way(v))
            for kind, v in told.items()
            for way in (min, statistics.median, max)
        }
        print(json.dumps({"case": name, "patients": session.shown["B"].asked, **rows}), flush=True)


if __name__ == "__main__":
    main()
