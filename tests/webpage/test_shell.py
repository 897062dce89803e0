"""The shell of the page: its own tests in Node, and that the built files are those of the sources."""

import shutil
import subprocess
from pathlib import Path

import pytest

import ldnsim as ldn

SHELL = Path(ldn.__file__).parent / "webpage" / "shell"
BUILT = ("page.js", "worker.js", "style.css")


@pytest.fixture(scope="module")
def node():
    if shutil.which("node") is None:
        pytest.skip("THE SHELL OF THE PAGE IS NOT TESTED: node is not installed")
    if not (SHELL / "node_modules").is_dir():
        pytest.skip(f"THE SHELL OF THE PAGE IS NOT TESTED: run `npm ci` in {SHELL}")
    return shutil.which("node")


def run(node, *command):
    done = subprocess.run([node, *command], cwd=SHELL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_modules_hold(node):
    run(node, "test.mjs")


@pytest.mark.slow
def test_building_again_gives_the_files_that_are_kept(node, tmp_path):
    run(node, "build.mjs", str(tmp_path))
    for name in BUILT:
        assert (tmp_path / name).read_bytes() == (SHELL / "dist" / name).read_bytes(), (
            f"{name}: npm run build"
        )
