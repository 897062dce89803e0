"""Generated kernels on disk: written once, complete and undamaged or not at all, private to the user."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.abc
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
from typing import Any, NamedTuple

from .. import __version__
from ..cachedir import cache_folder, digest_of, one_at_a_time, write_atomic
from ..engine.target import host
from .origins import GENERATOR

TEXT, CODE, META = "kernels.py", "kernels.o", "meta.json"


class Kernels(NamedTuple):
    """What is generated for a model: the module's text, its description (JSON) and its machine code."""

    text: str
    meta: dict[str, Any]
    code: bytes


def kernels_for(structure: str, name: str, build: Callable[[], Kernels]) -> Kernels:
    """Read the kernels of a model structure, or generate them if this is the first time.

    Parameters
    ----------
    structure : str
        Hash of the equations.
    name : str
        Name of the model, for the line on stderr.
    build : callable
        Generates them.
    """
    key = _key_of(structure)
    folder = _folder_of(key)
    kernels = _intact(folder)
    if kernels is None:
        with one_at_a_time(f"generate-{key}"):
            kernels = _intact(folder)
            if kernels is None:
                print(f"compiling kernels for {name!r}, once", file=sys.stderr, flush=True)
                kernels = build()
                if folder is not None:
                    with contextlib.suppress(OSError):  # a full disk costs time later
                        _write(folder, kernels)
    return kernels


def _key_of(structure: str) -> str:
    return hashlib.sha256(f"{structure} {generator_key()}".encode()).hexdigest()[:24]


def _folder_of(key: str) -> Path | None:
    """Return where kernels are kept; without a folder that can be written all is in memory."""
    root = cache_folder("kernels")
    return None if root is None else root / key


def _intact(folder: Path | None) -> Kernels | None:
    """Read a folder if nothing in it is missing or damaged: broken machine code is fatal."""
    if folder is None:
        return None
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        text, code = ((folder / name).read_bytes() for name in (TEXT, CODE))
        return Kernels(text.decode(), meta, code) if meta.pop("digest") == _digest(text, code, meta) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(text: bytes, code: bytes, meta: dict[str, Any]) -> str:
    parts = (text, code, json.dumps(meta, sort_keys=True).encode())
    return digest_of("".join(map(digest_of, parts)).encode())


@cache
def generator_key() -> str:
    """Hash of everything but the model that generated code depends on."""
    parts = [__version__, sys.version, GENERATOR, str(host())]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _write(folder: Path, kernels: Kernels) -> None:
    """Write a folder under a temporary name and move it into place; who comes second uses the first one."""
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        text, meta = kernels.text.encode(), kernels.meta
        write_atomic(draft / TEXT, text)
        write_atomic(draft / CODE, kernels.code)
        digest = _digest(text, kernels.code, meta)
        write_atomic(draft / META, json.dumps(meta | {"digest": digest}, indent=1))
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


class _Text(importlib.abc.InspectLoader):
    """Loads a module from its text, which was read and checked already, and not from compiled bytes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_source(self, fullname: str) -> str:
        """Return the text."""
        return self._text


def module_of(structure: str, text: str) -> ModuleType:
    """Import the text of kernels, which runs where nothing is compiled; its name is the same in every process."""
    key = _key_of(structure)
    name = f"ldnsim_kernels_{key}"
    if name not in sys.modules:
        origin = str((_folder_of(key) or Path("<memory>")) / TEXT)
        module = importlib.util.module_from_spec(
            importlib.util.spec_from_loader(name, _Text(text), origin=origin)
        )
        sys.modules[name] = module
        try:
            module.__loader__.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
