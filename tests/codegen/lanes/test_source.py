"""Kernels on disk: found again, never damaged, made by many processes at once."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import ldnsim as ldn
from ldnsim.codegen.lanes import LaneSource, build
from ldnsim.model import Model

TEXT = "model kept(); A' = -k*A; B' = A*B - B; A = 1; B = 1; k = 1; end"


def source_of(equations=None):
    model = Model.from_antimony(TEXT)
    return LaneSource(equations or model.equations, model.structure_hash, ("k",))


def kernels(equations, method="rodas5p"):
    return source_of(equations).kernels(method, full=False, inputs=False)


def no_equations():
    raise AssertionError("what is on disk needs no equations")


def cached(folder, monkeypatch):
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(folder))
    return lambda: sorted((folder / "lanes").iterdir())


def test_a_second_process_needs_no_equations(tmp_path, monkeypatch):
    files = cached(tmp_path, monkeypatch)
    first = kernels(None)
    assert len(files()) == 1
    again = kernels(no_equations)
    assert again.place == first.place
    assert np.array_equal(again.output_states, first.output_states)


def test_damaged_code_is_compiled_anew(tmp_path, monkeypatch):
    files = cached(tmp_path, monkeypatch)
    kernels(None)
    whole = files()[0].read_bytes()
    for damage in (b"", whole[: len(whole) // 2], whole[:-9] + b"\0" * 9):
        files()[0].write_bytes(damage)
        assert kernels(None).address("step")
        assert files()[0].read_bytes() == whole


def test_the_key_covers_variant_and_processor(tmp_path, monkeypatch):
    files = cached(tmp_path, monkeypatch)
    kernels(None)
    kernels(None, "fast")
    kernels(None, "tsit5")
    monkeypatch.setenv("LDNSIM_CPU", "generic")
    kernels(None)
    assert len(files()) == 4


def test_how_much_a_step_does_is_told_without_code(tmp_path, monkeypatch):
    files = cached(tmp_path, monkeypatch)
    monkeypatch.setattr("ldnsim.codegen.lanes.build.compiled", no_equations)
    how = {"full": False, "inputs": False}
    works = [source_of().work(method, **how) for method in ("tsit5", "rodas5p")]
    assert len(files()) == 2
    assert works == [source_of(no_equations).work(method, **how) for method in ("tsit5", "rodas5p")]
    monkeypatch.undo()
    assert works == [kernels(None, method).work for method in ("tsit5", "rodas5p")]


def test_a_method_that_is_not_taken_is_not_compiled(tmp_path, monkeypatch):
    cached(tmp_path, monkeypatch)
    compiled = build.compiled
    made = []
    monkeypatch.setattr(build, "compiled", lambda e, c, v, p: made.append(v.explicit) or compiled(e, c, v, p))
    model = Model.from_antimony("model stiff(); A' = -1000*(A - cos(time)); A = 1; k = 2; end")
    for method, explicit in (("auto", []), ("tsit5", [True])):
        made.clear()
        ldn.simulate(model, None, subjects=pd.DataFrame({"k": [1.0, 3.0]}), duration=50.0, method=method)
        assert [e for e in made if e] == explicit


@pytest.mark.slow
def test_many_processes_may_start_cold_at_once(tmp_path):
    import os

    script = (
        "from ldnsim.codegen.lanes import LaneSource; from ldnsim.model import Model;"
        f"m = Model.from_antimony({TEXT!r});"
        "print(LaneSource(m.equations, m.structure_hash, ('k',)).kernels('rodas5p', full=False, inputs=False).size)"
    )
    env = dict(os.environ, LDNSIM_CACHE_DIR=str(tmp_path))
    started = [
        subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    answers = {p.communicate(timeout=300)[0].strip() for p in started}
    assert len(answers) == 1
    assert all(p.returncode == 0 for p in started)
