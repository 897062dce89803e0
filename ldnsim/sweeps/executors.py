"""Where chunks are computed: in this process, or by Dask on any cluster there is."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import bad, need, whole
from .work import ChunkResult, Work

if TYPE_CHECKING:
    from distributed import Client

RETRIES = 3  # a chunk whose worker dies is given to another one so often
AHEAD = 2  # chunks under way for each worker thread


def here(work: Work, numbers: Sequence[int], threads: int | None) -> Iterator[tuple[int, ChunkResult, float]]:
    """Compute chunks in this process; yields number, answer and seconds."""
    for number in numbers:
        start = time.perf_counter()
        answer = work.compute(number, threads)
        yield number, answer, time.perf_counter() - start


def on_dask(
    work: Work, numbers: Sequence[int], client: Client, threads: int | None
) -> Iterator[tuple[int, ChunkResult, float]]:
    """Compute chunks on a cluster, in the order in which they come back.

    Only a few chunks are under way at a time, so that answers do not pile up, and a lost worker costs no more
    than what it was given.
    """
    from distributed import as_completed

    shared = client.scatter(work, broadcast=True, hash=False)
    waiting = iter(numbers)

    def submit(count: int) -> list:
        some = (next(waiting, None) for _ in range(count))
        return [
            client.submit(timed, shared, n, threads, pure=False, retries=RETRIES)
            for n in some
            if n is not None
        ]

    room = max(1, AHEAD * sum(client.nthreads().values()))
    running = as_completed(submit(room))
    try:
        for future in running:
            number, answer, seconds = future.result()
            future.release()
            running.update(submit(1))
            yield number, answer, seconds
    finally:
        client.cancel(list(running.futures), force=True)


def timed(work: Work, number: int, threads: int | None) -> tuple[int, ChunkResult, float]:
    """Compute a chunk on a worker, with the threads that the worker has."""
    from distributed import get_worker

    own = get_worker().state.nthreads if threads is None else threads
    start = time.perf_counter()
    answer = work.compute(number, own)
    return number, answer, time.perf_counter() - start


@contextlib.contextmanager
def cluster(executor: Any, workers: int | None) -> Iterator[Client | None]:
    """Give the client that an executor stands for; None is this process.

    Raises
    ------
    InputError
        If it is no executor, or Dask is not installed.
    """
    if workers is not None:
        whole("workers", workers, 1)
    if executor is None:
        if workers is not None:
            raise bad("workers", workers, "has no effect without executor='dask'")
        yield None
    elif isinstance(executor, str) and executor == "dask":
        need("distributed", "sweep", "executor", executor)
        from distributed import Client, LocalCluster

        with (
            _main_is_not_run_again(),
            LocalCluster(n_workers=workers, threads_per_worker=1) as local,
            Client(local) as client,
        ):
            yield client
    elif hasattr(executor, "submit") and hasattr(executor, "scatter"):
        if workers is not None:
            raise bad("workers", workers, "has no effect beside a Client, which has its own")
        yield executor
    else:
        raise bad("executor", executor, "must be None, 'dask' or a distributed.Client")


@contextlib.contextmanager
def _main_is_not_run_again() -> Iterator[None]:
    """Start processes that do not run the user's script first, which without a main guard would never end.

    A new process of Python's `multiprocessing` runs the file of the main module, or imports it by the name in
    its spec. Workers need nothing of it: what they get is plain data and this package.
    """
    main = vars(sys.modules["__main__"])
    hidden = {name: main.pop(name) for name in ("__file__", "__spec__") if name in main}
    main["__spec__"] = None
    try:
        yield
    finally:
        main.update({"__spec__": None} | hidden)
