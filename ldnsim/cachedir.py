"""The cache folder of this user, and files in it that a reader gets whole and unchanged or not at all."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

_THREADS = threading.RLock()  # those of one process wait for each other, as processes do


def cache_dir() -> Path | None:
    """Return the folder for compiled kernels and parsed models, or None where none can be written.

    ``LDNSIM_CACHE_DIR`` moves it; a folder that is there already keeps its mode. Where it cannot be written,
    one warning is given per process, and everything is done in memory.
    """
    return _prepare(os.environ.get("LDNSIM_CACHE_DIR", ""))


@functools.cache
def _prepare(override: str) -> Path | None:
    try:
        folder = Path(override).expanduser().absolute() if override else _usual_folder()
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_foreign(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as error:  # RuntimeError: "~" of a user without a home
        warnings.warn(
            f"no kernel cache: {error}; kernels are compiled again in every process "
            "(set LDNSIM_CACHE_DIR to a folder of yours that can be written)",
            stacklevel=4,
        )
        return None
    return folder


def _usual_folder() -> Path:
    import platformdirs

    folder = Path(platformdirs.user_cache_dir("ldnsim", appauthor=False))
    if not folder.is_absolute():  # "~" where there is no home folder
        raise FileNotFoundError("this user has no home folder")
    return folder


def _refuse_foreign(folder: Path) -> None:
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")


def cache_folder(part: str) -> Path | None:
    """Return the folder of one kind of files; None where there is none.

    It is private to the user (mode 0700) whatever the mode of the folder around it: what is loaded from it
    is run.
    """
    root = cache_dir()
    if root is None:
        return None
    folder = root / part
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_foreign(folder)
        if os.name == "posix" and folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError:
        return None
    return folder


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def keep(path: Path, data: bytes) -> bool:
    """Keep bytes in the cache, with their digest; a full disk costs time later, and nothing else."""
    try:
        write_atomic(path, digest_of(data).encode() + b"\n" + data)
    except OSError:
        return False
    return True


def kept(path: Path) -> bytes | None:
    """Return what `keep` wrote; None where there is nothing, or something that does not match its digest."""
    try:
        head, _, data = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return data if head == digest_of(data).encode() else None


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file under a temporary name in the same folder, then move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Let one process compile while others wait for its result; where there are no locks, all compile.

    Parameters
    ----------
    name : str
        Of what is compiled, with its version: nobody waits for something else.
    """
    folder = cache_folder("locks")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_THREADS)
        if folder is not None:
            with contextlib.suppress(OSError, RuntimeError):  # some network drives have no locks
                stack.enter_context(_lock(folder / f"{name}.lock"))
        yield


@functools.cache
def _lock(path: Path):
    from filelock import FileLock

    return FileLock(path, mode=0o600)
