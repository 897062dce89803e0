"""Draws are shared out among workers: the numbers are the same bits, whoever computes them."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ldnsim import load_model
from ldnsim.webpage import engine_data, wasm_of

HERE = Path(__file__).parent
WORKER = HERE.parents[1] / "ldnsim" / "webpage" / "shell" / "dist" / "worker.js"
DRAWS = 50  # not a whole number of blocks
OUTPUTS = ["plasma_naltrexone", "endorphin", "withdrawal", "tnf_alpha"]

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="NO NODE: THE PAGE'S WORKERS ARE NOT TESTED"),
    pytest.mark.skipif(
        importlib.util.find_spec("ziglang") is None, reason="NO LINKER: pip install 'ldnsim[page]'"
    ),
]


def request(precision, start=22.0, endotoxin=0, **opioid):
    taken = [{"drug": "naltrexone", "form": "", "dose": 4.5, "ii": 24, "start": start}]
    if endotoxin:
        taken.append({"drug": "lps", "form": "", "dose": endotoxin, "ii": 0, "start": 30.0})
    if opioid:
        taken.append({"drug": "oxycodone", "form": "", "dose": 20, "ii": 6, "start": 0, **opioid})
    people = {"kind": "draws", "n": DRAWS}
    asked = {"taken": taken, "days": 7, "overrides": {}, "outputs": OUTPUTS, "people": people}
    return asked | {"precision": precision, "dt": 1.0, "all": True}


GIVEN_OUT_ANEW = request("single", endotoxin=4)  # what is solved at once does not hold on the nominal subject


@pytest.fixture
def shared(tmp_path):
    """Final replies to the last of some requests, each of which overtakes the one before at work: 0, 1 and 3 helpers."""

    def answer(requests):
        model = load_model("ldn")
        (tmp_path / "data.json").write_text(json.dumps(engine_data(model, DRAWS)), encoding="utf-8")
        (tmp_path / "model.wasm").write_bytes(wasm_of(model))
        paths = {"worker": WORKER, "data": tmp_path / "data.json", "wasm": tmp_path / "model.wasm"}
        paths["out"] = tmp_path / "out.json"
        job = {name: str(path) for name, path in paths.items()} | {"requests": requests}
        (tmp_path / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = ["node", str(HERE / "shared.mjs"), str(tmp_path / "job.json")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(paths["out"].read_text(encoding="utf-8"))

    return answer


@pytest.mark.parametrize(
    "wanted",
    [
        request("single"),
        request("double"),
        request("single", ii=6),
        # a steady state begins its search where the last one ended
        pytest.param(request("double", start=30.0, ss=True), marks=pytest.mark.slow),
        GIVEN_OUT_ANEW,
    ],
    ids=["single", "double", "with an opioid", "after long use", "with endotoxin"],
)
def test_the_numbers_do_not_depend_on_the_number_of_workers(shared, wanted):
    alone, *others = shared([wanted])
    assert (alone["reply"]["done"], alone["helped"]) == (DRAWS, 0)
    assert sum(other["helped"] > 0 for other in others) == 2
    for other in others:
        assert other["reply"] | {"ms": 0} == alone["reply"] | {"ms": 0}
        assert other["grains"] > 1 or wanted != GIVEN_OUT_ANEW


def test_what_is_overtaken_is_dropped_by_helpers_too(shared):
    overtaken = [request("double", start=start) | {"days": 28} for start in (8.0, 10.0, 12.0)]
    (alone, *others) = shared([*overtaken, request("single")])
    assert sum(found["overtaken"] == len(overtaken) for found in others) == 2  # helpers were at work on each
    for found in (alone, *others):
        assert found["late"] == 0  # no reply and no block after the next request was known
        assert found["reply"] | {"ms": 0} == alone["reply"] | {"ms": 0}
