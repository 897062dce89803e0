"""Each notebook is stored as `notebooks/run.py` leaves it, and shows the same when it is run again."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 200_000  # bytes of an output
LARGEST_NOTEBOOK = 400_000
EARLY = 2  # code cells until the first figure
# Paths of one machine, addresses in memory.
PRIVATE = re.compile(r"/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\|site-packages|0x[0-9a-f]{6,}")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
CLOSE, NOTHING = 0.05, 1e-6  # other processors, other last digits, which a search or a count may multiply

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cells(path, kind=None):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [c for c in found if kind in (None, c["cell_type"])]


def source(cell):
    return "".join(cell["source"])


def figures(cell):
    return sum("image/png" in o.get("data", {}) for o in cell.get("outputs", []))


def text(cell):
    """What a code cell shows in words: printed, or the plain form of tables and values, without figures."""
    shown = [
        o.get("text") or o.get("data", {}).get("text/plain", "")
        for o in cell["outputs"]
        if not figures({"outputs": [o]})
    ]
    return "\n".join("".join(s) for s in shown)


def test_notebooks_are_numbered_without_gaps():
    assert [p.name[:3] for p in NOTEBOOKS] == [f"{i:02d}_" for i in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) >= 13


@each
def test_a_notebook_opens_with_its_question_and_ends_with_what_the_answer_rests_on(path):
    words = [source(c) for c in cells(path, "markdown")]
    assert re.search(r"\*\*The question\.\*\*.*\?", words[0], re.DOTALL)
    assert any("## What the answer rests on" in t for t in words[-2:])
    assert {"measured", "assumed"} <= set(re.findall(r"\w+", " ".join(words[-2:]).lower()))
    assert 8 <= len(cells(path)) <= 16


@each
def test_a_notebook_uses_what_is_public(path):
    for cell in cells(path, "code"):
        assert not re.search(r"ldnsim\.|from ldnsim|\bldn\.(\w+\.)*_|^\s*[%!]", source(cell), re.MULTILINE)


@each
def test_a_notebook_is_stored_with_the_small_outputs_of_one_run(path):
    code = cells(path, "code")
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    assert any(figures(c) for c in code[:EARLY])
    assert path.stat().st_size < LARGEST_NOTEBOOK
    for cell in code:
        assert "execution" not in cell["metadata"]  # timings
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
            assert len(json.dumps(output)) < LARGEST
            assert not PRIVATE.search(json.dumps({**output, "data": words_of(output)}))


def words_of(output):
    return {kind: value for kind, value in output.get("data", {}).items() if kind != "image/png"}


@pytest.mark.slow
@each
def test_a_notebook_shows_the_same_when_it_is_run_again(path, tmp_path):
    command = [sys.executable, str(FOLDER / "run.py"), str(path), "--out", str(tmp_path)]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    for stored, again in zip(cells(path, "code"), cells(tmp_path / path.name, "code"), strict=True):
        assert figures(stored) == figures(again), source(stored)
        if "varies" not in stored["metadata"].get("tags", []):
            different = differences(text(stored), text(again))
            assert not different, f"{different}; if it should be so: python notebooks/run.py {path.name}"


def differences(stored, again):
    """Numbers that differ by more than rounding on another processor may make of them."""
    old, new = NUMBER.findall(stored), NUMBER.findall(again)
    if len(old) != len(new):
        return [(stored, again)]
    return [(a, b) for a, b in zip(old, new, strict=True) if abs(float(a) - float(b)) > slack(a, float(a))]


def slack(written, value):
    digits = len(written.partition("e")[0].partition(".")[2])
    return max(CLOSE * abs(value), 1.5 * 10.0**-digits if "e" not in written else 0.0, NOTHING)


def test_what_differs_is_found():
    assert differences("tone  -0.02 at 4.5 mg", "tone  -0.03 at 4.5 mg") == []  # the last digit
    assert differences("tone  -0.02 at 4.5 mg", "tone  0.02 at 4.5 mg") == [("-0.02", "0.02")]
    assert differences("IL-6 -34.4", "IL-6 -25.1") == [("-34.4", "-25.1")]
    assert differences("1 row", "1 row and 2") == [("1 row", "1 row and 2")]
    assert differences("error 1e-14, K_2, C10", "error 3e-13, K_3, C11") == []
