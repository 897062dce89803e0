"""A sweep on disk: a plan, a journal and one file a chunk, none of which a dying process can spoil.

A chunk is written under a temporary name, flushed to the disk and moved into place; then a line with its
checksum is added to the journal. A chunk counts as finished if the journal has it and its checksum agrees; so
whatever the moment of death, what was finished stays and what was not is computed again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, bad
from ..io import made_folder, netcdf_bytes, write_durably
from .journal import Journal
from .work import ChunkResult

if TYPE_CHECKING:
    import xarray as xr

PLAN, JOURNAL, CHUNKS, LOCK = "plan.json", "journal.jsonl", "chunks", "lock"
RESULT = "result.nc"
SEAL = "sha256"  # of the rest of the plan
_ABOUT = "about"


class Store:
    """The folder of a sweep.

    Parameters
    ----------
    path : Path
        The folder; made when something is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = Journal(path / JOURNAL)
        self.finished: dict[int, str] = {}  # chunk -> checksum
        self.spoilt: dict[int, str] = {}  # chunk -> what is wrong with it
        self.result = ""  # checksum of the assembled result

    # --- the plan -----------------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Whether a sweep was begun here."""
        return (self.path / PLAN).is_file()

    def begin(self, plan: Mapping[str, Any], resume: bool) -> None:
        """Start a sweep, or go on with the one that is here.

        Raises
        ------
        InputError
            If the folder holds other things, a sweep that was not to be resumed, or another plan; the message
            names what changed.
        """
        if not self.exists:
            if self.path.is_dir() and set(os.listdir(self.path)) - {CHUNKS, LOCK}:
                raise bad("store", str(self.path), "is a folder with other things in it", "name another one")
            (self.path / CHUNKS).mkdir(parents=True, exist_ok=True)
            sealed = {**plan, SEAL: _digest(plan)}
            write_durably(self.path / PLAN, json.dumps(sealed, indent=1, ensure_ascii=False).encode())
            return
        if not resume:
            raise bad("store", str(self.path), "holds a sweep already", "resume=True continues it")
        self.refuse_other(plan)
        (self.path / CHUNKS).mkdir(exist_ok=True)
        for left in (*self.path.glob("*.part"), *(self.path / CHUNKS).glob("*.part")):
            left.unlink(missing_ok=True)  # of a process that died while writing
        self.journal.mend()

    def plan(self) -> dict[str, Any]:
        """Read the plan."""
        if not self.exists:
            raise bad("store", str(self.path), f"holds no sweep: there is no {PLAN}")
        try:
            plan = json.loads((self.path / PLAN).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise bad("store", str(self.path), f"its {PLAN} cannot be read: {error}") from None
        told = plan.pop(SEAL, "") if isinstance(plan, dict) else ""
        if told != _digest(plan):
            rule = f"its {PLAN} is not as it was written, so what its chunks are called is not known"
            raise bad("store", str(self.path), rule, "put the file back, or name another store")
        return plan

    def refuse_other(self, plan: Mapping[str, Any]) -> None:
        """Refuse a plan that is not the one that is here, naming what changed."""
        refuse_change(self.plan(), json.loads(json.dumps(plan)))

    # --- the journal --------------------------------------------------------------------------------------

    def check(self) -> None:
        """Read the journal and verify every chunk it names."""
        self.finished.clear()
        self.spoilt.clear()
        for line in self.journal.entries():
            if line["chunk"] == "result":
                self.result = line["sha256"]
            else:
                self.finished[line["chunk"]] = line["sha256"]
        for number, told in list(self.finished.items()):
            path = self.file(number)
            try:
                found = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError:
                found = ""
            if found != told:
                missing = "its file cannot be read" if path.exists() else "its file is missing"
                self.spoilt[number] = "its checksum differs" if found else missing
                del self.finished[number]

    @property
    def unlisted(self) -> list[Path]:
        """Chunks of which the journal says nothing; while a sweep runs, the newest may be one."""
        known = {self.file(number) for number in (*self.finished, *self.spoilt)}
        return sorted(path for path in (self.path / CHUNKS).glob("*.npz") if path not in known)

    # --- chunks -------------------------------------------------------------------------------------------

    def file(self, number: int) -> Path:
        """Where a chunk is."""
        return self.path / CHUNKS / f"{number:06d}.npz"

    def keep(self, number: int, answer: ChunkResult, seconds: float) -> None:
        """Write a chunk and its line in the journal."""
        data = packed(answer)
        checksum = hashlib.sha256(data).hexdigest()
        write_durably(self.file(number), data)
        self.journal.note(number, checksum, seconds=round(seconds, 3), at=time.strftime("%Y-%m-%dT%H:%M:%S"))
        self.finished[number] = checksum

    def read(self, number: int) -> ChunkResult:
        """Read a finished chunk."""
        return unpacked(self.file(number).read_bytes())

    def write_result(self, ds: xr.Dataset, changed: bool) -> None:
        """Write the assembled result, unless nothing changed and it is there already."""
        path = self.path / RESULT
        if not changed and path.is_file() and _checksum(path) == self.result:
            return
        data = netcdf_bytes(ds)
        write_durably(path, data)
        self.journal.note("result", hashlib.sha256(data).hexdigest())

    # --- one process at a time ----------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store, so that two processes do not both write; a death releases it.

        Raises
        ------
        InputError
            If another process holds it.
        OSError
            If the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        if self.path.exists() and not self.path.is_dir():
            raise bad("store", str(self.path), "is a file", "name a folder")
        if not self.path.exists():
            made_folder("store", self.path)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(FileLock(self.path / LOCK, timeout=0))
            except Timeout:
                raise bad(
                    "store", str(self.path), "is being written by another process", "wait for it"
                ) from None
            except (OSError, RuntimeError) as error:  # some network drives have no locks
                if getattr(error, "errno", 0) in (errno.EROFS, errno.EACCES, errno.EPERM):
                    raise
            yield


def _digest(plan: Any) -> str:
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def _checksum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def packed(answer: ChunkResult) -> bytes:
    """Bytes of a chunk: an .npz without pickle; equal answers give equal bytes."""
    about = {"dims": answer.dims, "attrs": answer.attrs, "coords": answer.coords}
    out = io.BytesIO()
    np.savez(out, **{_ABOUT: np.array(json.dumps(about))}, **answer.arrays, allow_pickle=False)
    return out.getvalue()


def unpacked(data: bytes) -> ChunkResult:
    """Read what `packed` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        about = json.loads(str(file[_ABOUT]))
        arrays = {name: file[name] for name in about["dims"]}
    return ChunkResult(arrays, about["dims"], about["attrs"], about["coords"])


def refuse_change(old: Mapping[str, Any], new: Mapping[str, Any], inside: str = "") -> None:
    """Raise if two plans differ, naming the first thing that does."""
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        shown = f"{inside}[{name!r}]" if inside else name
        if isinstance(was, dict) and isinstance(now, dict):
            refuse_change(was, now, "" if name == "fixed" else shown)  # those are arguments of the call
        rule = f"was {_short(was)} when this store was begun, so its chunks answer another question"
        raise InputError(
            f"{shown}={_short(now)}: {rule}; name another store, or call with what it was begun with"
        )


def _short(value: Any) -> str:
    text = "not there" if value is None else repr(value)
    return text if len(text) < 200 else text[:160] + " ... " + text[-30:]
