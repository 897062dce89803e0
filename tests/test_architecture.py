"""The shape of the house: import layers, file sizes, docstrings, and what must not be in the text."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "ldnsim"
FILES = sorted(PACKAGE.rglob("*.py"))


def functions(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_without_docstring(node):
    length = node.end_lineno - node.lineno + 1
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        length -= first.end_lineno - first.lineno + 1
    return length


def test_lower_layers_never_import_upper_ones():
    script = Path(sys.executable).with_name("lint-imports")
    command = (
        [str(script)]
        if script.exists()
        else [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    )
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def circles():
    """Modules that import each other, inside functions too, annotations aside: each circle as a set."""
    graph = grimp.build_graph("ldnsim", exclude_type_checking_imports=True, cache_dir=None)
    below = {name: graph.find_upstream_modules(name) for name in graph.modules}
    mates = {name: {m for m in below[name] if m != name and name in below[m]} for name in below}
    return {frozenset({name, *some}) for name, some in mates.items() if some}


def test_no_module_imports_another_in_a_circle():
    found = sorted(map(sorted, circles()))
    assert not found, found


def test_style_is_kept():
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_has_one_subject(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= 400, "split it by subject"
    long = {f.name: lines_without_docstring(f) for f in functions(tree) if lines_without_docstring(f) > 80}
    assert not long, f"functions over 80 lines: {long}"
    assert ast.get_docstring(tree), "say in one line what the module is for"


def test_no_module_bears_the_name_of_a_public_function():
    # A lazy package would hand out the module instead of the function.
    import ldnsim

    modules = {p.stem for p in PACKAGE.glob("*.py")} | {p.name for p in PACKAGE.iterdir() if p.is_dir()}
    public = set(getattr(ldnsim, "__all__", ()))
    clash = {
        n
        for n in modules & public
        if callable(getattr(ldnsim, n)) and not isinstance(getattr(ldnsim, n), type(ast))
    }
    assert not clash, clash


def test_no_two_classes_share_a_name():
    where = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name, []).append(path.name)
    assert {name: files for name, files in where.items() if len(files) > 1} == {}


def test_nothing_unfinished_is_shipped():
    bad = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError|\bassert False\b")
    found = [
        f"{p.relative_to(ROOT)}: {m[0]}" for p in FILES for m in bad.finditer(p.read_text(encoding="utf-8"))
    ]
    assert not found, found


def test_the_product_reads_nothing_beside_the_checkout():
    found = [str(p.relative_to(ROOT)) for p in FILES if "../shared" in p.read_text(encoding="utf-8")]
    assert not found, found


def test_models_and_plans_are_data_never_run():
    calls = {"eval", "exec", "sympify", "parse_expr"}
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None) or getattr(
                getattr(node, "func", None), "attr", None
            )
            if isinstance(node, ast.Call) and name in calls:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {name}")
    assert not found, found
