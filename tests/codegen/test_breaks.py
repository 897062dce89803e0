import pytest
import sympy
from sympy import Eq, Piecewise, floor

from ldnsim.codegen.breaks import break_families
from ldnsim.codegen.jumps import _continuous

t, k, p, x = (sympy.Symbol(n, real=True) for n in ("time", "k", "p", "x"))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Piecewise((1, t < k), (0, True)), [(k, 0)]),
        (Piecewise((1, 2 * t + 1 >= k), (0, True)), [((k - 1) / 2, 0)]),
        (Piecewise((1, (t > 1) & (t < 2)), (0, True)), [(1, 0), (2, 0)]),
        (Piecewise((x, Eq(t, 3)), (0, True)), [(3, 0)]),
        (floor(t / 24), [(0, 24)]),
        (floor((t - k) / p), [(k, p)]),
        (Piecewise((1, t - 24 * floor(t / 24) < 8), (0, True)), [(0, 24), (8, 24)]),
        (Piecewise((1, x < k), (0, True)), []),  # a state: left to the error control
        (Piecewise((1, t < x), (0, True)), []),
        (Piecewise((1, sympy.sin(t) < k), (0, True)), []),  # not linear in time
        (Piecewise((1, t**2 < k), (0, True)), []),
        (t * k + x, []),
    ],
)
def test_jumps_in_time_are_found(expression, expected):
    found = break_families([expression], t, {x})
    pairs = list(zip(found[::2], found[1::2], strict=True))
    assert len(pairs) == len(expected)
    for pair in expected:
        assert any(
            all(sympy.simplify(a - b) == 0 for a, b in zip(pair, other, strict=True)) for other in pairs
        )


def test_a_jump_written_twice_is_found_once():
    once = Piecewise((1, t < k), (0, True))
    assert len(break_families([once, x * once, once + floor(t)], t, {x})) == 4


@pytest.mark.parametrize("size", [0.0, 1e-3, 0.1, 1.0, 30.0])
def test_a_jump_of_any_size_tells_pieces_that_do_not_meet(size):
    pieces = Piecewise((x + size, x > k), (k + (x - k) ** 3, True))
    assert _continuous(pieces, x - k) == (size == 0.0)
