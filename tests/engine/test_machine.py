"""Machine code of compiled functions: from disk, from what was prepared, or made now; kernels take what is theirs."""

import numpy as np
import pytest

from ldnsim.engine import compiled, machine, prepared
from ldnsim.engine.rows import _over_rows

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


def test_a_second_process_finds_what_the_first_compiled(folder, lowered):
    for _ in range(2):
        compiled.Kernel(scaled)(np.ones((1, 1)), 2.0, (1.0, None), True)
    assert len(lowered) == 1


@pytest.mark.parametrize("content", [b"", b"not machine code", None])
def test_machine_code_that_was_damaged_is_made_again(folder, lowered, content):
    compiled.Kernel(scaled)(np.ones((1, 1)), 2.0, (1.0, None), True)
    (path,) = (p for p in folder.iterdir() if p.is_file())
    damaged = bytearray(path.read_bytes())
    damaged[-100] ^= 1
    path.write_bytes(bytes(damaged) if content is None else content)
    values = np.ones((1, 1))
    compiled.Kernel(scaled)(values, 2.0, (1.0, None), True)
    assert values[0, 0] == 3.0
    assert len(lowered) == 2


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
