"""Results streamed to disk are the results in memory, whatever the size of what is written at once."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import ldnsim as ldn
from ldnsim.simulation import stream
from ldnsim.simulation.plan import Plan


def assert_same(stored, kept):
    """A store tells the times of nodes of each subject, memory those that all share once."""
    assert (stored["node_time"] == kept["node_time"]).all()
    xr.testing.assert_identical(stored.drop_vars("node_time"), kept.drop_vars("node_time"))


@pytest.mark.parametrize("slab", [1.0, 1e9])
@pytest.mark.parametrize("regimens", [1, 3])
def test_a_store_holds_what_memory_would(toy, week, people, tmp_path, monkeypatch, slab, regimens):
    monkeypatch.setattr(stream, "SLAB_BYTES", slab)
    monkeypatch.setattr(stream, "PIECE_BYTES", slab)
    monkeypatch.setattr(stream, "COURSE_BYTES", slab)
    table = {f"r{k}": week.shift(k) for k in range(regimens)}
    want = ldn.simulate(toy, table, subjects=people)
    ds = ldn.simulate(toy, table, subjects=people, store=tmp_path / "run.zarr")
    assert (tmp_path / "run.zarr").is_dir()
    assert_same(ds.load(), want)
    xr.testing.assert_identical(ldn.summarize(ds), ldn.summarize(want))
    xr.testing.assert_identical(ldn.open_result(tmp_path / "run.zarr").load(), ds)


def test_many_regimens_are_streamed_without_subjects(toy, week, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "SLAB_BYTES", 1.0)
    table = {f"r{k}": week.shift(k) for k in range(19)}
    ds = ldn.simulate(toy, table, store=tmp_path / "run.zarr").load()
    xr.testing.assert_identical(ds, ldn.simulate(toy, table))


def test_a_store_of_several_slabs_solves_each_trajectory_once(toy, week, people, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "SLAB_BYTES", 1.0)
    solved = []
    run = Plan.run
    monkeypatch.setattr(Plan, "run", lambda plan, piece, *a: solved.append(piece.shape) or run(plan, piece, *a))
    ldn.simulate(toy, week, subjects=people, store=tmp_path / "run.zarr")
    assert len(solved) > 1
    assert sum(np.prod(solved, axis=1)) == len(people)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_slabs_of_more_or_fewer_nodes_are_filled_up(week, tmp_path, monkeypatch, order):
    """Courses that turn often have more nodes; in a store they come in the first slab or in the last."""
    monkeypatch.setattr(stream, "SLAB_BYTES", 1.0)
    model = ldn.Model.from_antimony(
        "model swing()\n x' = sin(w*time) - ka*x; x = 1; w = 0.01; ka = 0.1\nend"
    )
    subjects = pd.DataFrame({"w": np.repeat([0.01, 1.5, 0.7], 8)[order]})
    wide = []
    write = stream.append_zarr
    monkeypatch.setattr(
        stream, "append_zarr", lambda ds, *a, **how: wide.append(ds.sizes["node"]) or write(ds, *a, **how)
    )
    ds = ldn.simulate(model, None, subjects=subjects, duration=200, store=tmp_path / "run.zarr").load()
    want = ldn.simulate(model, None, subjects=subjects, duration=200)
    assert len({*wide, ds.sizes["node"]}) > 1
    assert_same(ds, want)


def test_several_models_are_streamed(toy, week, people, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "SLAB_BYTES", 1.0)
    models = {"a": toy, "b": toy.with_parameters(V=20)}
    ds = ldn.simulate(models, week, subjects=people, store=tmp_path / "run.zarr").load()
    assert_same(ds, ldn.simulate(models, week, subjects=people))


def test_failures_are_in_the_store(people, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "SLAB_BYTES", 1.0)
    model = ldn.Model.from_antimony("model up()\n x' = ke*x^2; x = 1; ke = 0; ka = 1\nend")
    people = people.assign(ke=0.0)
    people.iloc[17, people.columns.get_loc("ke")] = 0.5
    with pytest.warns(ldn.SolverWarning, match="1 of 21.*'p17'"):
        ds = ldn.simulate(model, None, subjects=people, duration=6, store=tmp_path / "run.zarr").load()
    assert np.isfinite(ds.fail_time).values.tolist() == [k == 17 for k in range(21)]
    assert (ds.status == "finished").values.sum() == 20


def test_metrics_can_be_stored(toy, week, people, tmp_path):
    ds = ldn.simulate(toy, week, subjects=people, metrics=["cmax"], store=tmp_path / "run.zarr").load()
    want = ldn.simulate(toy, week, subjects=people, metrics=["cmax"])
    np.testing.assert_array_equal(ds.cmax, want.cmax)


def test_a_folder_of_the_user_is_refused_before_the_run(toy, week, tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "run", lambda *a: pytest.fail("it ran first"))
    folder = tmp_path / "mine.zarr"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(ValueError, match="other things in it"):
        ldn.simulate(toy, week, store=folder)
    assert (folder / "thesis.txt").exists()


class Terminal:
    """A stderr that says whether it is a terminal and keeps what is written."""

    def __init__(self, is_terminal):
        self.is_terminal, self.text = is_terminal, ""

    def isatty(self):
        return self.is_terminal

    def write(self, text):
        self.text += text

    def flush(self):
        pass


@pytest.mark.parametrize(
    ("terminal", "progress", "shown"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_progress_is_shown_on_a_terminal_only(toy, week, people, monkeypatch, terminal, progress, shown):
    stderr = Terminal(terminal)
    monkeypatch.setattr("sys.stderr", stderr)
    ldn.simulate(toy, week, subjects=people, progress=progress)
    assert ("/21" in stderr.text) == shown, stderr.text
