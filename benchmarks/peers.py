"""Race ldnsim against its peers: ``python -m benchmarks.peers [--quick] [--out FOLDER]``.

Writes ``peers.json``, ``peers.md`` and ``peers.png``. Ratios are the message: all solvers run in this one
process, in turns, each at the tolerance that just meets the error bar. No time is ever asserted.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import machine

RESULTS = Path(__file__).with_name("results")


def options(argv=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=256, help="most subjects a run (default 256)")
    parser.add_argument(
        "--threads", type=int, default=1, help="cores (default 1; peers without threads drop out)"
    )
    parser.add_argument("--cases", nargs="+", default=["bench19", "stiff19"], choices=["bench19", "stiff19"])
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only solvers whose name contains a word")
    parser.add_argument("--rounds", type=int, default=5, help="turns at the chosen tolerance, best kept")
    parser.add_argument(
        "--quick", action="store_true", help="few subjects, coarse tuning: to see that it works"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the results")
    return parser.parse_args(argv)


def main(argv=None) -> int:
    args = options(argv)
    cpus = machine.confine(args.threads)
    from .cases import CASES
    from .contest import LADDER, contest, contestants
    from .reference import second_opinion
    from .report import write

    entrants = contestants(args.threads)
    if args.only:
        entrants = {k: v for k, v in entrants.items() if any(w.lower() in k.lower() for w in args.only)}
    settings = {"n": args.subjects, "budget": 1.0 * args.threads, "rounds": args.rounds, "ladder": LADDER}
    if args.quick:
        settings |= {"n": min(args.subjects, 64), "budget": 0.2, "rounds": 1, "ladder": LADDER[::2]}
    results = {"machine": machine.describe(args.threads, cpus), "contests": []}
    for name in args.cases:
        case = CASES[name]()
        gap = second_opinion(case, case.subjects(1))
        print(f"{name}: reference agrees with SciPy Radau to {gap:.0e}", file=sys.stderr, flush=True)
        results["contests"].append(contest(case, entrants, **settings) | {"reference_gap": gap})
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "peers.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(write(args.out / "peers.json"))
    own = [e for c in results["contests"] for e in c["entries"] if e["name"].startswith("ldnsim")]
    return int(any(e["failure"].startswith("failed") for e in own))


if __name__ == "__main__":
    sys.exit(main())
