"""Intermediate code that comes with the package, and what it was made of."""

from __future__ import annotations

import ast
import hashlib
import json
import lzma
from collections.abc import Callable
from functools import cache
from inspect import unwrap
from pathlib import Path

FILE = Path(__file__).with_name("prepared.xz")
_PACKAGE = Path(__file__).parents[1]
_LAYERS = ("engine", "readouts")  # where compiled functions are
# What all of them are compiled by, and what they are called by.
_COMPILERS = tuple(f"ldnsim.engine.{name}" for name in ("lowering", "instructions", "arguments"))
_AROUND = {
    _PACKAGE / "engine" / f"{name}.py"
    for name in ("compiled", "machine", "prepared", "target", "announcements")
}

Names = tuple[tuple[str, str], ...]  # module and name of each function


def prepared(names: Names, kind: str) -> bytes | None:
    """Return the bitcode of functions for one kind of arguments; None where there is none of today's sources."""
    return contents().get((names, kind, sources_of(names)))


@cache
def contents() -> dict[tuple[Names, str, str], bytes]:
    """Return all bitcode, by names, kind and hash of the sources."""
    try:
        head, _, codes = lzma.decompress(FILE.read_bytes()).partition(b"\n")
    except (OSError, lzma.LZMAError):
        return {}
    found, first = {}, 0
    for names, kind, sources, size in json.loads(head):
        found[tuple(map(tuple, names)), kind, sources] = codes[first : first + size]
        first += size
    return found


def write(codes: dict[tuple[Names, str], bytes]) -> None:
    """Write the file: what there is, as JSON, and all bitcode, compressed together."""
    rows = [(names, kind, sources_of(names), len(code)) for (names, kind), code in sorted(codes.items())]
    whole = json.dumps(rows).encode() + b"\n" + b"".join(code for _, code in sorted(codes.items()))
    FILE.write_bytes(lzma.compress(whole, preset=9))


@cache
def all_sources() -> str:
    """Hash of the sources of all compiled functions, and of what is beside them; quick, so that each process can."""
    digest = hashlib.sha256()
    for path in sorted(p for layer in _LAYERS for p in (_PACKAGE / layer).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_hashed(function: Callable) -> bool:
    """Whether a function's own source is part of `all_sources`."""
    code = getattr(unwrap(function), "__code__", None)
    path = None if code is None else Path(code.co_filename).resolve()
    return path is not None and any(path.is_relative_to(_PACKAGE.resolve() / layer) for layer in _LAYERS)


@cache
def sources_of(names: Names) -> str:
    """Hash of the sources that some functions can be made of."""
    digest = hashlib.sha256()
    for path in sorted(_reached([*(module for module, _ in names), *_COMPILERS])):
        digest.update(path.read_text(encoding="utf-8").encode())
    return digest.hexdigest()


def _reached(modules: list[str]) -> set[Path]:
    """Files of modules of the package and of all that these import, in the layers with compiled functions."""
    found: set[Path] = set()
    names = list(modules)
    while names:
        path = _file_of(names.pop())
        if path is not None and path not in found and path not in _AROUND:
            found.add(path)
            names += _imported(path)
    return found


def _file_of(name: str) -> Path | None:
    package, *rest = name.split(".")
    if package != _PACKAGE.name or not rest or rest[0] not in _LAYERS:
        return None
    path = _PACKAGE.joinpath(*rest).with_suffix(".py")
    return path if path.is_file() else None


@cache
def _imported(path: Path) -> tuple[str, ...]:
    """Modules that a file imports by relative names."""
    parents = (_PACKAGE.name, *path.relative_to(_PACKAGE).parent.parts)
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*parents[: len(parents) - node.level + 1], *filter(None, [node.module])])
            found += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return tuple(found)
