"""The package starts at once: what is heavy is imported where it is used."""

import subprocess
import sys
import time

import pytest

import ldnsim as ldn

HEAVY = ("sympy", "matplotlib", "libsbml", "antimony", "numba", "pandas", "xarray", "scipy")


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_loads_nothing_heavy():
    loaded = python(f"import ldnsim, sys; print([m for m in {HEAVY!r} if m in sys.modules])")
    assert loaded.strip() == "[]"


def test_importing_takes_less_than_half_a_second():
    code = "import time; t = time.perf_counter(); import ldnsim; print(time.perf_counter() - t)"
    assert min(float(python(code)) for _ in range(3)) < 0.5


def test_a_second_process_needs_neither_sympy_nor_libsbml():
    code = """
import sys, ldnsim as ldn
model = ldn.load_model("naltrexone_pk")
ldn.simulate(model, ldn.Regimen.single(4.5), duration=2)
print([m for m in ("sympy", "libsbml", "antimony", "matplotlib") if m in sys.modules])
"""
    python(code)  # may compile
    started = time.perf_counter()
    assert python(code).strip() == "[]"
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("name", ldn.__all__)
def test_every_public_name_is_there(name):
    assert getattr(ldn, name) is not None
    assert name in dir(ldn)


def test_public_functions_say_what_they_take_and_give():
    for name in ldn.__all__:
        thing = getattr(ldn, name)
        assert thing.__doc__, name
