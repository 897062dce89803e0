"""Order conditions of the tableaux, tree by tree: what no course has to be computed for.

Butcher's rooted trees; for linearly implicit methods in the form of Hairer and Wanner, Solving ODEs II, IV.7: below
a vertex with one child beta = alpha + gamma counts, else alpha.
"""

import itertools
import math

import numpy as np
import pytest

from ldnsim.engine import tableaux as t
from ldnsim.engine.methods import METHODS

SHARES = np.linspace(0.05, 1.0, 7)


def trees(order):
    """All rooted trees of so many vertices, as sorted tuples of subtrees."""
    if order == 1:
        return [()]
    found = set()
    for sizes in partitions(order - 1):
        for children in itertools.product(*map(trees, sizes)):
            found.add(tuple(sorted(children)))
    return sorted(found)


def partitions(n, most=None):
    """All ways to write n as a sum, largest first."""
    if n == 0:
        return [()]
    return [(k, *rest) for k in range(min(n, most or n), 0, -1) for rest in partitions(n - k, k)]


def size(tree):
    return 1 + sum(map(size, tree))


def density(tree):
    return size(tree) * math.prod(map(density, tree))


def stages(tree, alpha, beta):
    """What a tree comes to at each stage."""
    if not tree:
        return np.ones(len(alpha))
    if len(tree) == 1:
        return beta @ stages(tree[0], alpha, beta)
    return math.prod(alpha @ stages(child, alpha, beta) for child in tree)


def tsit5():
    """Coefficients, weights at a share of a step, and nodes, of the explicit method."""
    a = t.TSIT5_A
    return a, a, lambda s: s ** np.arange(1, 5) @ t.TSIT5_P, t.TSIT5_C


def rodas5p():
    """The same of the linearly implicit method, back from its transformed form."""
    back = np.linalg.inv(np.eye(8) / t.RODAS5P_GAMMA - t.RODAS5P_K)
    last = t.RODAS5P_A[7] + np.eye(8)[7]

    def weights(s):
        inside = t.RODAS5P_H[0] + s * (t.RODAS5P_H[1] + s * t.RODAS5P_H[2])
        return (s * last + s * (1.0 - s) * inside) @ back

    alpha = t.RODAS5P_A @ back
    return alpha, alpha + back, weights, t.RODAS5P_C


TABLES = {"tsit5-scalar": tsit5, "rodas5p-scalar": rodas5p}


@pytest.mark.parametrize("name", TABLES)
def test_a_step_meets_the_conditions_of_its_order_and_not_those_of_the_next(name):
    alpha, beta, weights, _ = TABLES[name]()
    order = METHODS[name].order
    gaps = {
        k: max(abs(weights(1.0) @ stages(x, alpha, beta) - 1 / density(x)) for x in trees(k))
        for k in range(1, order + 2)
    }
    assert max(gap for k, gap in gaps.items() if k <= order) < 2e-12
    assert gaps[order + 1] > 1e-5


@pytest.mark.parametrize("name", TABLES)
def test_the_interpolant_meets_the_conditions_of_its_order_inside_a_step(name):
    alpha, beta, weights, _ = TABLES[name]()
    for k in range(1, METHODS[name].dense + 1):
        for tree in trees(k):
            phi = stages(tree, alpha, beta)
            found = [weights(s) @ phi for s in SHARES]
            np.testing.assert_allclose(found, SHARES**k / density(tree), atol=1e-11)


@pytest.mark.parametrize("name", TABLES)
def test_nodes_are_row_sums(name):
    alpha, beta, _, nodes = TABLES[name]()
    np.testing.assert_allclose(alpha.sum(axis=1), nodes, atol=1e-13)
    if name == "rodas5p-scalar":
        np.testing.assert_allclose((beta - alpha).sum(axis=1), t.RODAS5P_D, atol=1e-13)


def test_errors_are_of_the_order_below():
    """The error estimate vanishes on all trees of four vertices, and not on all of five."""
    back = np.linalg.inv(np.eye(8) / t.RODAS5P_GAMMA - t.RODAS5P_K)
    for name, error in (("tsit5-scalar", t.TSIT5_E), ("rodas5p-scalar", np.eye(8)[7] @ back)):
        alpha, beta, *_ = TABLES[name]()
        gaps = {k: max(abs(error @ stages(x, alpha, beta)) for x in trees(k)) for k in range(1, 6)}
        assert max(gaps[k] for k in range(1, 5)) < 2e-12
        assert gaps[5] > 1e-5


def test_trees_are_all_there():
    assert [len(trees(k)) for k in range(1, 7)] == [1, 1, 2, 4, 9, 20]
    assert sorted(density(x) for x in trees(4)) == [4, 8, 12, 24]
