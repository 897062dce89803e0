"""Kernels on disk, seen from processes of their own."""

import json
import os
import subprocess
import sys

import pytest

from ldnsim.codegen import cache
from ldnsim.engine.compiled import JIT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not JIT, reason="nothing is compiled without a JIT")]

SCRIPT = """
import json, sys
from numba.core import event
compiled = event.RecordingListener()
event.register("numba:compile", compiled)
import ldnsim as ldn
model = ldn.load_model("naltrexone_pk")
ds = ldn.simulate(model, ldn.Regimen.daily(4.5, days=3), every=6.0)
name = list(ds.data_vars)[0]
heavy = [m for m in ("sympy", "libsbml", "antimony", "matplotlib.pyplot") if m in sys.modules]
print(json.dumps({"heavy": heavy, "compiled": len(compiled.buffer), "last": float(ds[name].values[-1])}))
"""


def start(folder, script=SCRIPT):
    environment = os.environ | {"LDNSIM_CACHE_DIR": str(folder)}
    environment.pop("NUMBA_CACHE_DIR", None)
    command = [sys.executable, "-W", "default", "-c", script]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def finish(process):
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1]), err


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A cache folder that eight processes filled at once, and what they said."""
    folder = tmp_path_factory.mktemp("cache")
    return folder, [finish(p) for p in [start(folder) for _ in range(8)]]


def test_eight_cold_processes_at_once_agree_and_each_line_is_said_once(warm):
    _, answers = warm
    assert len({a["last"] for a, _ in answers}) == 1
    said = sorted(line for _, err in answers for line in err.splitlines())
    assert said == ["compiling kernels for 'naltrexone_pk', once"]  # drivers and metrics come prepared


def test_a_second_process_compiles_nothing_and_reads_no_equations(warm):
    answer, err = finish(start(warm[0]))
    assert answer["compiled"] == 0
    assert answer["heavy"] == []
    assert answer["last"] == warm[1][0][0]["last"]
    assert err == ""


def test_the_cache_is_private_and_readable(warm):
    folder = warm[0]
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0
    (kernels,) = (folder / "kernels").glob("*/kernels.py")
    assert "def rhs(t, y, c, out):" in kernels.read_text()
    assert not list((folder / "kernels").glob(".*"))  # no drafts are left


@pytest.mark.parametrize("name", ["kernels.o", "kernels.py", "meta.json"])
def test_a_damaged_file_is_written_anew(warm, name):
    (path,) = (warm[0] / "kernels").glob(f"*/{name}")
    path.write_bytes(path.read_bytes()[:-10])
    answer, err = finish(start(warm[0]))
    assert answer["last"] == warm[1][0][0]["last"]
    assert err.splitlines() == ["compiling kernels for 'naltrexone_pk', once"]
    assert finish(start(warm[0]))[1] == ""


def machine_code(folder):
    """What is kept of drivers and metrics; locks are empty."""
    found = {path: path.read_bytes() for path in (folder / "engine").iterdir() if path.stat().st_size}
    assert len(found) > 5
    return found


DAMAGE = {
    "cut short": lambda data: data[: len(data) // 2],
    "zeroed": lambda data: bytes(len(data)),
    "one bit": lambda data: bytes([data[0] ^ 1]) + data[1:] if data else data,
}


@pytest.mark.kind(
    "damaged-cache", sibling="every file at once, each cut short, zeroed, or with one wrong bit"
)
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_no_damaged_file_of_the_cache_is_fatal(warm, damage):
    before = machine_code(warm[0])
    for path in warm[0].rglob("*"):
        if path.is_file():
            path.write_bytes(damage(path.read_bytes()))
    answer, err = finish(start(warm[0]))
    assert answer["last"] == warm[1][0][0]["last"]
    assert err.splitlines() == ["compiling kernels for 'naltrexone_pk', once"]
    assert machine_code(warm[0]) == before
    answer, err = finish(start(warm[0]))
    assert (answer["compiled"], err) == (0, "")


@pytest.mark.kind("damaged-cache")
def test_damaged_machine_code_is_made_anew(warm):
    before = machine_code(warm[0])
    for path, code in before.items():
        path.write_bytes(code[:-100])
    assert finish(start(warm[0]))[0]["last"] == warm[1][0][0]["last"]
    assert machine_code(warm[0]) == before


def test_what_the_parser_read_is_kept_with_its_digest(warm):
    (path,) = (warm[0] / "documents").glob("*.json")
    path.write_bytes(path.read_bytes().replace(b"CL_ntx", b"CL_xtn"))
    assert finish(start(warm[0]))[0]["last"] == warm[1][0][0]["last"]


UNWRITABLE = """
import tempfile
tempfile._candidate_tempdir_list = lambda: ["/proc/nowhere"]
"""


@pytest.mark.kind("no-writable-folder")
def test_without_a_cache_there_is_one_warning_and_the_same_numbers(warm, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    answer, err = finish(start(blocker / "cache", UNWRITABLE + SCRIPT))
    assert answer["last"] == warm[1][0][0]["last"]
    assert err.count("no kernel cache") == 1
    assert list(tmp_path.iterdir()) == [blocker]


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""


@pytest.mark.kind("no-writable-folder", sibling="a disk that is full")
@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_on_a_full_disk_nothing_is_kept_and_the_numbers_are_the_same(warm, tmp_path):
    answer, err = finish(start(tmp_path, FULL + SCRIPT))
    assert answer["last"] == warm[1][0][0]["last"]
    assert "Error" not in err


def test_the_key_covers_model_and_sources(monkeypatch, tmp_path):
    def build():
        return cache.Kernels("def f(): pass\n", {}, b"")

    monkeypatch.setattr(cache, "cache_folder", lambda part: tmp_path / part)
    (tmp_path / "kernels").mkdir()
    for structure in ("a", "b", "a"):
        cache.kernels_for(structure, "model", build)
    monkeypatch.setattr(cache, "generator_key", lambda: "another generator")
    cache.kernels_for("a", "model", build)
    assert len(list((tmp_path / "kernels").iterdir())) == 3


def test_nobody_waits_for_what_somebody_else_compiles(tmp_path):
    env = os.environ | {"LDNSIM_CACHE_DIR": str(tmp_path)}
    hold = "from ldnsim.cachedir import one_at_a_time as o\nwith o('one'): print('held', flush=True); input()"
    enter = "from ldnsim.cachedir import one_at_a_time as o\nwith o('another'): print('in')"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as other:
        assert other.stdout.readline() == "held\n"
        done = subprocess.run(
            [sys.executable, "-c", enter], capture_output=True, text=True, env=env, timeout=60, check=True
        )
        other.communicate("\n")
    assert done.stdout == "in\n"
