"""Generated kernels on disk: written once, complete or not at all, private to the user."""

from __future__ import annotations

import atexit
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import __version__
from ..cachedir import cache_dir, write_atomic
from ..engine.compiled import one_at_a_time, sources_key
from .lanes.target import host

Build = Callable[[], tuple[str, dict[str, Any], bytes]]


def kernels_for(structure: str, name: str, build: Build) -> tuple[ModuleType, dict[str, Any], Path]:
    """Load the kernels of a model structure, generating them if this is the first time.

    Parameters
    ----------
    structure : str
        Hash of the equations.
    name : str
        Name of the model, for the line on stderr.
    build : callable
        Returns the module's text, its description (JSON) and its machine code.

    Returns
    -------
    tuple
        The module, its description, and the folder they lie in.
    """
    key = hashlib.sha256(f"{structure} {generator_key()}".encode()).hexdigest()[:24]
    root = cache_dir()
    folder = _temporary_root() / key if root is None else root / "kernels" / key
    meta = _intact(folder)
    if meta is None:
        with one_at_a_time("generate"):
            if _intact(folder) is None:
                print(f"compiling kernels for {name!r}, once", file=sys.stderr, flush=True)
                shutil.rmtree(folder, ignore_errors=True)
                _write(folder, *build())
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return _load(folder / "kernels.py", f"ldnsim_kernels_{key}"), meta, folder


def _intact(folder: Path) -> dict[str, Any] | None:
    """Return a folder's description if nothing in it is missing or damaged: broken machine code is fatal."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        digests = {name: _digest((folder / name).read_bytes()) for name in meta["digests"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return meta if digests == meta["digests"] else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def generator_key() -> str:
    """Hash of everything but the model that generated code depends on."""
    sources = sources_key(Path(__file__).parent)
    parts = [__version__, sys.version, importlib.metadata.version("sympy"), sources, str(host())]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _write(folder: Path, text: str, meta: dict[str, Any], code: bytes) -> None:
    """Write a folder under a temporary name and move it into place; who comes second uses the first one."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        files = {"kernels.py": text.encode(), "kernels.o": code}
        for name, data in files.items():
            write_atomic(draft / name, data)
        digests = {name: _digest(data) for name, data in files.items()}
        write_atomic(draft / "meta.json", json.dumps(meta | {"digests": digests}, indent=1))
        os.rename(draft, folder)
    except OSError:
        if _intact(folder) is None:
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _load(path: Path, name: str) -> ModuleType:
    """Import a generated module under a name that is the same in every process, as Numba's cache needs."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


@cache
def _temporary_root() -> Path:
    """Return a private folder for this process alone, removed at its end."""
    folder = tempfile.mkdtemp(prefix="ldnsim-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
