"""Ratios between two versions on one machine: ``python -m benchmarks.compare BASE HEAD [--out FILE]``.

BASE and HEAD are two checkouts, whose benchmarks are then run here in turns (base, head, base, head), or two
JSON files of pytest-benchmark or of ``benchmarks.peers``. Prints a Markdown table; no time is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def seconds(path: Path) -> dict[str, float]:
    """Return name -> best seconds of a JSON file of pytest-benchmark or of ``benchmarks.peers``."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if "benchmarks" in data:
        return {b["fullname"].split("/")[-1]: b["stats"]["min"] for b in data["benchmarks"]}
    return {
        f"{c['case']}: {e['name']}": e["chosen"]["cpu"]
        for c in data["contests"]
        for e in c["entries"]
        if e["chosen"]
    }


def run(checkout: Path, out: Path, words: list[str]) -> None:
    """Run a checkout's own benchmarks with its own package and its own kernel cache."""
    cache = out.parent / f"cache-{checkout.resolve().name}"
    cache.mkdir(exist_ok=True)
    env = os.environ | {"PYTHONPATH": str(checkout.resolve()), "LDNSIM_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "pytest", "benchmarks", "-q", f"--benchmark-json={out}", *words]
    done = subprocess.run(command, cwd=checkout, env=env, check=False)
    if not out.exists() or not out.stat().st_size:
        raise SystemExit(f"{checkout}: its benchmarks gave no result (exit code {done.returncode})")


def in_turns(base: Path, head: Path, rounds: int, words: list[str]) -> tuple[dict, dict]:
    """Run both checkouts alternately and return the best seconds of each."""
    best: tuple[dict, dict] = ({}, {})
    with tempfile.TemporaryDirectory() as folder:
        for k in range(rounds):
            for label, checkout, kept in zip(("base", "head"), (base, head), best, strict=True):
                out = Path(folder) / label / f"{k}.json"
                out.parent.mkdir(exist_ok=True)
                run(checkout, out, words)
                for name, value in seconds(out).items():
                    kept[name] = min(value, kept.get(name, value))
    return best


def table(base: dict[str, float], head: dict[str, float]) -> str:
    """Return ratios head / base, worst first; what only one side has is listed below."""
    both = sorted(base.keys() & head.keys(), key=lambda n: -head[n] / base[n])
    lines = ["| benchmark | base (s) | head (s) | head / base |", "|---|---:|---:|---:|"]
    lines += [f"| {n} | {base[n]:.4g} | {head[n]:.4g} | {head[n] / base[n]:.2f} |" for n in both]
    for side, one, other in (("base", base, head), ("head", head, base)):
        alone = sorted(one.keys() - other.keys())
        lines += ["", f"Only in {side}: {', '.join(alone)}."] if alone else []
    return "\n".join([*lines, "", "Below 1: head is faster. Differences under 10 % are usually noise.", ""])


def main(argv=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path, help="checkout or JSON")
    parser.add_argument("head", type=Path, help="checkout or JSON")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each checkout, best kept")
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    args, words = parser.parse_known_args(argv)  # the rest goes to pytest, for example -k simulate
    if args.base.is_dir() != args.head.is_dir():
        parser.error("give two checkouts or two JSON files")
    if args.base.is_dir():
        base, head = in_turns(args.base, args.head, args.rounds, words)
    else:
        base, head = seconds(args.base), seconds(args.head)
    text = table(base, head)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
