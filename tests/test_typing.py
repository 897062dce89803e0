"""What type checkers know of the public door: a user's script, its mistakes, and the code of the pages.

The package's own errors are counted file by file in typing/ratchet.toml, which only shrinks:
``python tests/test_typing.py`` writes the counts of today.
"""

import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest

try:
    from .conftest import public
except ImportError:  # run as a script
    public = None

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "typing"
RATCHET = HERE / "ratchet.toml"
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/[cht]*/*.md"))]
# One word, a table of one person or of several: a checker cannot tell which, nor which of many arguments a dict holds.
UNTOLD = {
    "doses.md": "Regimen.from_records",
    "bring_over.md": "Regimen.from_records",
    "petab.md": "**question",
    "optimize.md": "**quick",
}
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def mypy(*words):
    """Errors of mypy as (file, line, message)."""
    command = [sys.executable, "-m", "mypy", "--hide-error-context", "--no-error-summary", *words]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(r"^(.+?):(\d+): error: (.+)$", done.stdout, re.MULTILINE)
    return [(Path(file), int(line), message) for file, line, message in found]


def of_a_user(checker, files, folder):
    """Errors of a checker in files that stand outside the package, with the package as it is installed."""
    if checker == "mypy":
        cache = f"--cache-dir={ROOT / '.mypy_cache' / 'user'}"
        return mypy(
            "--config-file=", cache, "--follow-imports=silent", "--ignore-missing-imports", *map(str, files)
        )
    settings = folder / "pyrightconfig.json"
    how = {"include": [str(f) for f in files], "extraPaths": [str(ROOT)], "typeCheckingMode": "standard"}
    settings.write_text(json.dumps(how), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "basedpyright",
        "--pythonpath",
        sys.executable,
        "--outputjson",
        "-p",
        str(settings),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [
        (Path(d["file"]), d["range"]["start"]["line"] + 1, d["message"])
        for d in json.loads(done.stdout)["generalDiagnostics"]
        if d["severity"] == "error"
    ]


def on_pages(folder):
    """Code of the pages as files."""
    for page in PAGES:
        blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
        if blocks and page.name not in UNTOLD:
            file = folder / f"{page.parent.name}_{page.stem}.py".replace("-", "_")
            file.write_text("\n".join(blocks), encoding="utf-8")
            yield file


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "basedpyright"])
def test_a_checker_knows_the_types_accepts_what_is_right_and_catches_what_is_wrong(checker, tmp_path):
    wrong = HERE / "wrong.py"
    files = [HERE / "user.py", wrong, *on_pages(tmp_path)]
    assert len(files) > 10
    found = of_a_user(checker, files, tmp_path)
    assert [(f, line, m) for f, line, m in found if f.name != wrong.name] == []
    lines = wrong.read_text(encoding="utf-8").splitlines()
    assert {line for f, line, _ in found} == {n for n, text in enumerate(lines, 1) if "# wrong: " in text}


@pytest.mark.slow
def test_the_user_s_script_runs(tmp_path):
    script = HERE / "user.py"
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def counted():
    """Errors of the package's own files today."""
    return dict(sorted(Counter(file.as_posix() for file, _, _ in mypy()).items()))


def ratchet():
    return tomllib.loads(RATCHET.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_errors_of_the_package_are_those_listed_and_only_shrink():
    listed = ratchet()
    here = {name: version(name) for name in listed["with"]}
    if here != listed["with"]:
        pytest.skip(f"the counts hold with {listed['with']}; these are {here}")
    assert counted() == listed["errors"], (
        "more must be mended; fewer: python tests/test_typing.py writes them"
    )


def test_modules_of_public_names_have_none():
    homes = {
        Path(inspect.getsourcefile(inspect.unwrap(thing))) for thing in public().values() if callable(thing)
    }
    clean = {home.relative_to(ROOT).as_posix() for home in homes if home.is_relative_to(ROOT)}
    assert len(clean) > 30
    assert not clean & set(ratchet()["errors"])


def store():
    """Write the counts of today, unless there are more than were listed."""
    listed, today = ratchet(), counted()
    more = {name: n for name, n in today.items() if n > listed["errors"].get(name, 0)}
    if more and "--all" not in sys.argv:
        sys.exit(f"more errors than listed: {more}; mend them, or where that cannot be, --all lists them")
    lines = [RATCHET.read_text(encoding="utf-8").partition("[with]")[0] + "[with]"]
    lines += [f'{name} = "{version(name)}"' for name in listed["with"]]
    lines += ["", "[errors]", *(f'"{name}" = {n}' for name, n in today.items())]
    RATCHET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    store()
