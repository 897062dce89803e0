"""What does not fit into memory is refused before it is allocated, with its size and the way out."""

import numpy as np
import pytest

import ldnsim as ldn
from ldnsim import memory


@pytest.fixture
def little(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 1e6)
    monkeypatch.setattr(memory, "ASKED_FROM", 0.0)


def test_the_free_memory_is_a_part_of_all():
    assert memory.free_bytes() > 1e6
    assert memory.free_bytes() < 1e15 or memory.free_bytes() == np.inf


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2.34e10, "23 GB"), (7e20, "700 EB")],
)
def test_sizes_in_words(size, text):
    assert memory.in_words(size) == text


def test_the_free_memory_is_what_the_system_says(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Told", (), {"available": 123}))
    assert memory.free_bytes() == 123


def test_a_container_has_less(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.max").write_text("5000\n")
    assert memory._of_container() == 4000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._of_container() == np.inf


def test_a_result_too_large_is_refused_before_it_is_computed(little, monkeypatch):
    model = ldn.load_model("ldn")
    monkeypatch.setattr("ldnsim.simulation.stream.run", None)  # would fail if it were reached
    with pytest.raises(ldn.InputError) as caught:
        ldn.simulate(model, ldn.Regimen.daily(4.5, days=28), subjects=ldn.population(model, 300), every=0.1)
    told = str(caught.value)
    assert told.startswith("result='")
    for words in (
        "MB': does not fit into 1 MB",
        "300 subjects x",
        "6721 times",
        "metrics=",
        "store=",
        "every=",
    ):
        assert words in told, told


def test_what_is_not_kept_need_not_fit(little, tmp_path):
    model = ldn.load_model("ldn")
    people = ldn.population(model, 300)
    ds = ldn.simulate(model, ldn.Regimen.daily(4.5, days=2), subjects=people, metrics=["cmax"])
    assert ds.cmax.notnull().all()
    ds = ldn.simulate(model, ldn.Regimen.single(4.5), subjects=people, every=0.5, store=tmp_path / "run.zarr")
    assert ds.sizes["subject"] == 300


GRID = {"over": {"dose": [1.5, 4.5], "ka": np.linspace(0.5, 2.0, 400).tolist()}, "days": 2}


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ({"metrics": ["cmax", "auc"]}, ["2 dose x 400 ka x 4 metrics"]),
        ({"outputs": ["plasma_naltrexone"], "every": 0.1}, ["2 dose x 400 ka", "481 times"]),
    ],
)
def test_a_sweep_too_large_is_refused_before_it_starts(monkeypatch, look, words):
    monkeypatch.setattr(memory, "free_bytes", lambda: 1e5)
    monkeypatch.setattr(memory, "ASKED_FROM", 0.0)
    monkeypatch.setattr("ldnsim.sweeps.work.Work.compute", None)  # would fail if it were reached
    with pytest.raises(ldn.InputError) as caught:
        ldn.sweep(ldn.load_model("ldn"), **GRID, **look)
    told = str(caught.value)
    assert told.startswith("result='")
    for part in (*words, "does not fit into 100 kB", "fewer points"):
        assert part in told, told


@pytest.mark.parametrize("look", [{}, {"outputs": ["plasma_naltrexone"], "every": 0.1}])
def test_the_estimate_of_a_sweep_is_the_size_of_its_chunks_and_its_grid(monkeypatch, look):
    seen = []
    monkeypatch.setattr("ldnsim.sweeps.work.check_room", lambda argument, size, *words: seen.append(size))
    grid = {"dose": [1.5, 4.5], "ka": np.linspace(0.5, 2.0, 20).tolist()}
    ds = ldn.sweep(ldn.load_model("ldn"), grid, days=14, **look)
    assert seen[0] == pytest.approx(2 * ds.nbytes, rel=0.15)


def test_more_people_than_memory_are_refused():
    with pytest.raises(ldn.InputError, match=r"n='\d+ TB': does not fit.*1000000000000 subjects x"):
        ldn.population(ldn.load_model("ldn"), 10**12)


def test_the_estimate_is_the_size():
    model = ldn.load_model("ldn")
    from ldnsim.simulation import stream

    seen = []
    kept = stream.check_room
    stream.check_room = lambda argument, size, *words: seen.append(size)
    try:
        ds = ldn.simulate(
            model, {"a": ldn.Regimen.daily(4.5, days=7), "b": None}, every=0.25, dtype="float32"
        )
    finally:
        stream.check_room = kept
    assert seen[0] == pytest.approx(ds.nbytes, rel=0.1)
