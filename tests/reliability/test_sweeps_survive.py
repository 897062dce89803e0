"""Sweeps that are killed: what is finished stays, and the end is the same bit for bit.

LDNSIM_KILLS sets how often (default 4); 100 takes some ten minutes.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

KILLS = int(os.environ.get("LDNSIM_KILLS", "4"))

SCRIPT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in the background does without
import ldnsim as ldn
import pandas as pd
from ldnsim.sweeps.work import Work
toy = ldn.Model.from_antimony('''
model toy()
  A' = -ka*A; C' = ka*A - ke*C; A = 0; C = 0; ka = 1.2; ke = 0.2
  plasma_naltrexone := 100*C
end
''')
real = Work.compute
def compute(work, number, threads=None):  # a chunk takes a while, and leaves a trace of having been computed
    with open(sys.argv[2], "a") as trace:
        trace.write(f"{number}\\n")
    time.sleep(0.02)
    return real(work, number, threads)
Work.compute = compute
print("ready", flush=True)
people = pd.DataFrame({"ke": [0.1 + 0.01 * k for k in range(16)]})
over = {"ka": [0.5, 1.0, 1.5, 2.0, 2.5], "dose": [1.5, 4.5, 12.0, 50.0]}
ldn.sweep(toy, over, days=2, cmt="A", subjects=people, metrics=["cmax(plasma_naltrexone)"], store=sys.argv[1], resume=True,
          chunk=32, progress=False)
print("done", flush=True)
"""
CHUNKS = 12  # 4 doses, and 5 x 16 rows in threes


def start(store, trace):
    command = [sys.executable, "-c", SCRIPT, str(store), str(trace)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(store, trace):
    process = start(store, trace)
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    assert out.endswith("done\n")


def begun(trace):
    return trace.read_text().count("\n") if trace.exists() else 0


def checksum(store):
    return hashlib.sha256((store / "result.nc").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Checksum of the uninterrupted result."""
    folder = tmp_path_factory.mktemp("whole")
    finish(folder / "run", folder / "trace")
    return checksum(folder / "run")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_at_random_moments_the_result_is_the_same(whole, tmp_path):
    rng = np.random.default_rng(20)
    store, trace, killed = tmp_path / "run", tmp_path / "trace", 0
    while killed < KILLS:
        process = start(store, trace)
        process.stdout.readline()
        more = begun(trace) + int(rng.integers(1, 4))
        while begun(trace) < min(more, CHUNKS + killed) and process.poll() is None:
            time.sleep(0.002)
        time.sleep(rng.uniform(0.0, 0.05))  # before, while and after a chunk is written
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if (store / "result.nc").exists():
            begun_again(store, trace, whole, killed)
            store, trace = tmp_path / f"run{killed}", tmp_path / f"trace{killed}"
    finish(store, trace)
    begun_again(store, trace, whole, killed)


def begun_again(store, trace, whole, killed):
    """Finish, compare with the uninterrupted run, and count what was computed twice."""
    finish(store, trace)
    assert checksum(store) == whole
    computed = [int(line) for line in trace.read_text().split()]
    assert set(computed) == set(range(CHUNKS))
    assert len(computed) <= CHUNKS + killed, "one process has one chunk in flight"
    noted = [json.loads(line)["chunk"] for line in (store / "journal.jsonl").read_text().splitlines() if line]
    assert len([n for n in noted if n != "result"]) == len(set(noted) - {"result"})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGTERM, 143), pytest.param(signal.SIGINT, None, marks=pytest.mark.slow)]
)
def test_asked_to_stop_it_says_how_to_go_on(whole, tmp_path, sent, code):
    store, trace = tmp_path / "run", tmp_path / "trace"
    process = start(store, trace)
    while not (store / "journal.jsonl").exists():
        time.sleep(0.01)
    process.send_signal(sent)
    _, error = process.communicate(timeout=60)
    assert process.returncode == code if code else process.returncode != 0
    assert "chunks are kept in" in error
    assert "resume=True" in error
    finish(store, trace)
    assert checksum(store) == whole


@pytest.mark.slow
def test_dask_gives_the_same_bits(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra 'sweep' is not installed")
    script = Path(__file__).with_name("dask_sweep.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False, timeout=300
    )
    assert distributed
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {"same": True, "lost_worker_same": True, "stored_same": True}
