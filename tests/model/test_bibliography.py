"""Entries of BibTeX are handed out as they stand."""

import pytest

from ldnsim.errors import ModelError
from ldnsim.model.bibliography import bibtex, entries, keys_of

FIRST = "@article{One2020,\n  title = {About {one}},\n  year = 2020\n}"
SECOND = "@book{Two2021,\n  title = {Two}}"
THIRD = "@misc { Three , note = {three} }"


def written(tmp_path, *parts):
    path = tmp_path / "references.bib"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def test_an_entry_ends_before_the_next_and_remarks_between_are_left_out(tmp_path):
    path = written(tmp_path, FIRST, "% a remark", SECOND, THIRD)
    assert entries(path) == {"One2020": FIRST, "Two2021": SECOND, "Three": THIRD}
    assert bibtex(path, ["Three", "One2020"]) == f"{THIRD}\n\n{FIRST}\n"


def test_a_key_that_is_given_twice_is_refused(tmp_path):
    with pytest.raises(ModelError, match="the key 'Two2021' is given twice"):
        entries(written(tmp_path, FIRST, SECOND, SECOND))


def test_sources_hold_keys_and_what_is_assumed():
    assert keys_of(["B;A", "assumed", "A; C"]) == ("B", "A", "C")
