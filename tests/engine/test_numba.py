"""What the engine uses of Numba beyond its documented face: each test names one thing that a release may change."""

import ast
from pathlib import Path

import numba
import numpy as np
import pytest

import ldnsim
from ldnsim.engine import compiled
from ldnsim.engine.compiled import scratch, view

pytestmark = pytest.mark.skipif(not compiled.JIT, reason="nothing is compiled without a JIT")

PUBLIC = {"numba", "numba.types", "numba.extending.intrinsic"}
PRIVATE = {  # module: the tests below that would notice
    "numba._dynfunc": "what stands for a function without machine code",
    "numba.core.codegen": "JITCodeLibrary, the intermediate code of a function",
    "numba.core.compiler.CompilerBase": "the passes of a part, as Numba's manual describes; so are the next three",
    "numba.core.compiler.DefaultPassBuilder": "",
    "numba.core.compiler_machinery.register_pass": "",
    "numba.core.compiler_lock.global_compiler_lock": "held while libraries are linked",
    "numba.core.registry.cpu_target": "the types of globals that are made when they are compiled",
    "numba.core.typed_passes.NativeLowering": "",
}


def imported(path):
    """Names of Numba that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "numba")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "numba":
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_else_of_numba_is_used():
    files = Path(ldnsim.__file__).parent.rglob("*.py")
    found = {name for path in files for name in imported(path)}
    assert found <= PUBLIC | set(PRIVATE), found - PUBLIC - set(PRIVATE)
    assert set(PRIVATE) <= found


def test_risk_compiled_signatures_are_listed_as_they_are_compiled():
    made = numba.njit(lambda x: 2 * x)
    assert not made.overloads
    made.compile((numba.typeof(1.0),))
    assert (numba.float64,) in made.overloads


def test_risk_code_without_counted_references_is_an_option():
    @numba.njit(_nrt=False)
    def total(values):
        found = 0.0
        for value in values:
            found += value
        return found

    assert total(np.arange(4.0)) == 6.0
    assert "NRT_incref" not in next(iter(total.inspect_llvm().values()))


def test_risk_a_part_has_no_machine_code_and_its_callers_have_it():
    @compiled.part
    def half(x):
        return 0.5 * x

    @numba.njit
    def quarter(x):
        return half(half(x))

    assert quarter(8.0) == 2.0
    (made,) = half.made.overloads.values()
    assert made.library.get_pointer_to_function(made.fndesc.llvm_func_name) == 0


def test_risk_an_array_is_a_structure_with_its_data():
    def kernel(t, y, c, out):
        out[0] = t + y[1] * c[0]

    entry = compiled.entry_of(numba.njit(kernel), 2, 1, (1,))
    out = np.empty(1)
    compiled.kernel_of(compiled.Call(entry.target, entry))(1.0, np.array([0.0, 3.0]), np.array([2.0]), out)
    assert out[0] == 7.0


def test_risk_an_array_can_be_made_of_a_pointer_and_lie_on_the_stack():
    def total(pointer, n):
        rows, kept = view(pointer, (2, n)), scratch(3)
        kept[1] = rows[1, 0] + view(pointer, n)[1]
        return kept[1] + rows.size

    double = numba.types.float64
    made = numba.cfunc(double(numba.types.CPointer(double), numba.types.intp), _nrt=False)(total)
    values = np.array([1.0, 2.0, 4.0, 8.0])
    assert made.ctypes(values.ctypes.data_as(made.ctypes.argtypes[0]), 2) == 10.0
