"""What happens to a sweep that is broken off: what is finished stays, and the user is told how to go on."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from .store import Store


class Terminated(SystemExit):
    """The process was asked to end (SIGTERM)."""


@contextlib.contextmanager
def told_how_to_resume(store: Store, total: int) -> Iterator[None]:
    """Turn SIGTERM into an exception meanwhile, and say on every way out how to go on."""
    with _terminable():
        try:
            yield
        except (Exception, KeyboardInterrupt, Terminated) as error:
            kept = f"{len(store.finished)} of {total} chunks are kept in {store.path}"
            how = "the same call with resume=True (ldnsim sweep ... --resume) goes on from there"
            if isinstance(error, Exception):
                error.add_note(f"{kept}; {how}")
                if isinstance(error, OSError):
                    raise OSError(error.errno, f"{error.strerror}; {kept}; {how}", error.filename) from error
            else:
                print(f"stopped: {kept}; {how}", file=sys.stderr, flush=True)
            raise


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Only the main thread may handle signals; elsewhere SIGTERM ends the process as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise Terminated(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)
