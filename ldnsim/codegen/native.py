"""Machine code from the text of generated kernels: a compiler for the few words of Python they use.

Numba takes a millisecond for each operation of a long formula, most of it to find out that all is a float.
Here this is known, so the text is translated to LLVM directly, and a model compiles in half a second. The
text stays what is meant: Numba and plain Python run the same file, and a test holds the three equal.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

from llvmlite import binding, ir

from ..engine.target import Processor, emitted, machine_for
from . import functions

DOUBLE, BOOL, INT, VOID = ir.DoubleType(), ir.IntType(1), ir.IntType(64), ir.VoidType()
POINTER = DOUBLE.as_pointer()
FUSED = ("contract",)  # multiply-adds may fuse, as in `ldnsim.engine.compiled.OPTIONS`

_INTRINSICS = {
    "exp": "exp",
    "log": "log",
    "floor": "floor",
    "ceil": "ceil",
    "sin": "sin",
    "cos": "cos",
    "sqrt": "sqrt",
}
_LIBRARY = {
    **{f: f for f in ("tan", "sinh", "cosh", "tanh")},
    **{"arc" + f: "a" + f for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "gamma": "tgamma",
}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def object_code(text: str, widths: dict[str, int], processor: Processor) -> bytes:
    """Compile the kernels of a module.

    Parameters
    ----------
    text : str
        The module, as `ldnsim.codegen.source` writes it.
    widths : dict of str to int
        Number of entries of each kernel's `out`.
    processor : Processor
        What to compile for.

    Returns
    -------
    bytes
        An object file; each kernel is a function ``void (double t, double *y, double *c, double *out)``.
    """
    module = ir.Module("kernels")
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name in widths:
            _Function(module, node, widths[node.name])
    # The large code model reaches the C library wherever it lies.
    machine = machine_for(processor, opt=2, codemodel="large")
    return emitted(binding.parse_assembly(str(module)), machine)


class _Function:
    """Translate one kernel."""

    def __init__(self, module: ir.Module, node: ast.FunctionDef, width: int) -> None:
        self.module = module
        kind = ir.FunctionType(VOID, [DOUBLE, POINTER, POINTER, POINTER])
        function = ir.Function(module, kind, node.name)
        for argument in function.args[1:]:
            argument.add_attribute("noalias")
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        t, *arrays = function.args
        self.arrays = dict(zip(("y", "c", "out"), arrays, strict=True))
        self.names: dict[str, Any] = {"t": t}
        self.width = width
        for statement in node.body:
            self._statement(statement)
        self.builder.ret_void()

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            value = self._value(node.value)
            if isinstance(target, ast.Name):
                self.names[target.id] = value
            else:
                self.builder.store(value, self._place(target))
        elif isinstance(node, ast.Expr):  # clear(out)
            self._clear()

    def _clear(self) -> None:
        """Set the result to 0 in a loop."""
        b, before = self.builder, self.builder.block
        body, after = b.append_basic_block("clear"), b.append_basic_block("cleared")
        b.branch(body)
        b.position_at_end(body)
        i = b.phi(INT)
        b.store(DOUBLE(0.0), b.gep(self.arrays["out"], [i]))
        following = b.add(i, INT(1))
        i.add_incoming(INT(0), before)
        i.add_incoming(following, body)
        b.cbranch(b.icmp_unsigned("<", following, INT(self.width)), body, after)
        b.position_at_end(after)

    def _place(self, node: ast.Subscript) -> Any:
        index = node.slice
        if isinstance(index, ast.Tuple):  # a square matrix
            row, column = (e.value for e in index.elts)
            flat = row * round(self.width**0.5) + column
        else:
            flat = index.value
        return self.builder.gep(self.arrays[node.value.id], [INT(flat)])

    # -- expressions -----------------------------------------------------------------------------------------
    def _value(self, node: ast.expr) -> Any:
        return getattr(self, f"_{type(node).__name__}")(node)

    def _Constant(self, node: ast.Constant) -> Any:
        return BOOL(node.value) if isinstance(node.value, bool) else DOUBLE(float(node.value))

    def _Name(self, node: ast.Name) -> Any:
        return self.names[node.id] if node.id in self.names else DOUBLE(getattr(functions, node.id))

    def _Attribute(self, node: ast.Attribute) -> Any:  # np.nan, np.inf
        return DOUBLE(float(node.attr))

    def _Subscript(self, node: ast.Subscript) -> Any:
        return self.builder.load(self._place(node))

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self._value(node.operand)
        return self.builder.not_(value) if isinstance(node.op, ast.Not) else self.builder.fneg(value)

    def _BinOp(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        left, right = self._value(node.left), self._value(node.right)
        b = self.builder
        make = {ast.Add: b.fadd, ast.Sub: b.fsub, ast.Mult: b.fmul, ast.Div: b.fdiv}[type(node.op)]
        return make(left, right, flags=FUSED)

    def _power(self, node: ast.BinOp) -> Any:
        base, exponent = self._value(node.left), node.right
        if isinstance(exponent, ast.Constant) and isinstance(exponent.value, int):
            return self._whole_power(base, exponent.value)
        return self._intrinsic("pow", base, self._value(exponent))

    def _whole_power(self, base: Any, n: int) -> Any:
        result = None
        while n:
            if n & 1:
                result = base if result is None else self.builder.fmul(result, base, flags=FUSED)
            n >>= 1
            if n:
                base = self.builder.fmul(base, base, flags=FUSED)
        return DOUBLE(1.0) if result is None else result

    def _Compare(self, node: ast.Compare) -> Any:
        left, right = self._value(node.left), self._value(node.comparators[0])
        sign = _COMPARISONS[type(node.ops[0])]
        if left.type == BOOL:
            return self.builder.icmp_unsigned(sign, left, right)
        compare = self.builder.fcmp_unordered if sign == "!=" else self.builder.fcmp_ordered
        return compare(sign, left, right)

    def _BoolOp(self, node: ast.BoolOp) -> Any:
        join = self.builder.and_ if isinstance(node.op, ast.And) else self.builder.or_
        first, *rest = map(self._value, node.values)
        for value in rest:
            first = join(first, value)
        return first

    def _IfExp(self, node: ast.IfExp) -> Any:
        return self.builder.select(self._value(node.test), self._value(node.body), self._value(node.orelse))

    def _Call(self, node: ast.Call) -> Any:
        arguments = [self._value(a) for a in node.args]
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        if name in _INTRINSICS:
            return self._intrinsic(_INTRINSICS[name], *arguments)
        if name in _LIBRARY:
            return self._library(_LIBRARY[name], *arguments)
        if name == "abs":
            return self._intrinsic("fabs", *arguments)
        return self._inlined(getattr(functions, name), arguments)

    def _intrinsic(self, name: str, *arguments: Any) -> Any:
        return self._library(f"llvm.{name}.f64", *arguments)

    def _library(self, name: str, *arguments: Any) -> Any:
        function = self.module.globals.get(name)
        if function is None:
            function = ir.Function(self.module, ir.FunctionType(DOUBLE, [DOUBLE] * len(arguments)), name)
        return self.builder.call(function, arguments)

    def _inlined(self, function: Callable, arguments: list[Any]) -> Any:
        """Translate a helper of `ldnsim.codegen.functions` in place: each is one returned expression."""
        definition = _definition(function)
        outside, self.names = (
            self.names,
            dict(zip((a.arg for a in definition.args.args), arguments, strict=True)),
        )
        value = self._value(definition.body[-1].value)
        self.names = outside
        return value


def _definition(function: Callable) -> ast.FunctionDef:
    return ast.parse(inspect.getsource(inspect.unwrap(getattr(function, "py_func", function)))).body[0]
