"""Each notebook runs from the first cell to the last, and is stored without outputs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_without_outputs(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_opens_with_its_question_and_ends_with_what_the_answer_rests_on(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    assert "?" in text[0]
    assert any("rests on" in t for t in text[-3:])


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_shows_its_figures(path, tmp_path):
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    quiet = ["-q", "-W", "default", "-p", "no:cacheprovider"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbmake",
        "--overwrite",
        "--nbmake-timeout=900",
        *quiet,
        str(copy),
    ]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    environment.pop("MPLBACKEND", None)  # it would keep figures from being shown
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:]
    for cell in json.loads(copy.read_text(encoding="utf-8"))["cells"]:
        shown = any("image/png" in o.get("data", {}) for o in cell.get("outputs", []))
        assert shown == ("plots." in "".join(cell["source"]) and cell["cell_type"] == "code")
