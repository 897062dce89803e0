"""How long until the first result: import, first compile ever, start of a second process."""

import os
import subprocess
import sys

FIRST_RESULT = (
    "import ldnsim as ldn; ds = ldn.simulate(ldn.load_model('ldn'), ldn.Regimen.daily(4.5, days=1)); "
    "assert set(ds.status.values.ravel()) == {'finished'}"
)


def python(code, cache=None):
    env = os.environ | ({"LDNSIM_CACHE_DIR": str(cache)} if cache else {})
    subprocess.run([sys.executable, "-c", code], env=env, check=True, stdout=subprocess.DEVNULL)


def test_a_bare_interpreter(benchmark):
    benchmark.pedantic(python, args=("pass",), rounds=5, warmup_rounds=1)


def test_import(benchmark):
    benchmark.pedantic(python, args=("import ldnsim",), rounds=5, warmup_rounds=1)


def test_first_result_ever(benchmark, tmp_path):
    """Reads the model, generates and compiles its kernels, simulates one day."""
    caches = iter(tmp_path / str(k) for k in range(2))
    benchmark.pedantic(lambda: python(FIRST_RESULT, next(caches)), rounds=2)


def test_first_result_of_a_second_process(benchmark, tmp_path):
    benchmark.pedantic(python, args=(FIRST_RESULT, tmp_path), rounds=3, warmup_rounds=1)
