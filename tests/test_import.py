"""The package starts at once: what is heavy is imported where it is used, and compiling is told of."""

import ast
import importlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import ldnsim as ldn
from ldnsim.engine import announcements

HEAVY = (
    "sympy",
    "matplotlib",
    "libsbml",
    "antimony",
    "numba",
    "pandas",
    "xarray",
    "scipy",
    "numpy",
    "click",
)
PARSERS = ("sympy", "libsbml", "antimony", "matplotlib", "click")
RUN = "ldn.simulate(ldn.load_model('naltrexone_pk'), ldn.Regimen.daily(4.5, 2){})"


def python(code, **environment):
    """Run a program and return what it wrote to stdout and to stderr."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def loaded(names, code):
    return f"import ldnsim as ldn, sys\n{code}\nprint([m for m in {names!r} if m in sys.modules])"


def test_importing_loads_nothing_heavy():
    assert python(loaded(HEAVY, ""))[0] == "[]"


@pytest.mark.parametrize("words", ["ldn.list_models()", "ldn.Regimen", "ldn.summarize", "ldn.simulate"])
def test_a_name_brings_only_what_it_needs(words):
    assert python(loaded(PARSERS, words))[0] == "[]"


KINDS = ["", ", method='fast'", ", metrics=['cmax']"]
SLOPES = (
    "ldn.sensitivity(ldn.load_model('naltrexone_pk'), '4.5 mg nightly', duration=48, metric='cmax naltrexone', "
    "parameters=['ka'])"
)
PEOPLE = ", subjects=ldn.population(ldn.load_model('naltrexone_pk'), 20)"


@pytest.fixture(scope="module")
def first_process():
    """One that runs all kinds, and may compile."""
    python("import ldnsim as ldn\n" + "\n".join(map(RUN.format, [*KINDS, PEOPLE])))


@pytest.mark.parametrize("more", KINDS)
def test_a_second_process_needs_no_parser(more, first_process):
    shown, told = python(loaded(PARSERS, RUN.format(more)))
    assert shown == "[]"
    assert told == ""


def test_people_of_a_table_and_code_on_disk_need_no_fit_and_no_generator(first_process):
    unneeded = "scipy", "ldnsim.codegen.lanes.build", "ldnsim.codegen.lanes.graph", "ldnsim.codegen.native"
    assert python(loaded(unneeded, RUN.format(PEOPLE)))[0] == "[]"


@pytest.mark.skipif(find_spec("dask") is None, reason="no dask, which Xarray would load")
def test_metrics_do_not_make_xarray_look_for_other_kinds_of_arrays(first_process):
    runs = [f"ldn.summarize({RUN.format('')})", RUN.format(", metrics=['cmax']" + PEOPLE)]
    assert python(loaded(["dask", "scipy"], "\n".join(runs)))[0] == "[]"


def test_a_new_installation_compiles_nothing_with_numba(tmp_path):
    own = {"LDNSIM_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": "0"}
    runs = [RUN.format(", metrics=['cmax', 'half_life']" + PEOPLE), RUN.format(", dtype='float32'"), SLOPES]
    shown, told = python(loaded(["numba"], "\n".join(runs)), **own)
    assert shown == "[]"
    assert told == "".join(
        f"compiling kernels for '{name}', once\n" for name in ("naltrexone_pk", "naltrexone_pk with slopes")
    )


def test_compiling_is_told_of_in_a_line_and_once(tmp_path):
    code = (
        "import numpy as np; from ldnsim.engine import rows; a = np.zeros((1, 1)); "
        "rows._over_rows(0, 0.0, a.astype(np.float32), a[:0], a[:0])"  # for which nothing is prepared
    )
    own = {"LDNSIM_CACHE_DIR": str(tmp_path / "cache"), "NUMBA_DISABLE_JIT": "0"}
    assert python(code, **own)[1] == "compiling the solver, once\n"
    assert python(code, **own)[1] == ""


@pytest.fixture
def _nothing_told(monkeypatch):
    monkeypatch.setattr(announcements, "_told", set())


def of(module):
    """A function of a module."""
    return type("Function", (), {"__module__": module})


@pytest.mark.usefixtures("_nothing_told")
def test_each_part_is_told_of_once(capsys):
    for module in ("ldnsim.engine.lanes.driver", "numba.np", "ldnsim.readouts.curve", "ldnsim.readouts.curve", "mine"):
        announcements.tell(of(module), None)
    assert capsys.readouterr().err.splitlines() == [
        "compiling the solver of many runs at a time, once",
        "compiling the metrics, once",
    ]


@pytest.mark.usefixtures("_nothing_told")
def test_of_two_processes_one_tells(tmp_path, capsys):
    for _ in range(2):
        announcements._told.clear()
        announcements.tell(of("ldnsim.readouts.curve"), tmp_path / "marks")
    assert capsys.readouterr().err == "compiling the metrics, once\n"


@pytest.mark.parametrize("name", ldn.__all__)
def test_every_public_name_is_there(name):
    assert getattr(ldn, name) is not None
    assert name in dir(ldn)


def test_public_functions_say_what_they_take_and_give():
    for name in ldn.__all__:
        thing = getattr(ldn, name)
        assert thing.__doc__, name


PACKAGES = [
    p.parent for p in Path(ldn.__file__).parent.rglob("__init__.py") if "lazy_loader" in p.read_text("utf-8")
]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda p: p.name)
def test_what_loads_lazily_has_a_stub_that_is_its_only_list(folder):
    code = (folder / "__init__.py").read_text(encoding="utf-8")
    assert "_lazy.attach_stub(__name__, __file__)" in code
    name = ".".join(folder.relative_to(Path(ldn.__file__).parents[1]).parts)
    stub = ast.parse((folder / "__init__.pyi").read_text(encoding="utf-8"))
    listed = [a for node in stub.body if isinstance(node, ast.ImportFrom) for a in node.names]
    assert all(a.asname == a.name for a in listed), "import name as name, or checkers take it for private"
    assert sorted(a.name for a in listed) == sorted(importlib.import_module(name).__all__)
