"""Workers on this machine, started from scripts as people write them."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

SCRIPT = """
import ldnsim as ldn
model = ldn.Model.from_antimony("A' = -k*A; A = 1; k = 0.5")
ds = ldn.sweep(model, {"k": [0.5, 1.0]}, regimen=None, duration=1, outputs=["A"], executor="dask", workers=1)
print(__file__.endswith("script.py"), (ds.A[:, -1] < 0.7).values.tolist())
"""


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(["script.py"], id="file", marks=pytest.mark.kind("no-main-guard")),
        pytest.param(
            ["-m", "script"],
            id="module",
            marks=pytest.mark.kind("no-main-guard", sibling="a script run as a module, python -m"),
        ),
    ],
)
def test_a_script_without_a_main_guard_runs_once(tmp_path, how):
    (tmp_path / "script.py").write_text(SCRIPT)
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, *how],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True [True, True]"]
