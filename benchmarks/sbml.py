"""Run the SBML Test Suite: ``python -m benchmarks.sbml FOLDER [--perturb] [--jobs 2] [--page FILE]``.

FOLDER holds one folder a case (``00001/00001-sbml-l3v2.xml``, settings and results beside it). Printed are how
many cases passed, were refused (the package's own errors, by reason), came out wrong, and crashed. With
``--perturb`` each case that passes runs again with one rate multiplied by 1.01, to show that the comparison
can fail. ``--page`` writes the counts as Markdown for the site. The exit status is 0 where no case is wrong or
crashed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def options(argv=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sbml", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the unpacked suite, one folder a case")
    parser.add_argument("--perturb", action="store_true", help="also with one rate x 1.01: is it caught?")
    told = "also export what passes, and run that here and by libRoadRunner"
    parser.add_argument("--export", action="store_true", help=told)
    parser.add_argument("--only", nargs="+", metavar="CASE", help="only these cases, for example 00001")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--page", type=Path, help="write the counts to this Markdown file")
    parser.add_argument("--json", type=Path, help="write every outcome to this file")
    return parser.parse_args(argv)


def folders_of(suite: Path, only: Sequence[str] | None = None) -> list[Path]:
    """Folders of the cases, in order."""
    found = sorted(p for p in suite.glob("[0-9][0-9][0-9][0-9][0-9]") if p.is_dir())
    return [p for p in found if only is None or p.name in only]


def run(work: Callable, folders: Sequence[Path], jobs: int, what: str) -> list:
    """Run `work` on every folder in several processes, with a line that counts on stderr."""
    started, found = time.perf_counter(), []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_quiet) as pool:
        for outcome in pool.map(work, folders, chunksize=4):
            found.append(outcome)
            if len(found) % 50 == 0 or len(found) == len(folders):
                seconds = time.perf_counter() - started
                print(f"{what}: {len(found)} of {len(folders)}, {seconds:.0f} s", file=sys.stderr, flush=True)
    return found


def _quiet() -> None:
    """Compile in silence: some thousand small models would each say so."""
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for the life of the process


def report(outcomes: Sequence) -> str:
    """Counts, reasons of refusals, and names of what is wrong or crashed."""
    count = Counter(o.kind for o in outcomes)
    lines = [f"{len(outcomes)} cases: " + ", ".join(f"{count[k]} {k}" for k in KINDS)]
    reasons = Counter(o.why for o in outcomes if o.kind == "refused")
    lines += [f"  refused {n:4d}  {why}" for why, n in reasons.most_common()]
    lines += [f"  {o.kind} {o.name}: {o.why}" for o in outcomes if o.kind in ("wrong", "crashed")]
    return "\n".join(lines)


KINDS = ("passed", "refused", "wrong", "crashed")


def report_of_perturbed(outcomes: Sequence) -> str:
    """Say how many of the cases that can show a wrong rate do."""
    count = Counter(o.kind for o in outcomes)
    able = count["caught"] + count["missed"]
    share = count["caught"] / able if able else 0.0
    return f"one rate x 1.01: caught in {count['caught']} of {able} cases that can show it ({share:.1%})"


def report_of_exports(outcomes: Sequence) -> str:
    """Say how many exports come home."""
    home = sum(o.kind == "home" for o in outcomes)
    return f"Exported and read back, {home} of {len(outcomes)} cases that pass do so again"


def report_of_others(outcomes: Sequence) -> str:
    """Say how many exports libRoadRunner runs to the suite's answer, of those whose original it does."""
    count = Counter(o.kind for o in outcomes)
    able = count["home"] + count["lost"]
    return (
        f"libRoadRunner gives the suite's answer for {count['home']} of the {able} exports whose original it runs to "
        f"it, and for {count['gained']} of the {count['gained'] + count['neither']} others"
    )


def page(
    outcomes: Sequence, perturbed: Sequence, home: Sequence, seconds: float, abroad: Sequence = ()
) -> str:
    """Write the counts as Markdown."""
    count = Counter(o.kind for o in outcomes)
    lines = ["| outcome | cases |", "|---|---:|"]
    lines += [f"| {kind} | {count[kind]} |" for kind in KINDS]
    lines += ["", "| refused because | cases |", "|---|---:|"]
    reasons = Counter(o.why for o in outcomes if o.kind == "refused")
    lines += [f"| {why} | {n} |" for why, n in reasons.most_common()]
    if perturbed:
        lines += ["", f"As a check of the comparison: {report_of_perturbed(perturbed)}."]
    if home:
        lines += ["", f"{report_of_exports(home)}."]
    if abroad:
        lines += ["", f"{report_of_others(abroad)}."]
        lost = [o for o in abroad if o.kind == "lost"]
        lines += [f"The others: {', '.join(o.name for o in lost)} ({lost[0].why[:60]})."] if lost else []
        unable = Counter(o.why for o in abroad if o.kind in ("neither", "gained"))
        lines += ["", "| libRoadRunner and the suite's own file | cases |", "|---|---:|"]
        lines += [f"| {why.split(', at ')[0]}{_few(abroad, why)} | {n} |" for why, n in unable.most_common()]
    return "\n".join([*lines, "", f"{len(outcomes)} cases in {seconds:.0f} s.", ""])


def _few(outcomes: Sequence, why: str) -> str:
    """Name the cases of one reason where they are few."""
    names = [o.name for o in outcomes if o.why == why]
    return f" ({', '.join(names)})" if len(names) < 10 else ""


def main(argv=None) -> int:
    args = options(argv)
    folders = folders_of(args.folder, args.only)
    if not folders:
        print(f"no cases in {args.folder}", file=sys.stderr)
        return 2
    from . import sbml_case

    started = time.perf_counter()
    outcomes = run(sbml_case.outcome, folders, args.jobs, "cases")
    seconds, perturbed = time.perf_counter() - started, []
    print(report(outcomes), flush=True)
    kept = {"cases": [vars(o) for o in outcomes]}
    if args.perturb:
        passed = {o.name for o in outcomes if o.kind == "passed"}
        again = [f for f in folders if f.name in passed]
        perturbed = run(sbml_case.caught, again, args.jobs, "one rate x 1.01")
        print(report_of_perturbed(perturbed))
        kept["perturbed"] = [vars(o) for o in perturbed]
    home, abroad = [], []
    if args.export:
        passed = {o.name for o in outcomes if o.kind == "passed"}
        home = run(sbml_case.came_home, [f for f in folders if f.name in passed], args.jobs, "exports")
        print(report_of_exports(home))
        again = [f for f in folders if f.name in passed]
        abroad = run(sbml_case.abroad, again, args.jobs, "exports, by libRoadRunner")
        print(report_of_others(abroad))
        print("\n".join(f"  lost {o.name}: {o.why}" for o in (*home, *abroad) if o.kind == "lost"))
        kept |= {"home": [vars(o) for o in home], "abroad": [vars(o) for o in abroad]}
    if args.page:
        args.page.write_text(page(outcomes, perturbed, home, seconds, abroad), encoding="utf-8")
    if args.json:
        args.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return int(any(o.kind in ("wrong", "crashed") for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
