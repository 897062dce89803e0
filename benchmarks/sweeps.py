"""How fast sweeps, Sobol indices and optimisation are here: one JSON line a case.

python -m benchmarks.sweeps grid --sets 100 --regimens 100
python -m benchmarks.sweeps store
python -m benchmarks.sweeps dask
python -m benchmarks.sweeps sobol --base 512
python -m benchmarks.sweeps optimize --generations 5
"""

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

import ldnsim as ldn

DAYS = 28


def timed(call):
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def busy(call):
    """Wall seconds, seconds of processor of all threads (what other programs take does not count), result."""
    before = time.process_time()
    seconds, result = timed(call)
    return seconds, time.process_time() - before, result


def problem(sets, regimens):
    model = ldn.load_model("ldn")
    people = ldn.population(model, n=sets, seed=1)
    over = {"dose": np.linspace(0.5, 50, regimens).tolist()}
    kw = {
        "over": over,
        "subjects": people,
        "days": DAYS,
        "at": "22:00",
        "metrics": ["change_il6"],
        "progress": False,
    }
    ldn.sweep(model, **(kw | {"over": {"dose": [1.0, 2.0]}, "subjects": people.head(8)}))  # compiles
    return model, kw


def grid(args):
    model, kw = problem(args.sets, args.regimens)
    seconds, used, ds = busy(lambda: ldn.sweep(model, **kw))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    n = ds.change_il6.size
    return {
        "trajectories": n,
        "seconds": seconds,
        "per_s": n / seconds,
        "per_core_s": n / used,
        "minutes_for_1e6": 1e6 / n * seconds / 60,
        "peak_GiB": peak,
    }


def store(args):
    model, kw = problem(args.sets, args.regimens)
    best = None
    for _ in range(args.repeats):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run"
            seconds, _ = timed(lambda path=path: ldn.sweep(model, **kw, store=path, chunk=args.chunk))
            lines = [json.loads(line) for line in (path / "journal.jsonl").read_text().splitlines()]
        chunks = [line["seconds"] for line in lines if "seconds" in line]
        beside = 100 * (seconds / sum(chunks) - 1)  # plan, writing, journal, assembly, result.nc
        if best is None or beside < best["overhead_percent"]:
            best = {
                "seconds": seconds,
                "chunks": len(chunks),
                "seconds_a_chunk": float(np.median(chunks)),
                "overhead_percent": beside,
            }
    return best


def dask(args):
    """Time a sweep on one and on two workers; the busiest worker's processor seconds do not see other load."""
    from distributed import Client, LocalCluster

    model, kw = problem(args.sets, args.regimens)
    took, worked = {}, {}
    few = kw | {"over": {"dose": [1.0, 2.0]}, "subjects": kw["subjects"].head(8), "chunk": 8}
    for workers in (1, 2):
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            for _ in range(4):
                ldn.sweep(model, **few, executor=client)  # every worker loads its kernels
            runs = [_on_workers(client, model, kw) for _ in range(args.repeats)]
            took[workers], worked[workers] = (min(column) for column in zip(*runs, strict=True))
    return {
        "one_worker_s": took[1],
        "two_workers_s": took[2],
        "speed_up": took[1] / took[2],
        "busiest_of_one_s": worked[1],
        "busiest_of_two_s": worked[2],
        "speed_up_without_other_load": worked[1] / worked[2],
    }


def _on_workers(client, model, kw):
    """Return wall seconds of a sweep, and processor seconds of the worker that had most to do."""
    before = client.run(time.process_time)
    seconds, _ = timed(lambda: ldn.sweep(model, **kw, chunk=1024, executor=client))
    after = client.run(time.process_time)
    return seconds, max(after[worker] - before[worker] for worker in before)


def sobol(args):
    model = ldn.load_model("ldn")
    names = list(ldn.posterior(model, 2).columns[:20])
    regimen = ldn.Regimen.daily(4.5, days=args.days, at="22:00")
    kw = {"metric": "change_il6", "method": "sobol", "parameters": names}
    ldn.sensitivity(model, regimen, **kw, n=2)
    seconds, used, table = busy(lambda: ldn.sensitivity(model, regimen, **kw, n=args.base))
    runs = table.attrs["runs"]
    return {
        "parameters": len(names),
        "runs": runs,
        "seconds": seconds,
        "per_s": runs / seconds,
        "per_core_s": runs / used,
        "days": args.days,
    }


def optimize(args):
    model = ldn.load_model("ldn")
    kw = {"days": args.days, "draws": ldn.posterior(model, args.draws), "progress": False}
    goals, over = {"change_il6": "min"}, {"dose": (0.5, 50), "at": (18, 30)}
    ldn.optimize(model, goals, over, **kw, candidates=8, generations=1)
    seconds, used, found = busy(
        lambda: ldn.optimize(model, goals, over, **kw, candidates=200, generations=args.generations)
    )
    runs = found.evaluated * args.draws
    return {
        "evaluated": found.evaluated,
        "runs": runs,
        "seconds": seconds,
        "per_s": runs / seconds,
        "per_core_s": runs / used,
        "days": args.days,
        "minutes_for_100_generations": 200 * 100 * args.draws / (runs / seconds) / 60,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case", choices=("grid", "store", "dask", "sobol", "optimize"))
    for name, default in (
        ("sets", 128),
        ("chunk", 4096),
        ("regimens", 64),
        ("repeats", 2),
        ("base", 256),
        ("days", DAYS),
        ("draws", 100),
        ("generations", 3),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    found = {"case": args.case, "cores": os.cpu_count(), "load_before": load, **globals()[args.case](args)}
    print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in found.items()}))


if __name__ == "__main__":
    main()
