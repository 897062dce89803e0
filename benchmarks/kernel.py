"""How close the lane kernels come to the core's limit: ``python -m benchmarks.kernel``.

Counts the floating-point vector instructions on the shortest way through one step's machine code, takes as bound
that the core starts one fused multiply-add after another (``peak``), and compares with the time of a step.
Time outside the steps (output, doses, loading groups) counts against the engine. x86 only.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from . import machine

ARITHMETIC = re.compile(
    r"vf?n?m?(add|sub|mul|div)|vfn?m(add|sub)|v(rcp|sqrt|min|max|rndscale|scalef|getexp|getmant|cvt)"
)
PACKED = re.compile(r"\w+p[sd]\d?(2p[sd])?$")
WIDTH = {"rodas5p": 8, "fast": 16}  # trajectories a step advances


@dataclass
class Function:
    """A function of an assembly listing: its basic blocks, and where each may go on."""

    blocks: dict[str, list[str]] = field(default_factory=dict)
    following: dict[str, set[str]] = field(default_factory=dict)


def functions(listing: str) -> dict[str, Function]:
    """Split an assembly listing into functions and these into blocks."""
    tables: dict[str, set[str]] = {}
    for target, table in re.findall(r"\.long\s+(\.L\w+)-(\.L\w+)", listing):
        tables.setdefault(table, set()).add(target)
    found: dict[str, Function] = {}
    here, block, table, open_end = Function(), "", "", False
    for line in listing.splitlines():
        label = re.match(r'"?([.\w$]+)"?:', line)
        if label and label[1].startswith(".LBB"):
            if open_end:
                here.following[block].add(label[1])
            block, open_end = label[1], True
        elif label and not label[1].startswith("."):
            here, block, open_end = found.setdefault(label[1], Function()), label[1], True
        if label:
            here.blocks.setdefault(block, [])
            here.following.setdefault(block, set())
        elif re.match(r"\s+[a-z]", line) and open_end:
            line = line.split("#")[0].strip()
            here.blocks[block].append(line)
            table = next(iter(re.findall(r"\.LJTI\w+", line)), table)
            if line.startswith("j"):
                target = next(iter(re.findall(r"\.LBB\w+", line)), None)
                here.following[block] |= {target} if target else tables[table]
                if line.startswith("jmp"):
                    open_end = False
                else:  # where the branch is not taken
                    block, before = f"{block}+", block
                    here.blocks[block], here.following[block] = [], set()
                    here.following[before].add(block)
            elif line.startswith("ret"):
                open_end = False
    return found


def arithmetic(code: dict[str, Function], name: str) -> int:
    """Count the packed floating-point instructions of the shortest way through a function, loops once."""
    function = code[name]
    first = next(iter(function.blocks))
    done: dict[str, int] = {}
    open_: dict[str, int] = {first: 0}
    while open_:
        block = min(open_, key=open_.__getitem__)
        done[block] = open_.pop(block) + sum(_counted(code, line) for line in function.blocks[block])
        for after in function.following[block] - done.keys():
            open_[after] = min(open_.get(after, done[block]), done[block])
    ends = [block for block, lines in function.blocks.items() if lines and lines[-1].startswith("ret")]
    return min(done[block] for block in ends if block in done)


def _counted(code: dict[str, Function], line: str) -> int:
    operation, _, operands = line.partition("\t")
    if operation.startswith("call"):
        return arithmetic(code, operands.strip().strip('"').removesuffix("@PLT"))
    return int(bool(ARITHMETIC.match(operation) and PACKED.match(operation)))


def step_instructions(equations, constants, method: str) -> int:
    """Return the packed floating-point instructions of one step of ``method`` for a group of lanes."""
    from ldnsim.codegen.lanes.build import Variant, assembly, layout_of, structure_of
    from ldnsim.engine.target import assembly_listing, host

    variant = Variant(single=method == "fast")
    layout = layout_of(structure_of(equations, constants, variant), variant)
    return arithmetic(functions(assembly_listing(assembly(layout, variant, host()), host())), "step")


def seconds_a_step(program, case, method: str, n: int, tol: float, tries: int = 5) -> float:
    """Return CPU seconds of the engine for each step of a group, best of some runs of ``n`` subjects."""
    from ldnsim.engine.events import Events, Kind
    from ldnsim.engine.solve import integrate

    doses = np.arange(case.days) * float(case.interval)
    shape = (1, case.days)
    events = Events(
        np.zeros(n, int), doses[None], np.full(shape, Kind.ADD, np.int8),
        np.full(shape, case.dosed, np.int32), np.full(shape, case.dose),
        np.empty((0, len(case.states))), np.empty((0, len(program.constants))),
    )  # fmt: skip
    columns = [case.parameters.index(p) for p in program.parameters]
    constants = program.constants_of(case.subjects(n)[:, columns])
    start = program.initial_state(constants)
    outputs = np.array([program.outputs.index(s) for s in case.states])
    best = np.inf
    for _ in range(tries + 1):
        begin = time.process_time()
        solved = integrate(
            program.system, start, constants, events, case.hours, method=method, rtol=tol,
            outputs=outputs, threads=1, block=n, atol=1e-3 * tol,
        )  # fmt: skip
        best = min(best, time.process_time() - begin)
    groups = slice(0, n, WIDTH[method])
    return best / (solved.steps[groups].sum() + solved.rejected[groups].sum())


def main() -> int:
    machine.confine(1)
    import ldnsim as ldn
    from ldnsim.codegen import program

    from .cases import CASES
    from .peak import WIDTH as PEAK_WIDTH
    from .peak import peak_flops

    each = 2.0 * PEAK_WIDTH / peak_flops()  # seconds a vector instruction, at best
    print("| case | method | vector instructions a step | bound (ns) | measured (ns) | of the bound |")
    print("|---|---|---:|---:|---:|---:|")
    for name, make in CASES.items():
        case = make()
        model = ldn.Model.from_antimony(case.antimony)
        compiled = program(model)
        for method in WIDTH:
            count = step_instructions(model.equations(), compiled.constants, method)
            took = seconds_a_step(compiled, case, method, 256, 2e-5)
            print(
                f"| {name} | {method} | {count} | {1e9 * count * each:.0f} | {1e9 * took:.0f} "
                f"| {count * each / took:.2f} |"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
