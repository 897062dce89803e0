"""A store: the same bits on every way, damage found, changed plans refused."""

import errno
import hashlib
import json
import os
import signal
import threading
import time

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim.sweeps import store as stores
from ldnsim.sweeps.work import Work


def checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lines(store):
    return [json.loads(line) for line in (store / "journal.jsonl").read_text().splitlines()]


@pytest.fixture
def computed(monkeypatch):
    """Numbers of the chunks that are computed."""
    numbers, real = [], Work.compute

    def compute(work, number, threads=None):
        numbers.append(number)
        return real(work, number, threads)

    monkeypatch.setattr(Work, "compute", compute)
    return numbers


def test_memory_store_and_file_hold_the_same_bits(toy, plan, tmp_path):
    memory = ldn.sweep(toy, **plan)
    stored = ldn.sweep(toy, **plan, store=tmp_path / "run")
    assert memory.identical(stored)
    assert ldn.open_sweep(tmp_path / "run").equals(memory)
    assert ldn.open_result(tmp_path / "run" / "result.nc").equals(memory)


def test_resuming_a_finished_sweep_computes_nothing(toy, plan, tmp_path, computed):
    first = ldn.sweep(toy, **plan, store=tmp_path / "run")
    assert computed == list(range(len(computed)))
    assert len(computed) > 5
    computed.clear()
    before = checksum(tmp_path / "run" / "result.nc"), len(lines(tmp_path / "run"))
    assert ldn.sweep(toy, **plan, store=tmp_path / "run", resume=True).identical(first)
    assert not computed
    assert (checksum(tmp_path / "run" / "result.nc"), len(lines(tmp_path / "run"))) == before


@pytest.mark.parametrize("damage", ["truncated", "edited", "removed"])
def test_a_damaged_chunk_is_found_named_and_redone(toy, plan, tmp_path, computed, damage):
    first = ldn.sweep(toy, **plan, store=tmp_path / "run")
    final = checksum(tmp_path / "run" / "result.nc")
    computed.clear()
    file = tmp_path / "run" / "chunks" / "000003.npz"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data) if damage == "edited" else bytes(data[:-7]))
    if damage == "removed":
        file.unlink()
    with pytest.warns(UserWarning, match=r"000003.npz.*chunk 3"):
        again = ldn.sweep(toy, **plan, store=tmp_path / "run", resume=True)
    assert computed == [3]
    assert again.identical(first)
    assert checksum(tmp_path / "run" / "result.nc") == final


def test_a_journal_line_cut_short_costs_its_chunk_only(toy, plan, tmp_path, computed):
    first = ldn.sweep(toy, **plan, store=tmp_path / "run")
    journal = tmp_path / "run" / "journal.jsonl"
    kept = journal.read_bytes().splitlines(keepends=True)[:4]
    journal.write_bytes(b"".join(kept)[:-20])
    (tmp_path / "run" / "chunks" / "000009.npz.1.part").write_bytes(b"half a chunk")
    computed.clear()
    assert ldn.sweep(toy, **plan, store=tmp_path / "run", resume=True).identical(first)
    assert computed == list(range(3, len(lines(tmp_path / "run")) - 1))
    assert not list((tmp_path / "run" / "chunks").glob("*.part"))
    computed.clear()
    ldn.sweep(toy, **plan, store=tmp_path / "run", resume=True)
    assert not computed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"over": {"dose": [1.5], "at": ["08:00"]}}, "dose"),
        ({"days": 4}, "days"),
        ({"metrics": ["cmax"]}, "metrics"),
        ({"rtol": 1e-7}, "rtol"),
        ({"chunk": 24}, "chunk"),
        ({"subjects": None}, "subjects"),
    ],
)
def test_another_plan_is_refused_and_says_what_changed(toy, plan, tmp_path, change, words):
    ldn.sweep(toy, **(plan | {"over": {"dose": [1.5, 4.5]}}), store=tmp_path / "run")
    with pytest.raises(ValueError, match=words):
        ldn.sweep(
            toy, **(plan | {"over": {"dose": [1.5, 4.5]}} | change), store=tmp_path / "run", resume=True
        )


def test_another_model_and_other_people_are_refused(toy, plan, people, tmp_path):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    with pytest.raises(ValueError, match="K"):
        ldn.sweep(toy.with_parameters(K=21.0), **plan, store=tmp_path / "run", resume=True)
    other = people.copy()
    other.iloc[5, 0] *= 1 + 1e-12
    with pytest.raises(ValueError, match="subjects"):
        ldn.sweep(toy, **(plan | {"subjects": other}), store=tmp_path / "run", resume=True)


def test_folders_that_are_no_empty_store_are_refused(toy, plan, tmp_path):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    with pytest.raises(ValueError, match="resume=True"):
        ldn.sweep(toy, **plan, store=tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("!")
    with pytest.raises(ValueError, match="other things"):
        ldn.sweep(toy, **plan, store=tmp_path / "mine", resume=True)
    assert [p.name for p in (tmp_path / "mine").iterdir() if p.name != "lock"] == ["thesis.txt"]
    with pytest.raises(ValueError, match="no sweep"):
        ldn.open_sweep(tmp_path / "mine")


def test_two_processes_do_not_write_one_store(toy, plan, tmp_path):
    with stores.Store(tmp_path / "run").locked(), pytest.raises(ValueError, match="another process"):
        ldn.sweep(toy, **plan, store=tmp_path / "run")


def stopped_after(monkeypatch, count, error):
    """Let the `count`-th chunk fail to be written."""
    real, written = stores.write_durably, []

    def write(path, data):
        if path.suffix == ".npz":
            written.append(path)
            if len(written) == count:
                raise error
        real(path, data)

    monkeypatch.setattr(stores, "write_durably", write)


def test_a_full_disk_leaves_what_is_finished_and_says_how_to_go_on(toy, plan, tmp_path, monkeypatch):
    whole = ldn.sweep(toy, **plan)
    with monkeypatch.context() as patch:
        stopped_after(patch, 4, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.raises(OSError, match=r"No space left.*3 of \d+ chunks.*resume=True"):
            ldn.sweep(toy, **plan, store=tmp_path / "run")
    part = ldn.open_sweep(tmp_path / "run")
    done = part.status == "finished"
    assert 0 < int(done.sum()) < done.size
    assert set(np.unique(part.status)) == {"finished", "not yet computed"}
    np.testing.assert_array_equal(part.cmax.where(done), whole.cmax.where(done))
    assert bool(part.cmax.where(~done).isnull().all())
    assert ldn.sweep(toy, **plan, store=tmp_path / "run", resume=True).identical(whole)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_ctrl_c_and_sigterm_say_how_to_resume(toy, plan, tmp_path, monkeypatch, capsys):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    for name, error in (("c", KeyboardInterrupt), ("term", SystemExit)):
        with monkeypatch.context() as patch:
            real = Work.compute

            def compute(work, number, threads=None, name=name, real=real):
                if number == 2:
                    os.kill(os.getpid(), signal.SIGINT if name == "c" else signal.SIGTERM)
                    time.sleep(5)
                return real(work, number, threads)

            patch.setattr(Work, "compute", compute)
            with pytest.raises(error):
                ldn.sweep(toy, **plan, store=tmp_path / name)
        assert "2 of" in (said := capsys.readouterr().err)
        assert "resume=True" in said
        ldn.sweep(toy, **plan, store=tmp_path / name, resume=True)
    assert threading.current_thread() is threading.main_thread()
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_chunks_hold_no_pickle(toy, plan, tmp_path):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    for file in (tmp_path / "run" / "chunks").iterdir():
        with np.load(file, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype.kind in "fiU" for name in arrays)
