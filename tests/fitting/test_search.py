"""A search that never comes to rest, that ends at once, and one whose steps have the size of what data tell."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import optimize

from ldnsim.fitting import search


class Falling:
    """An objective that falls by so much with every look."""

    def __init__(self, by):
        self.by, self.looks = by, 0
        self.effects = SimpleNamespace(box=[(-9.0, 9.0), (-9.0, 9.0)])

    def answer(self, x):
        self.looks += 1
        slopes = np.array([[2.0, 200.0], [2.0, 100.0]])
        return SimpleNamespace(total=-self.by * self.looks, gradient=slopes.sum(axis=0), slopes=slopes)


@pytest.fixture
def calls(monkeypatch):
    made = []

    def minimize(fun, x0, **how):
        made.append(how)
        fun(x0 + 0.01)
        return SimpleNamespace(message="STOP. ")

    monkeypatch.setattr(optimize, "minimize", minimize)
    return made


def test_units_are_found_three_times_where_nothing_comes_to_rest(calls):
    found = search.search(Falling(1.0), np.zeros(2))
    assert len(calls) == 3
    assert (found.converged, found.words) == (False, "did not converge within 4 evaluations (stop)")
    unit = calls[0]["bounds"][0][1] / 9.0, calls[0]["bounds"][1][1] / 9.0
    assert unit == pytest.approx((1 / min(0.5, search.SHARE), np.sqrt(0.5 * (200.0**2 + 100.0**2))))


def test_what_hardly_falls_is_at_rest(calls):
    found = search.search(Falling(0.9e-5), np.zeros(2))
    assert len(calls) == 1
    assert (found.converged, found.words) == (True, "converged after 2 evaluations")


def test_no_more_evaluations_are_made_than_are_allowed(calls):
    found = search.search(Falling(1.0), np.zeros(2), most=2)
    assert len(calls) == 1
    assert (found.converged, calls[0]["options"]["maxfun"]) == (False, 1)
