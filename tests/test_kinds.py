"""Every kind of input that could go silently wrong has a test, and one of a sibling."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from extensions.kinds import SECTIONS, kept, kinds, page


def test_each_kind_has_a_test_and_one_of_a_sibling():
    marks = kept()
    lacking = [k for k in kinds() if not any(m.kind == k and not m.sibling for m in marks)]
    alone = [k for k in kinds() if not any(m.kind == k and m.sibling for m in marks)]
    assert not lacking, f"no test bears @pytest.mark.kind of {lacking}"
    assert not alone, f"no test bears a sibling of {alone}"


def test_marks_name_kinds_that_are_described():
    unknown = sorted({m.kind for m in kept()} - set(kinds()))
    assert not unknown, f"tests/kinds.toml has no row for {unknown}"


def test_each_kind_says_what_goes_in_and_how_it_is_answered():
    for name, row in kinds().items():
        assert set(row) == {"section", "input", "answer"}, name
        assert all(row.values()), name
        assert row["section"] in SECTIONS, name


def test_the_page_names_each_kind_with_its_tests():
    text = page()
    for mark in kept():
        assert f"`{mark.test}`" in text
    assert all(row["section"] in text for row in kinds().values())
