"""Long work is broken off: those who work look now and then, and a failure of one ends the others."""

import threading

import pytest

from ldnsim.engine.threads import SLICE, BrokenOff, look, spread, steps_of_a_slice


@pytest.mark.parametrize("work", [1.0, 50.0, 2e4, 1e6])
def test_two_looks_are_as_much_work_apart_whatever_a_step_costs(work):
    assert steps_of_a_slice(work) * work == pytest.approx(SLICE, rel=0.01)


def test_costly_steps_and_free_ones_have_limits():
    assert steps_of_a_slice(1e9) == 16
    assert steps_of_a_slice(0.0) == steps_of_a_slice(1.0)


def test_a_failure_of_one_breaks_off_those_who_work():
    working, ended = threading.Event(), []

    def work(item):
        if item == 0:
            working.wait()
            raise RuntimeError("the first one")
        try:
            while True:
                look()
                working.set()
        except BrokenOff:
            ended.append(item)
            raise

    with pytest.raises(RuntimeError, match="the first one"):
        list(spread(work, range(2), 2))
    assert ended == [1]
    look()  # whoever waits goes on
