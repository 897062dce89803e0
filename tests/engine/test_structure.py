"""The engine can be read from its lowest module upwards: none imports another in a circle."""

import ast
from pathlib import Path

import ldnsim.engine

ROOT = Path(ldnsim.engine.__file__).parent


def modules():
    """Every module of the engine by its name."""
    parts = {path: path.relative_to(ROOT.parents[1]).with_suffix("").parts for path in ROOT.rglob("*.py")}
    return {".".join(p for p in names if p != "__init__"): path for path, names in parts.items()}


def imported(name, path, known):
    """Modules of the engine that one imports, at its head or later; annotations aside."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found, todo = set(), [ast.parse(path.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join(
                [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            ).rstrip(".")
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)} & known
        todo += ast.iter_child_nodes(node)
    return found - {name}


def test_no_module_imports_another_in_a_circle():
    paths = modules()
    left = {name: imported(name, path, set(paths)) for name, path in paths.items()}
    while free := [name for name, needs in left.items() if not needs & set(left)]:
        for name in free:
            del left[name]
    assert not left, f"imported in a circle, or resting on one: {sorted(left)}"
