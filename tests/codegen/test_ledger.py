"""Kernels give what they gave, see `tests/ledger.py`."""

import pytest

from ..antimony_release import since_2_15
from ..ledger import differs, kept_of, sums_of, tolerance_of
from .cases import CASES

KEPT = kept_of("codegen")


@since_2_15
@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_what_it_was(name):
    assert differs(KEPT[name], sums_of(CASES[name]()), tolerance_of("codegen", name)) == ""
