"""Progress bars: on a terminal and in a notebook, nowhere else."""

import pytest

from ldnsim.simulation import watching

CODE = """
import ldnsim as ldn
model = ldn.load_model("naltrexone_pk")
ds = ldn.simulate(model, ldn.Regimen.single(4.5), progress={progress})
"""


def shown(progress):
    import nbformat  # 2 s of CPU, for each worker that collects tests
    from nbclient import NotebookClient

    cell = nbformat.v4.new_code_cell(CODE.format(progress=progress))
    book = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    return [str(out) for out in book.cells[0].outputs]


@pytest.mark.slow
def test_a_notebook_shows_a_bar_where_it_is_asked_for():
    assert any("runs" in text or "widget-view" in text for text in shown(True))
    assert not any("runs" in text or "widget-view" in text for text in shown(False))


def test_nobody_watches_a_file(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    assert not watching.is_watched()


def test_a_terminal_is_watched(monkeypatch):
    class Terminal:
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stderr", Terminal())
    assert watching.is_watched()


def test_nobody_watches_where_bars_are_switched_off(monkeypatch):
    monkeypatch.setattr(watching, "in_notebook", lambda: True)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    assert watching.is_watched()
    monkeypatch.setenv("TQDM_DISABLE", "1")
    assert not watching.is_watched()
    assert not watching.Bar(10, True).shown
