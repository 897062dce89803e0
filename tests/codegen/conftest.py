"""Models as text, and their kernels in three forms: machine code, Numba, plain Python."""

import importlib.util
import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest

from ldnsim.codegen.generate import generate
from ldnsim.engine.compiled import JIT, Call, kernel_of
from ldnsim.engine.target import Loaded
from ldnsim.model import Model


def plain(module, kind):
    """Take a kernel and its helpers out of Numba's hands."""
    function = getattr(getattr(module, kind), "py_func", getattr(module, kind))
    helpers = {
        k: (lambda *a, f=f: np.float64(f.py_func(*a)))
        for k, f in vars(module).items()
        if hasattr(f, "py_func")
    }
    helpers["clear"] = lambda out: out.fill(0.0)
    return types.FunctionType(function.__code__, {**vars(module), **helpers})


@pytest.fixture
def kernels(tmp_path):
    """Generate the kernels of Antimony text; `native`, `numba` and `plain` call one by name."""

    def make(text):
        model = Model.from_antimony(text)
        source, meta, code = generate(model.equations(), model.name)
        path = tmp_path / "generated.py"
        path.write_text(source)
        name = f"generated_{abs(hash(source))}"
        spec = importlib.util.spec_from_file_location(name, path)
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        loaded = Loaded(code) if JIT else None
        n = len(meta["states"])

        def shape(kind):
            return (n, n) if kind == "jac" else (meta["widths"][kind],)

        def caller(get):
            def call(kind, t, y, c):
                out = np.full(shape(kind), np.nan)
                with np.errstate(all="ignore"):
                    get(kind)(float(t), np.asarray(y, float), np.asarray(c, float), out)
                return out

            return call

        return SimpleNamespace(
            meta=meta,
            text=source,
            values=np.asarray(model.values, float),
            native=caller(lambda kind: kernel_of(Call(loaded.address(kind), loaded))),
            numba=caller(lambda kind: getattr(module, kind)),
            plain=caller(lambda kind: plain(module, kind)),
        )

    return make
