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


@pytest.mark.kind("damaged-chunk", sibling="while the sweep is resumed")
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


def test_draws_that_name_their_structure_are_kept_and_resumed(tmp_path):
    model = ldn.load_model("ldn")
    draws = ldn.posterior(model, 3)
    assert draws["structure"].dtype.kind not in "iuf"  # text, which is no parameter
    how = {"days": 1, "metrics": ["cmax"], "draws": draws, "progress": False}
    memory = ldn.sweep(model, {"dose": [1.5, 4.5]}, **how)
    assert ldn.sweep(model, {"dose": [1.5, 4.5]}, **how, store=tmp_path / "run").equals(memory)
    assert ldn.sweep(model, {"dose": [1.5, 4.5]}, **how, store=tmp_path / "run", resume=True).equals(memory)
    other = draws.assign(ka=draws["ka"] * 1.01)
    with pytest.raises(ldn.InputError, match="draws"):
        ldn.sweep(model, {"dose": [1.5, 4.5]}, **(how | {"draws": other}), store=tmp_path / "run", resume=True)


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


@pytest.mark.kind("damaged-chunk")
@pytest.mark.parametrize("damage", ["truncated", "zeroed", "removed", "a folder"])
def test_a_damaged_chunk_is_named_when_a_store_is_opened(toy, plan, tmp_path, damage):
    first = ldn.sweep(toy, **plan, store=tmp_path / "run")
    file = tmp_path / "run" / "chunks" / "000003.npz"
    data = file.read_bytes()
    file.unlink()
    if damage == "a folder":
        file.mkdir()
    elif damage != "removed":
        file.write_bytes(data[: len(data) // 2] if damage == "truncated" else bytes(len(data)))
    with pytest.warns(UserWarning, match=r"000003.npz: its .*dose .*rows \d+-\d+.*resume=True"):
        ds = ldn.open_sweep(tmp_path / "run")
    spoilt = ds.status == "damaged"
    assert 0 < int(spoilt.sum()) < ds.status.size
    assert set(np.unique(ds.status)) == {"finished", "damaged"}
    np.testing.assert_array_equal(ds.cmax.where(~spoilt), first.cmax.where(~spoilt))
    assert bool(ds.cmax.where(spoilt).isnull().all())


def test_all_chunks_damaged_are_named(toy, plan, tmp_path):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    for file in (tmp_path / "run" / "chunks").iterdir():
        file.write_bytes(b"")
    with pytest.warns(UserWarning, match=r"000000.npz.*000002.npz.* and \d+ more"):
        assert not ldn.open_sweep(tmp_path / "run").data_vars


@pytest.mark.kind("damaged-chunk", sibling="a line of the journal that cannot be read, or is missing")
@pytest.mark.parametrize("damage", ["garbled", "missing"])
def test_lines_that_the_journal_lost_are_told_of(toy, plan, tmp_path, damage):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    journal = tmp_path / "run" / "journal.jsonl"
    rows = journal.read_text().splitlines(keepends=True)
    rows = [*rows[:2], "{...}\n", *rows[3:]] if damage == "garbled" else rows[:2]
    journal.write_text("".join(rows))
    words = "line 3 cannot be read" if damage == "garbled" else "says nothing of 000002.npz"
    with pytest.warns(UserWarning, match=f"journal.jsonl: {words}.*resume=True"):
        ds = ldn.open_sweep(tmp_path / "run")
    assert set(np.unique(ds.status)) == {"finished", "not yet computed"}


def edited(path, change):
    plan = json.loads(path.read_text())
    change(plan)
    path.write_text(json.dumps(plan))


EDITS = {
    "a label": lambda plan: plan["frame"]["dims"][0]["labels"][0].__setitem__(0, 9.0),
    "a part taken out": lambda plan: plan.pop("frame"),
    "its checksum taken out": lambda plan: plan.pop("sha256"),
    "a number": lambda plan: plan["parameters"].__setitem__("V", 11.0),
}


@pytest.mark.kind("edited-plan")
@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_an_edited_plan_is_refused_when_a_store_is_opened(toy, plan, tmp_path, change):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    edited(tmp_path / "run" / "plan.json", change)
    with pytest.raises(ldn.InputError, match=r"run'?: its plan.json is not as it was written"):
        ldn.open_sweep(tmp_path / "run")


@pytest.mark.kind("edited-plan", sibling="cut short, another kind of text; when a sweep is resumed")
@pytest.mark.parametrize("text", ["", "[]", "null", '{"frame": 1', "[" * 100_000, "\xe4"])
def test_a_plan_that_is_none_is_refused(toy, plan, tmp_path, text):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    (tmp_path / "run" / "plan.json").write_bytes(text.encode("latin-1"))
    for use in (ldn.open_sweep, lambda store: ldn.sweep(toy, **plan, store=store, resume=True)):
        with pytest.raises(ldn.InputError, match=r"its plan.json (is not as it was written|cannot be read)"):
            use(tmp_path / "run")


def unwritable(monkeypatch, number=errno.EROFS):
    """Let no lock be made, as on a disk that can only be read."""

    def refuse(lock, *_, **__):
        raise OSError(number, os.strerror(number), lock.lock_file)

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)


@pytest.mark.kind("read-only-store")
def test_a_finished_sweep_on_a_read_only_disk_is_returned(toy, plan, tmp_path, monkeypatch):
    first = ldn.sweep(toy, **plan, store=tmp_path / "run")
    unwritable(monkeypatch)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")}
    assert ldn.sweep(toy, **plan, store=tmp_path / "run", resume=True).identical(first)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")} == before
    with pytest.raises(ldn.InputError, match="rtol"):
        ldn.sweep(toy, **plan, rtol=1e-7, store=tmp_path / "run", resume=True)


@pytest.mark.kind("read-only-store", sibling="a sweep that is not finished")
def test_a_sweep_that_is_not_finished_says_that_the_disk_is_read_only(toy, plan, tmp_path, monkeypatch):
    ldn.sweep(toy, **plan, store=tmp_path / "run")
    (tmp_path / "run" / "chunks" / "000003.npz").unlink()
    unwritable(monkeypatch)
    for store, resume in ((tmp_path / "run", True), (tmp_path / "new", False)):
        with pytest.raises(OSError, match="Read-only file system"):
            ldn.sweep(toy, **plan, store=store, resume=resume)


def test_a_disk_without_locks_is_written_all_the_same(toy, plan, tmp_path, monkeypatch):
    unwritable(monkeypatch, errno.ENOLCK)
    assert ldn.sweep(toy, **plan, store=tmp_path / "run").identical(ldn.sweep(toy, **plan))
