"""Published models against libRoadRunner: ``python -m benchmarks.published FOLDER [--fetch] [--every 5] [--page FILE]``.

FOLDER holds SBML files, at any depth. ``--fetch`` puts there those of `SOURCES` by git: the PEtab benchmark collection,
and the curated branch of BioModels (release 31), of which nothing is part of this package. Each model is run for as long
as its measurements, or 100 of its units of time, by both programs at tight tolerances, and compared at 51 times. Outcomes
that ``--json`` holds already are kept, but for those of models that did not finish: a further run with a longer ``--limit``
tries these again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from .published_case import REPORTED, Outcome, name_of, outcome

SOURCES = {  # folder: repository, its place in it; both under licences of their own
    "petab": ("https://github.com/Benchmarking-Initiative/Benchmark-Models-PEtab", "Benchmark-Models"),
    "biomodels": (
        "https://github.com/matthiaskoenig/cy3sbml",
        "src/test/resources/models/BioModels-r31_curated",
    ),
}
EXPLAINED = {
    "BIOMD0000000241": "1e-10 of a dose at each of the times, neither program resolves it further",
    "BIOMD0000000393": "1e-10 beside 1e-3, each program changes more with its own tolerance",
    "model_Crauste_CellSystems2017": "a pathogen grows from next to nothing, each program changes more with its tolerance",
}  # what was looked into
LIMIT = 600  # s for one model in both programs, unless --limit says so


def fetch(folder: Path) -> None:
    """Clone the sources, without their history and without what is not of use."""
    for name, (source, place) in SOURCES.items():
        if not (folder / name).exists():
            git = [
                "git",
                "clone",
                "--depth",
                "1",
                "--filter",
                "blob:none",
                "--sparse",
                source,
                str(folder / name),
            ]
            subprocess.run(git, check=True)
            subprocess.run(["git", "-C", str(folder / name), "sparse-checkout", "set", place], check=True)


def files_of(folder: Path, every: int) -> list[Path]:
    """Models in a folder, one of each name; every so manieth of those of BioModels."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.xml")):
        if "<sbml" in path.read_text(encoding="utf-8", errors="replace")[:2000]:
            found.setdefault(name_of(path), path)
    others = [p for p in found.values() if not p.stem.startswith("BIOMD")]
    return [*others, *[p for p in found.values() if p.stem.startswith("BIOMD")][::every]]


def outcomes(files: Iterable[Path], limit: float = LIMIT) -> Iterator[Outcome]:
    """Run each model in a process of its own, which ends at the limit."""
    context = multiprocessing.get_context("fork")
    for path in files:
        here, there = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(path, there))
        worker.start()
        there.close()
        try:
            late = Outcome(name_of(path), "failed", why=f"not within {limit:g} s")
            found = here.recv() if here.poll(limit) else late
        except EOFError:
            found = Outcome(name_of(path), "failed", why="the process died")
        worker.kill()
        worker.join()
        yield found


def _work(path: Path, pipe) -> None:
    warnings.simplefilter("ignore")
    sys.stderr.flush()
    try:
        pipe.send(outcome(path))
    except Exception as error:
        pipe.send(Outcome(name_of(path), "failed", why=f"{type(error).__name__}: {error}"[:160]))


def line(o: Outcome) -> str:
    """Write one outcome in one line."""
    return f"{o.kind:10} {o.name:45} {o.apart:9.1e} {o.own:9.1e} {o.theirs:9.1e}  {o.why}"


def page(found: list[Outcome]) -> str:
    """Write the counts, and each model that does not agree, as Markdown."""
    count = Counter(o.kind for o in found)
    lines = ["| outcome | models |", "|---|---:|", *(f"| {k} | {count[k]} |" for k in REPORTED if count[k])]
    told = [o for o in found if o.kind not in ("agrees", "neither")]
    if told:
        lines += [
            "",
            "| model | outcome | apart | own change | libRoadRunner's own change | where, or why |",
            "|---|---|---:|---:|---:|---|",
        ]
        for o in told:
            why = f"{o.why}: {EXPLAINED[o.name]}" if o.name in EXPLAINED else o.why
            numbers = " | ".join("" if x != x else f"{x:.1e}" for x in (o.apart, o.own, o.theirs))
            lines.append(f"| {o.name} | {o.kind} | {numbers} | {why} |")
    return "\n".join([*lines, ""])


def main(argv=None) -> int:
    ask = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__.splitlines()[0])
    ask.add_argument("folder", type=Path)
    ask.add_argument("--fetch", action="store_true", help="put the models of the sources there, by git")
    ask.add_argument("--every", type=int, default=1, help="run every so manieth model of BioModels")
    ask.add_argument("--only", nargs="+", metavar="WORD", help="only files whose name holds one of these")
    ask.add_argument("--page", type=Path, help="write the counts to this Markdown file")
    ask.add_argument("--json", type=Path, help="write every outcome to this file")
    ask.add_argument("--limit", type=float, default=LIMIT, help="seconds for one model in both programs")
    args = ask.parse_args(argv)
    if args.fetch:
        fetch(args.folder)
    files = files_of(args.folder, args.every)
    if args.only:
        files = [f for f in files if any(w in f.stem for w in args.only)]
    found = kept(args.json)
    for one in outcomes((f for f in files if not is_told(found.get(name_of(f)))), args.limit):
        found[one.name] = one
        print(line(one), flush=True)
        if args.json:
            args.json.write_text(json.dumps([o._asdict() for o in found.values()], indent=1) + "\n", encoding="utf-8")
    print(", ".join(f"{n} {kind}" for kind, n in Counter(o.kind for o in found.values()).items()))
    if args.page:
        args.page.write_text(page(list(found.values())), encoding="utf-8")
    return int(any(o.kind in ("differs", "refused", "failed") for o in found.values()))


def kept(file: Path | None) -> dict[str, Outcome]:
    """Read the outcomes of earlier runs, by model."""
    if file is None or not file.is_file():
        return {}
    return {one["name"]: Outcome(**one) for one in json.loads(file.read_text(encoding="utf-8"))}


def is_told(found: Outcome | None) -> bool:
    """Whether an earlier run told what comes of a model."""
    return found is not None and found.kind != "failed"


if __name__ == "__main__":
    sys.exit(main())
