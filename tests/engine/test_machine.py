"""Machine code of compiled functions: from disk, from what was prepared, or made now; kernels take what is theirs."""

import ctypes
import gc
import re
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest
from llvmlite import binding

from ldnsim.engine import arguments, compiled, machine, prepared, target
from ldnsim.engine.explicit import tsit5
from ldnsim.engine.rows import _over_rows
from ldnsim.readouts import reducing

pytestmark = pytest.mark.skipif(not compiled.JIT, reason="nothing is compiled without a JIT")


def scaled(values, factor, shift, inside):
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            values[i, j] = values[i, j] * factor + shift[0] if inside else 0.0
    return values.shape[0] if shift[1] is None else -1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(tmp_path))
    return tmp_path / "engine"


@pytest.fixture
def unprepared(monkeypatch):
    """Nothing comes with the package."""
    monkeypatch.setattr(machine, "prepared", lambda names, kind: None)


@pytest.fixture
def lowered(monkeypatch):
    """How often something is compiled with Numba."""
    kinds = []
    anew = machine.Recipe.anew
    monkeypatch.setattr(machine.Recipe, "anew", lambda recipe: kinds.append(recipe.kind) or anew(recipe))
    return kinds


def test_a_kernel_is_what_is_written(folder, lowered):
    run, values = compiled.Kernel(scaled), np.arange(6.0).reshape(2, 3)
    for number in (np.float64(2.0), 2.0):
        found = values.copy()
        assert run(found, number, (1.5, None), np.bool_(True)) == 2
        assert found.tolist() == (2.0 * values + 1.5).tolist()
    assert run(values, 2.0, (1.5, 7), False) == -1
    assert not values.any()
    assert len(lowered) == 2  # None and a number are two kinds


def test_an_array_need_not_lie_in_one_piece(folder):
    whole = np.arange(24.0).reshape(4, 6)
    found = whole.copy()
    compiled.Kernel(scaled)(found[::2, ::3], 2.0, (1.0, None), True)
    whole[::2, ::3] = 2.0 * whole[::2, ::3] + 1.0
    assert found.tolist() == whole.tolist()


def test_what_nothing_compiled_takes_is_refused():
    with pytest.raises(TypeError, match="str is nothing that compiled functions take"):
        compiled.Kernel(scaled)("a")


def over_rows():
    """Run a kernel of the package over no rows."""
    one = np.ones((1, 1))
    compiled.Kernel(_over_rows.py_func)(0, 0.0, one[:0], one, one[:0])


def doubled(values):
    return 2.0 * values[0]


def halved(values):
    values[0] *= 0.5


def first(values):
    return int(values[0])


def not_negative(x):
    if x < 0:
        raise ValueError("below 0")
    return x


def test_what_returns_no_whole_number_is_refused():
    with pytest.raises(
        TypeError, match="doubled returns float64; a kernel returns a whole number or nothing"
    ):
        compiled.Kernel(doubled)(np.ones(1))


def test_an_array_that_is_read_only_is_read_and_not_written(folder):
    values = np.ones(1)
    compiled.Kernel(halved)(values)
    assert values[0] == 0.5
    run = compiled.Kernel(first)
    values[0] = 7.0
    assert run(values) == 7
    values.flags.writeable = False
    assert run(values) == 7
    with pytest.raises(numba.TypingError, match="readonly array"):
        compiled.Kernel(halved)(values)
    assert values[0] == 7.0


def test_no_kernel_of_a_model_writes_into_what_is_read_only():
    def ones(t, y, c, out):
        out[0] = 1.0

    entry = compiled.entry_of(numba.njit(ones), 1, 1, (1,))
    out = np.zeros(1)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        compiled.kernel_of(compiled.Call(entry.target, entry))(0.0, np.zeros(1), np.zeros(1), out)
    assert out[0] == 0.0


@pytest.mark.parametrize("change", [1, -1])
def test_a_door_refuses_another_number_of_values_than_it_reads(folder, monkeypatch, change):
    run = compiled.Kernel(first)
    assert run(np.ones(1)) == 1
    call, _ = next(iter(run._doors.values()))
    values = []
    arguments.take_apart(np.ones(1), [], values)
    with pytest.raises(RuntimeError, match="first broke off"):
        call([*values, 0] if change > 0 else values[:-1])


@pytest.mark.parametrize(
    ("form", "kind", "lost"), [("q", ctypes.c_int64, -100), ("d", ctypes.c_double, np.nan)]
)
def test_an_entry_that_breaks_off_returns_nothing_that_looks_well(form, kind, lost):
    entry = compiled.Entry(not_negative, not_negative, (form, form))
    call = ctypes.CFUNCTYPE(kind, kind)(entry.target)
    assert call(3) == 3
    np.testing.assert_equal(call(-3), lost)


def test_how_arguments_are_taken_apart_is_part_of_what_is_prepared():
    found = prepared._reached(list(prepared._COMPILERS))
    assert prepared.FILE.with_name("arguments.py") in found
    assert all(path.is_file() for path in prepared._AROUND)
    assert not prepared._AROUND & found


def test_a_second_kernel_finds_what_the_first_compiled(folder, lowered, unprepared):
    for _ in range(2):
        over_rows()
    assert len(lowered) == 1


@pytest.mark.parametrize("content", [b"", b"not machine code", None])
def test_machine_code_that_was_damaged_is_made_again(folder, lowered, unprepared, content):
    over_rows()
    (path,) = (p for p in folder.iterdir() if p.is_file() and not p.name.startswith("told"))
    damaged = bytearray(path.read_bytes())
    damaged[-100] ^= 1
    path.write_bytes(bytes(damaged) if content is None else content)
    over_rows()
    assert len(lowered) == 2


def test_functions_of_one_name_have_their_own_code_where_nothing_tells_them_apart(folder, lowered):
    made = []
    for factor in ("2", "3"):
        known = {"__name__": "mine"}
        exec(f"def f(values):\n    values[0] *= {factor}\n", known)
        made.append(known["f"])
    for f, expected in zip(made, (2.0, 3.0), strict=True):
        values = np.ones(1)
        compiled.Kernel(f)(values)
        assert values[0] == expected
    assert len(lowered) == 2
    assert not prepared.is_hashed(made[0])
    assert prepared.is_hashed(_over_rows)
    assert not machine.Recipe(_over_rows.py_func, "", bytes, reads=(made[0],)).is_known


def in_threads(ask, n=4):
    """What some threads get that ask at once."""
    barrier = threading.Barrier(n)

    def at_once(_):
        barrier.wait()
        return ask()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(at_once, range(n)))


@pytest.fixture
def machines(monkeypatch):
    """Machines that were made, each slowly."""
    made = []

    class Slow(machine.Machine):
        def __init__(self, recipe):
            threading.Event().wait(0.05)
            super().__init__(recipe)
            made.append(self)

    monkeypatch.setattr(compiled, "Machine", Slow)
    return made


def test_threads_that_ask_for_an_entry_at_once_get_one(machines):
    entry = compiled.Entry(tsit5._function, tsit5._plain, compiled.STEP)
    assert set(in_threads(lambda: entry.target)) == {machines[0].address}
    assert len(machines) == 1


def test_threads_that_ask_for_a_reducer_at_once_get_the_same(monkeypatch):
    class Slow(compiled.Entry):
        def __init__(self, *given, **named):
            threading.Event().wait(0.05)
            super().__init__(*given, **named)

    monkeypatch.setattr(reducing, "Entry", Slow)
    assert len(set(map(id, in_threads(lambda: reducing.entry_of(scaled, reducing.VALUE))))) == 1


def test_threads_that_ask_for_a_kernel_at_once_get_one(folder, machines):
    run = compiled.Kernel(scaled)
    found = in_threads(lambda: run(np.ones((1, 1)), 2.0, (1.0, None), True))
    assert found == [1] * 4
    assert len(machines) == 1


def test_code_lives_as_long_as_what_calls_it():
    class Owner:
        pass

    owner = Owner()
    seen = weakref.ref(owner)
    door = ctypes.CFUNCTYPE(None, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(
        lambda *_: None
    )
    run = compiled.kernel_of(compiled.Call(ctypes.cast(door, ctypes.c_void_p).value, owner))
    del owner
    gc.collect()
    assert seen() is not None
    del run
    gc.collect()
    assert seen() is None


def test_what_prepared_code_calls_is_found_on_each_system():
    called = {
        function.name
        for code in prepared.contents().values()
        for function in binding.parse_bitcode(code).functions
        if function.is_declaration
    }
    outside = {name for name in called if not name.startswith("llvm.")}
    assert outside <= set(target._LIBRARY)
    memory = {found[1] for name in called if (found := re.match(r"llvm\.(mem\w+)\.", name))}
    assert memory
    assert memory <= set(target._LIBRARY)


def test_without_a_folder_it_is_compiled_in_memory(monkeypatch, lowered):
    monkeypatch.setattr(machine, "cache_folder", lambda part: None)
    values = np.ones((1, 1))
    compiled.Kernel(scaled)(values, 2.0, (1.0, None), True)
    assert values[0, 0] == 3.0


def test_what_is_prepared_is_of_the_sources_at_hand():
    found = prepared.contents()
    assert len(found) > 60
    stale = [names for names, _, sources in found if prepared.sources_of(names) != sources]
    assert not stale, "run `python -m tests.prepare` with the oldest releases"


def test_code_of_other_sources_is_not_taken(folder, lowered, monkeypatch):
    run = compiled.Kernel(_over_rows.py_func)
    one = np.ones((1, 1))
    run(0, 0.0, one, one, one[:0])
    assert lowered == []
    monkeypatch.setattr(prepared, "sources_of", lambda names: "others")
    monkeypatch.setattr(machine, "all_sources", lambda: "others")
    compiled.Kernel(_over_rows.py_func)(0, 0.0, one, one, one[:0])
    assert len(lowered) == 1


def test_what_llvm_cannot_read_is_compiled_anew(folder, lowered, monkeypatch):
    monkeypatch.setattr(machine, "prepared", lambda names, kind: b"of a newer LLVM")
    values = np.ones((1, 1))
    compiled.Kernel(scaled)(values, 2.0, (1.0, None), True)
    assert values[0, 0] == 3.0
    assert len(lowered) == 1
