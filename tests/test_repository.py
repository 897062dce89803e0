"""What a stranger may rely on in the repository itself: workflows with least rights, and the files one looks for."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_actions_are_pinned_by_hash_and_may_only_read(path):
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert used
    assert [u for u in used if not PINNED.fullmatch(u)] == []
    assert re.search(r"^permissions:\n  contents: read\n(?! )", text, re.MULTILINE)


def test_the_matrix_has_each_system_and_python_that_is_promised():
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    oldest = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pythons = ", ".join(f'"3.{minor}"' for minor in range(int(oldest[1]), 15))
    assert f"python: [{pythons}]" in text
    for system in ("ubuntu-latest", "ubuntu-24.04-arm", "macos-latest", "windows-latest"):
        assert system in re.search(r"os: \[(.+)\]", text)[1].split(", ")


def test_files_that_are_looked_for_are_there():
    named = (
        "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md",
        "environment.yml", ".pre-commit-config.yaml", ".github/PULL_REQUEST_TEMPLATE.md", ".github/dependabot.yml",
        ".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/evidence.yml",
    )  # fmt: skip
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_nothing_lies_at_the_top_that_a_run_left_there():
    known = {
        "benchmarks", "docs", "ldnsim", "models", "notebooks", "tests", "check.py", "quickstart.py", "pyproject.toml",
        "environment.yml",
    }  # fmt: skip
    listed = (ROOT / ".git").exists() and _tracked()
    if not listed:
        pytest.skip("no checkout, or no git")
    assert {name for name in listed if not name.startswith(".") and not name.isupper()} - known <= {
        "README.md", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md",
    }  # fmt: skip


def _tracked():
    import shutil
    import subprocess

    if shutil.which("git") is None:
        return set()
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {line.partition("/")[0] for line in done.stdout.splitlines()}
