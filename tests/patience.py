"""A plugin of pytest that lets go of tests which take too long, and names them: for runs without a compiler.

    NUMBA_DISABLE_JIT=1 python -m pytest -p tests.patience --patience 60 -rs -m "not slow and not alone" tests/study

Plain Python takes a hundred times as long as machine code, so that some tests would take hours. One that computes for
more seconds than that is skipped, as is what makes a fixture for longer than twice as many.
"""

from __future__ import annotations

import contextlib
import signal

import pytest


def pytest_addoption(parser):
    parser.addoption("--patience", type=float, default=60.0, help="seconds of computing that a test may take")


@contextlib.contextmanager
def at_most(seconds):
    def late(*_):
        pytest.skip(f"more than {seconds:g} s without a compiler")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    with at_most(2 * item.config.getoption("patience")):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with at_most(item.config.getoption("patience")):
        return (yield)
