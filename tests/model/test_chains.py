"""Long chains of formulas are found before a library is asked that would take for ever."""

import pytest

from ldnsim.model.chains import MOST_PAIRS, _pairs


def chain(n):
    """Formulas, each built on the one before: n (n - 1) / 2 pairs."""
    return {f"x{i}": {f"x{i - 1}"} if i else set() for i in range(n)}


@pytest.mark.parametrize("n", [101, 102, 110, 122, 200])
def test_pairs_are_counted_from_where_they_may_be_too_many(n):
    assert n * (n - 1) / 2 > MOST_PAIRS
    assert _pairs(chain(n)) == n * (n - 1) / 2


def test_few_formulas_need_no_counting_and_what_is_not_a_formula_does_not_count():
    assert _pairs(chain(100)) == 0
    wide = {f"y{i}": {"k"} for i in range(500)}
    assert _pairs(wide) == 0
    assert _pairs(wide | {"sum": set(wide)}) == 500


def test_a_long_circle_counts_as_too_many():
    circle = chain(200) | {"x0": {"x199"}}
    assert _pairs(circle) > MOST_PAIRS
