"""The private cache folder of this user, and files written so that a reader never sees half of one."""

from __future__ import annotations

import functools
import os
import tempfile
import warnings
from pathlib import Path


def cache_dir() -> Path | None:
    """Return the folder for compiled kernels and parsed models, or None where none can be written.

    ``LDNSIM_CACHE_DIR`` moves it. The folder is private to the user (mode 0700), because what is loaded
    from it is run. Where it cannot be written, one warning is given per process.
    """
    return _prepare(os.environ.get("LDNSIM_CACHE_DIR", ""))


@functools.cache
def _prepare(override: str) -> Path | None:
    import platformdirs

    folder = Path(override) if override else Path(platformdirs.user_cache_dir("ldnsim", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{folder} belongs to another user")
        os.chmod(folder, 0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        warnings.warn(
            f"no kernel cache: {error}; kernels are compiled anew in every process "
            "(set LDNSIM_CACHE_DIR to a folder of yours that can be written)",
            stacklevel=4,
        )
        return None
    return folder


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
