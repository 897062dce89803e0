"""Run a sweep here, on two Dask workers, and on two of which one dies; say whether the bits agree."""

import json
import os
import sys
import threading
import time
from pathlib import Path

import pandas as pd
from distributed import Client, LocalCluster

import ldnsim as ldn

TEXT = """
model toy()
  A' = -ka*A; C' = ka*A - ke*C; A = 0; C = 0; ka = 1.2; ke = 0.2
  plasma_naltrexone := 100*C
end
"""


def main(folder):
    toy = ldn.Model.from_antimony(TEXT)
    people = pd.DataFrame({"ke": [0.1 + 0.01 * k for k in range(64)]})
    plan = {
        "over": {"ka": [0.5, 1.0, 1.5, 2.0], "dose": [1.5, 4.5, 12.0, 50.0]},
        "days": 7, "cmt": "A", "subjects": people, "metrics": ["cmax(plasma_naltrexone)"], "chunk": 16, "progress": False,
    }  # fmt: skip
    here = ldn.sweep(toy, **plan)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        same = here.identical(ldn.sweep(toy, **plan, executor=client))
        stored = here.identical(ldn.sweep(toy, **plan, executor=client, store=folder / "run"))
        killer = threading.Thread(target=kill_one, args=(client.run(os.getpid),), daemon=True)
        killer.start()
        lost = here.identical(ldn.sweep(toy, **plan, executor=client))
        killer.join()
    print(json.dumps({"same": same, "lost_worker_same": lost, "stored_same": stored}))


def kill_one(pids):
    time.sleep(0.3)
    os.kill(next(iter(pids.values())), 9)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
