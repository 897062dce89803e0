"""Numba's machine code on disk: no file is loaded that does not match its digest.

Numba loads its files unchecked, and one that a full disk or a power cut left damaged ends the process, in
each later process again. So all that touches them is done by one process at a time: before the first use
files without a matching digest are removed, and after each compilation the digests of the new ones are noted.
Nothing here knows how Numba names or fills its files, save for their suffixes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import config

from ..cachedir import cache_folder, digest_of, keep, kept, one_at_a_time

DIGESTS = "digests.json"
_SUFFIXES = (".nbi", ".nbc")  # index, data

Stamp = tuple[int, int]


class CodeCache:
    """A folder of Numba's files.

    Parameters
    ----------
    folder : Path
        For the functions of one folder of sources.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: dict[str, Stamp] | None = None  # files that match their digests, as they were then

    @contextlib.contextmanager
    def intact(self) -> Iterator[None]:
        """Load and compile in here: alone, and from undamaged files; what is new is noted at the end."""
        with one_at_a_time(f"engine-{self.folder.name}"):
            if self._seen is None:
                self._seen = dict(self._checked())
            try:
                yield
            finally:
                self._note()

    def decorated(self, decorate: Callable[[bool], Any]) -> Any:
        """Call ``decorate(cache)`` while Numba's cache points to this folder; without a cache if it cannot be."""
        before = config.CACHE_DIR
        config.CACHE_DIR = str(self.folder)
        try:
            return decorate(True)
        except (RuntimeError, OSError):  # no folder to be written in, or a full disk
            return decorate(False)
        finally:
            config.CACHE_DIR = before

    def _files(self) -> Iterator[tuple[str, Path]]:
        for path in self.folder.rglob("*"):
            if path.suffix in _SUFFIXES:
                yield path.relative_to(self.folder).as_posix(), path

    def _digests(self) -> dict[str, str]:
        return json.loads(kept(self.folder / DIGESTS) or b"{}")

    def _checked(self) -> Iterator[tuple[str, Stamp]]:
        """Remove each file that does not match its digest; give the others."""
        digests = self._digests()
        for name, path in list(self._files()):
            with contextlib.suppress(OSError):
                stamp = _stamp(path)
                if digest_of(path.read_bytes()) == digests.get(name):
                    yield name, stamp
                    continue
            _remove(path)

    def _note(self) -> None:
        """Add the digests of files that were written since they were seen."""
        now = {name: _stamp(path) for name, path in self._files()}
        new = [name for name, stamp in now.items() if self._seen.get(name) != stamp]
        if new:
            told = {name: digest for name, digest in self._digests().items() if name in now}
            told |= {name: digest_of((self.folder / name).read_bytes()) for name in new}
            keep(self.folder / DIGESTS, json.dumps(told, indent=0).encode())
        self._seen = now


def _stamp(path: Path) -> Stamp:
    told = path.stat()
    return told.st_mtime_ns, told.st_size


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def code_cache_of(function: Callable) -> CodeCache | None:
    """Return where the machine code of a function is kept; None where there is no cache.

    Numba compares only a function's own file with its cache, so the folder bears a hash of all sources that
    may be inlined.
    """
    return _cache_in(cache_folder("engine"), sources_key(Path(function.__code__.co_filename).parent))


@cache
def _cache_in(root: Path | None, key: str) -> CodeCache | None:
    return None if root is None else CodeCache(root / key)


@cache
def sources_key(folder: Path) -> str:
    """Hash of the sources of a folder and of this one, the compilers' versions and the processor."""
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__} {np.__version__}".encode())
    digest.update(processor().encode())
    for path in sorted({*Path(__file__).parent.glob("*.py"), *folder.glob("*.py")}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def processor() -> str:
    """Name and features of the processor that code is compiled for."""
    from llvmlite import binding

    features = binding.get_host_cpu_features().flatten() if not config.CPU_FEATURES else config.CPU_FEATURES
    return f"{config.CPU_NAME or binding.get_host_cpu_name()} {features}"
