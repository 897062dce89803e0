"""The LLVM module of one model's kernels, and how functions in it reach the work block."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from llvmlite import ir

from ...engine.target import Processor
from .emitter import Emitter
from .graph import Level
from .layout import Layout
from .mathlib import Degree
from .vector import BYTE, DOUBLE, LONG, POINTER, VOID, Code

SCALARS = {"t": 0, "h": 8, "inverse": 16, "rtol": 24, "theta": 32}  # in the region "scalars"


class LaneModule:
    """Functions written so far; each gets the work block as its first argument."""

    def __init__(self, layout: Layout, processor: Processor, degree: Degree) -> None:
        self.layout = layout
        self.processor = processor
        self.degree = degree
        self.module = ir.Module("lanes")
        self.module.triple = ""

    @contextlib.contextmanager
    def function(
        self, name: str, *arguments: ir.Type, result: ir.Type = VOID, public: bool = True
    ) -> Iterator[Place]:
        """Write one function; its stack frame is aligned so that spilled vectors stay in one cache line."""
        function = ir.Function(self.module, ir.FunctionType(result, [POINTER, *arguments]), name)
        function.attributes.add("nounwind")
        for argument in function.args:
            if argument.type == POINTER:
                argument.add_attribute("noalias")
        if not public:
            function.linkage = "internal"
            function.attributes.add("noinline")
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        aligned = builder.alloca(BYTE)
        aligned.align = 64
        touch = ir.FunctionType(VOID, [POINTER])
        builder.call(ir.InlineAsm(touch, "", "r", side_effect=True), [aligned])
        yield Place(self, builder, function)
        if not builder.block.is_terminated:
            builder.ret_void()

    def table(self, name: str, rows: list[Any]) -> Any:
        """Return a constant table of whole numbers, row after row."""
        numbers = [n for row in rows for n in (row if isinstance(row, tuple) else (row,))]
        kind = ir.ArrayType(LONG, len(numbers))
        table = ir.GlobalVariable(self.module, kind, f"table.{name}")
        table.global_constant, table.linkage = True, "internal"
        table.initializer = ir.Constant(kind, numbers)
        return table

    def call(self, builder: ir.IRBuilder, name: str, *args: Any) -> Any:
        """Call another kernel of this module."""
        return builder.call(self.module.globals[name], args)


class Place:
    """Inside a function: code on state and on stage vectors, and the rows of the work block."""

    def __init__(self, kernels: LaneModule, builder: ir.IRBuilder, function: ir.Function) -> None:
        self.kernels = kernels
        self.layout = kernels.layout
        self.builder = builder
        self.work = function.args[0]
        self.args = function.args[1:]
        self.wide = Code(builder, self.layout.state, kernels.processor, kernels.degree)
        self.code = self.wide.on(self.layout.stage)
        self._rows: dict[tuple[int, int], Any] = {}

    def row(self, offset: int, base: Any = None) -> Any:
        """Load a row in stage precision, once."""
        key = (id(base), offset)
        if key not in self._rows:
            self._rows[key] = self.code.load(self.work if base is None else base, offset)
        return self._rows[key]

    def wide_row(self, offset: int, base: Any = None) -> Any:
        """Load a row in state precision."""
        return self.wide.load(self.work if base is None else base, offset)

    def scalar(self, name: str) -> Any:
        """Load a number of the step as a vector in stage precision."""
        return self.code.splat(self.code.load_scalar(self.work, self.layout.at["scalars"] + SCALARS[name]))

    def put_scalar(self, name: str, x: Any) -> None:
        """Store a number of the step."""
        place = self.code.at(self.work, self.layout.at["scalars"] + SCALARS[name])
        self.builder.store(x, place, align=8)

    def narrow(self, x: Any) -> Any:
        """Return a state vector in stage precision."""
        return self.wide.convert(x, self.layout.stage)

    def widen(self, x: Any) -> Any:
        """Return a stage vector in state precision."""
        return self.code.convert(x, self.layout.state)

    def again(self) -> Place:
        """Return the same place with nothing loaded yet."""
        return Place(self.kernels, self.builder, self.builder.function)

    def time(self, theta: Any = 0.0) -> Any:
        """Return t + theta h as a vector in state precision."""
        b, at = self.builder, self.layout.at["scalars"]
        t = self.wide.load_scalar(self.work, at + SCALARS["t"])
        if theta != 0.0:
            h = self.wide.load_scalar(self.work, at + SCALARS["h"])
            t = b.fadd(t, b.fmul(h, ir.Constant(DOUBLE, theta) if isinstance(theta, float) else theta))
        return self.wide.splat(t)

    def entry(self, table: Any, i: Any, at: int = 0) -> Any:
        """Read a whole number of a table."""
        place = self.code.at(table, self.builder.mul(i, ir.Constant(LONG, 8)))
        return self.builder.load(self.code.at(place, 8 * at), typ=LONG, align=8)

    def entries(self, table: Any, i: Any, n: int) -> list[Any]:
        """Read row i of a table with n columns."""
        first = self.builder.mul(i, ir.Constant(LONG, n))
        return [self.entry(table, first, j) for j in range(n)]

    def with_input(self, i: int, rate: Any) -> Any:
        """Add the input rate of a free state."""
        state = self.layout.structure.free[i]
        if not self.layout.is_fed(state):
            return rate
        row = self.layout.state_row("rates", state)
        return self.code.add(rate, self.narrow(self.wide_row(row)))

    def barrier(self) -> None:
        """Keep loads and stores on their side of this place."""
        nothing = ir.InlineAsm(ir.FunctionType(VOID, []), "", "~{memory}", side_effect=True)
        self.builder.call(nothing, [])

    # -- expressions ------------------------------------------------------------------------------------------
    def emitter(self, leaf: Callable[[str, int], Any], time: Callable[[], Any], known: Any = None) -> Emitter:
        """Return an emitter that finds derived constants in the block and asks for leaves.

        Parameters
        ----------
        leaf : callable
            ``leaf(op, i)``: value of state i as "state", "input" or "slope".
        time : callable
            Time, as a vector in state precision.
        known : dict, optional
            Offset of rows that hold nodes already, from `slot`.
        """
        layout, graph = self.layout, self.layout.structure.graph
        places = {n: i for i, n in enumerate(layout.derived)}

        def find(n: int) -> Any:
            op, args = graph.nodes[n]
            if known and n in known:
                return known[n]()
            if n in places:
                return self.row(layout.stage_row("derived", places[n]))
            if op in ("state", "input", "slope"):
                return leaf(op, args[0])
            if op == "time":
                return time()
            return None

        precise = self.wide if self.wide.lanes != self.code.lanes else None
        return Emitter(self.code, graph, find, self._exponent, precise)

    def _exponent(self, n: int) -> Any:
        """Read twice the exponent that `derive` found all lanes to share, or 0."""
        exponents = self.layout.exponents
        if n not in exponents:
            return None
        place = self.code.at(self.work, self.layout.at["exponents"] + 8 * exponents.index(n))
        return self.builder.load(place, typ=LONG, align=8)

    @contextlib.contextmanager
    def loop(self, count: Any, name: str = "i") -> Iterator[Any]:
        """Repeat the body; yields the index (64 bits)."""
        b = self.builder
        if isinstance(count, int):
            count = ir.Constant(LONG, count)
        before, body, after = (
            b.block, b.append_basic_block(name), b.append_basic_block(name + ".end")
        )  # fmt: skip
        b.cbranch(b.icmp_signed("<", ir.Constant(LONG, 0), count), body, after)
        b.position_at_end(body)
        index = b.phi(LONG, name)
        index.add_incoming(ir.Constant(LONG, 0), before)
        yield index
        following = b.add(index, ir.Constant(LONG, 1))
        index.add_incoming(following, b.block)
        b.cbranch(b.icmp_signed("<", following, count), body, after)
        b.position_at_end(after)


__all__ = ["DOUBLE", "LaneModule", "Level", "Place"]
