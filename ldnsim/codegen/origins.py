"""What code generated for a model depends on besides its equations: the sources of all that writes it."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import llvmlite

_HERE = Path(__file__).parent
_MODEL, _ENGINE = (_HERE.parent / layer for layer in ("model", "engine"))
FILES = (
    *sorted(_HERE.rglob("*.py")),
    *(_MODEL / f"{name}.py" for name in ("equations", "expressions", "structure")),
    *(_ENGINE / name for name in ("compiled.py", "target.py", "tableaux.py", "bends.py", "lanes/facts.py")),
)


def _hash_of_files() -> str:
    digest = hashlib.sha256()
    for path in FILES:
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCES = _hash_of_files()  # on import: later the files may be newer than the code that runs
GENERATOR = f"{SOURCES} {llvmlite.__version__} {version('sympy')}"  # SymPy itself is not loaded for this
