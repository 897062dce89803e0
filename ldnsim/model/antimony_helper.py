"""The process that the Antimony library runs in: kept for the next text, replaced where a text broke it.

The library is not trusted to come to an end. A text on which it breaks down, or that it does not get through, costs
that process and is refused; Ctrl-C ends it too. The first text takes 0.06 s, the next ones 0.004 s each.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO, cast

from ..errors import ModelError
from . import antimony_process
from .antimony_process import Answer

SCRIPT = Path(antimony_process.__file__)
SECONDS = 60.0  # for one text


class Helper:
    """A process that translates one text after another.

    Parameters
    ----------
    script : Path
        What it runs.
    seconds : float
        Within which a text is to be answered.
    """

    def __init__(self, script: Path = SCRIPT, seconds: float = SECONDS) -> None:
        self._script, self._seconds = script, seconds
        self._lock = threading.RLock()  # the library keeps its models in globals, here too
        self._started: dict[int, subprocess.Popen] = {}  # by our own process: one that was forked starts another
        atexit.register(self.end)
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(after_in_child=self._unlock)

    def _unlock(self) -> None:
        """Have a lock of one's own: the old one may be held by a thread that a forked process does not have."""
        self._lock = threading.RLock()

    def asked(self, function: str, *arguments: str | None) -> Answer:
        """Have a function of `antimony_process` answer; without a process to do it, here."""
        with self._lock:
            process = self._running()
            told = None if process is None else self._told(process, json.dumps([function, *arguments]).encode() + b"\n")
            try:
                good, words = json.loads(told or "")
            except ValueError:  # no Python could be started, or another program
                self.end()
                return antimony_process.answer(function, *arguments)
            return good, words

    def _running(self) -> subprocess.Popen | None:
        process = self._started.get(os.getpid())
        if process is not None and process.poll() is not None:  # as after Ctrl-C
            self.end()
            process = None
        if process is None and sys.executable and not getattr(sys, "frozen", False):
            try:
                process = subprocess.Popen(
                    [sys.executable, str(self._script)],
                    cwd=sys.prefix,  # no models lie there; Windows would keep ours, or this package, from being removed
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError:  # a system that starts no processes
                return None
            places = [place for place in sys.path if isinstance(place, str)]  # Python passes over all else
            _write(process, json.dumps(places).encode() + b"\n")
            self._started[os.getpid()] = process  # not before: it would take the next request for the places
        return process

    def _told(self, process: subprocess.Popen, request: bytes) -> bytes:
        """Return the line that answers a request; empty where the process never began to."""
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            _write(process, request)
            told = cast(BinaryIO, process.stdout).readline()
        except BaseException:  # Ctrl-C: its answer would be taken for the next one
            self.end()
            raise
        finally:
            timer.cancel()
        if told.endswith(b"\n"):
            return told
        code = process.wait()
        self.end()
        if late.is_set():
            raise ModelError(
                f"the Antimony library does not get through this text in {self._seconds:g} s, the limit; "
                "write it with fewer formulas that build on each other, or give SBML"
            )
        if code < 0 or code > 255:  # a signal; on Windows the number of an exception
            raise ModelError(
                f"the Antimony library broke down on this text (exit code {code}); "
                "its formulas may be nested too deeply"
            )
        return told

    def end(self) -> None:
        """End the process; the next text starts another."""
        process = self._started.pop(os.getpid(), None)
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):  # of a request that it had not read to the end
                cast(BinaryIO, process.stdin).close()
            with process:  # waits, and closes what was open
                pass


def _write(process: subprocess.Popen, line: bytes) -> None:
    into = cast(BinaryIO, process.stdin)
    try:
        into.write(line)
        into.flush()
    except OSError:  # it has ended: seen where its answer is read
        pass


HELPER = Helper()
