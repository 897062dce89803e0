"""Kernels for the ledger: what they give at many states, what is found in a model, and the code of its lanes."""

from __future__ import annotations

import functools
import re
import struct
import types
import zlib
from unittest import mock

import numpy as np
import sympy

import ldnsim as ldn
from ldnsim.codegen import functions, native
from ldnsim.codegen.breaks import break_families
from ldnsim.codegen.event_blocks import event_rules
from ldnsim.codegen.generate import lowered_of
from ldnsim.codegen.jumps import jump_of
from ldnsim.codegen.lanes import build, layout
from ldnsim.codegen.lanes.elimination import eliminate
from ldnsim.codegen.lanes.graph import Unsupported
from ldnsim.codegen.lanes.parts import parts
from ldnsim.codegen.lanes.variant import Variant
from ldnsim.codegen.source import module_text
from ldnsim.engine.target import BROWSER, Processor
from ldnsim.simulation.tangent import TangentModel

from ..ledger import constants_of, told
from ..model.texts import BODIES, text_of
from .conftest import plain

GENERIC, WIDE = Processor("generic"), Processor("skylake-avx512", "+avx512f,+avx512dq,+avx512vl")
KINDS = (
    "chain",
    "growing",
    "pieces",
    "rare",
    "powers",
    "stoichiometries",
    "periodic",
    "deep",
    "many parameters",
    "rate of",
    "extremes",
    "relations",
    "scaled",
    "timed",
)
ALONG = ("chain", "event on a size", "two assignments", "late", "extremes", "powers", "factorials",
    "reactions in formulas", "delays", "pieces", "first values", "functions", "scaled", "timed")  # fmt: skip
FULL, FEW = (
    ("chain", "rare", "stoichiometries", "extremes", "timed"),
    ("double",),
)  # models with all variants, and the variant of others
VARIANTS = {
    "double": Variant(), "full": Variant(full=True), "single": Variant(single=True), "inputs": Variant(inputs=True),
    "explicit": Variant(explicit=True), "both": Variant(full=True, inputs=True),
}  # fmt: skip


@functools.cache
def equations_of(name):
    """The equations of one text."""
    return ldn.Model.from_antimony(text_of(BODIES[name])).equations()


def blocks(name):
    """All blocks of a model: how long they are, which constants they have, what they come to at two states."""
    model = ldn.Model.from_antimony(text_of(BODIES[name]))
    return blocks_of(name, equations_of(name), np.asarray(model.values, float))


def blocks_along(name):
    """Blocks of a model and its slopes, or why it has none."""
    model = ldn.Model.from_antimony(text_of(BODIES[name]))
    values = np.concatenate([model.values, np.linspace(0.5, 1.5, len(model.values))])
    return told(lambda: blocks_of(name, TangentModel.around(model).equations(), values))


def blocks_of(name, e, values):
    """Blocks of equations."""
    lowered, n_breaks, n_sides, bent, fed = lowered_of(e)
    found, made = [n_breaks, n_sides, bent, fed, event_rules(e)], lowered.finish()
    states, parameters, n = tuple(e.states), tuple(e.parameters), len(e.states)
    module = types.ModuleType("generated")
    text = module_text(name, made, states, lowered.constants, parameters, e.time.name)
    exec(compile(text, "generated", "exec"), vars(module))
    rng = np.random.default_rng(51)

    def given(kind, t, y, c):
        out = np.full((n, n) if kind == "jac" else made[kind].size, np.nan)
        with np.errstate(all="ignore"):
            plain(module, kind)(t, y, c, out)
        return out

    constants = given("constants", 0.0, np.zeros(n), values)
    found += [len(lowered.constants), lowered.output_states, constants]
    for kind, block in made.items():
        found.append([kind, block.size, len(block.steps), len(block.results), kind in text])
        if kind != "constants":
            found += [given(kind, t, rng.uniform(0.2, 1.7, n), constants) for t in (0.4, 3.3)]
    widths = {kind: block.size for kind, block in made.items()}
    with mock.patch.multiple(native, machine_for=mock.DEFAULT, emitted=lambda code, _: code), mock.patch.object(
        native.binding, "parse_assembly", str):  # fmt: skip
        return [*found, operations(native.object_code(text, widths, GENERIC))]


def analysed(name, variant, processor=GENERIC, large=layout.LARGE):
    """What lanes find in a model, how they lay it out, and which operations their code has, with all its numbers."""
    with mock.patch.object(layout, "LARGE", large):
        return _analysed(name, variant, processor)


def _analysed(name, variant, processor):
    e = equations_of(name)
    p = tuple(e.parameters)
    try:
        s = build.structure_of(e, p, VARIANTS[variant])
    except Unsupported as error:
        return [str(type(error))]
    laid = build.layout_of(s, VARIANTS[variant])
    found = [s.block, s.free, len(s.graph.nodes), sorted(s.jacobian), s.outputs, laid.size, laid.work, build.facts_of(
        laid), layout.frontier_of(s), layout.derived_of(s), layout.exponents_of(s)]  # fmt: skip
    if s.elimination is not None:
        found += [s.elimination.entries, s.elimination.updates]
    return [*found, told(lambda: operations(build.assembly(laid, VARIANTS[variant], processor)))]


def operations(text):
    """How often each operation stands in LLVM's text, and its numbers in their order, as far as they are few."""
    words = re.findall(r"(?:^| = )\s*(?:tail )?(f?[a-z]+)(?= )", text, re.M)
    counts = {
        w: words.count(w)
        for w in (
            "fadd",
            "fsub",
            "fmul",
            "fdiv",
            "load",
            "store",
            "call",
            "fcmp",
            "select",
            "br",
            "phi",
            "icmp",
        )
    }
    doubles = [struct.unpack(">d", bytes.fromhex(x))[0] for x in re.findall(r"\b0x([0-9a-fA-F]{16})\b", text)]
    whole = [int(x) for x in re.findall(r"i64 (-?\d+)", text)]
    powers = np.log2([abs(x) for x in doubles if x and abs(x) < np.inf])  # none is too small to be seen
    order = np.arange(len(powers))
    negative = sum(x < 0 for x in doubles)
    lines = re.finditer(r"^\s*(?:%\S+ = )?([a-z]+) (.*)$", text, re.M)
    operands = re.compile(r'%"?([\w.]+)"?|i(?:1|8|16|32) (-?\d+)')  # names, and small literals
    steps = [(m[1], operands.findall(m[2])) for m in lines if " asm " not in m[2]]
    told_of = f"{zlib.crc32(str(steps).encode()):08x}"
    return [told_of, counts, len(doubles), negative, float(powers.sum()), float(powers @ order), len(whole), sum(whole),
            sum(k * x for k, x in enumerate(whole))]  # fmt: skip


def browser(name):
    """The code that a page is given."""
    e = equations_of(name)
    s = build.structure_of(e, tuple(e.parameters), Variant())
    return operations(build.assembly(build.layout_of(s, Variant()), Variant(), BROWSER))


def sparse():
    """Elimination and parts of random sparse patterns."""
    rng, found = np.random.default_rng(52), []
    for n in (1, 2, 3, 5, 8):
        for _ in range(4):
            pattern = {(i, j) for i in range(n) for j in range(n) if i != j and rng.random() < 0.35}
            found += [told(eliminate, n, pattern), told(parts, n, dict.fromkeys(sorted(pattern)))]
    return found


def jumps():
    """Which models jump as a state says, however steep what is compared is; families of jumps in time."""
    found = []
    rates = (
        "piecewise(x, 2*x > k, k/2)", "piecewise(x, 2*x > k, k)", "piecewise(x^2, -3*x + k < 0, k^2/9)",
        "piecewise(1, x/k > 2, x/(2*k))", "piecewise(1, x > 0.3 && x < k, 2)", "floor(x)", "ceil(2*x - k)", "max(x, k)",
        "abs(x - k)", "piecewise(x, x*y > 1, 1/y)", "piecewise(x, k > 1, 2*x)", "piecewise(x, eq(x, k), 2*x)",
        "piecewise(1, sin(x) > 0, 2)", "z",
    )  # fmt: skip
    for rate in rates:
        text = f"model m(); z := piecewise(1, y > k, 1 + (y - k)); x' = {rate}; y' = -y; x = 1; y = 2; k = 0.7; end"
        found.append(str(jump_of(ldn.Model.from_antimony(text).equations())))
    k, p, t, x = (sympy.Symbol(n, real=True) for n in "kptx")
    clock, floor = t - 24 * sympy.floor(t / 24), sympy.floor
    gaps = (
        2 * t - k,
        -3 * t + k,
        t - x,
        clock - 8,
        2 * clock - k,
        floor((t - k) / p) - 3,
        t**2 - 1,
        k - p * t,
    )
    for gap in gaps:
        higher = sympy.Piecewise((gap, gap >= k), (k, True))
        pairs = break_families([sympy.Piecewise((1, gap > 0), (0, True)), higher], t, {x})
        found.append(sorted(float(f.subs({k: 1.5, p: 7.0, x: 0.5})) for f in pairs))
    return found


def helped():
    """What generated code calls, at and beside where each function turns."""
    points = (-2.0, -0.5, -1e-12, 0.0, 1e-60, 1e-12, 5e-3, 0.5, 1.0, 3.0, 170.5, float("nan"))
    powers = (-1.5, -1.0, 0.0, 0.5, 1.0, 1.6, 2.0, 3.0)
    pairs = [(np.float64(x), np.float64(p)) for x in points for p in powers]
    plain = {n: getattr(f, "py_func", f) for n, f in vars(functions).items() if callable(f)}
    with np.errstate(all="ignore"):
        found = [float(plain[name](x, p)) for name in ("power", "power_log") for x, p in pairs]
        found += [float(plain["slope"](v, x, p)) for v in (0.0, 2.0, np.float64("nan")) for x, p in pairs]
        found += [float(plain[name](np.float64(x))) for name in ("root", "sign") for x in points]
        found += [float(plain["factorial"](x)) for x in points if x > -1.0]
    return found


CASES = {
    "constants": lambda: constants_of("codegen"),
    "functions": helped,
    "jumps": jumps,
    **{f"blocks of {name}": functools.partial(blocks, name) for name in BODIES},
    **{
        f"lanes {v} of {name}": functools.partial(analysed, name, v)
        for name in KINDS
        for v in (VARIANTS if name in FULL else FEW)
    },
    **{
        f"large lanes {v} of {name}": functools.partial(analysed, name, v, large=0)
        for name, v in (("chain", "double"), ("rare", "single"), ("stoichiometries", "full"), ("periodic", "inputs"),
            ("extremes", "both"), ("relations", "double"), ("timed", "double"))
    },
    **{
        f"wide lanes {v} of {name}": functools.partial(analysed, name, v, WIDE)
        for name, v in (("powers", "double"), ("powers", "single"), ("relations", "full"), ("rare", "explicit"))
    },
    **{f"lanes explicit of {name}": functools.partial(analysed, name, "explicit") for name in ("pieces", "powers")},
    **{f"slopes of {name}": functools.partial(blocks_along, name) for name in ALONG},
    "page": lambda: [told(browser, name) for name in KINDS[:3]],
    "sparse": sparse,
}
