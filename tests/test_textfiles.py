"""Files of text: how large, how deep and how encoded they may be, and that a refusal names file and line."""

import os

import pytest

from ldnsim import ModelError, textfiles
from ldnsim.errors import InputError


def test_a_mark_at_the_start_and_line_ends_of_windows_are_not_part_of_the_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    assert textfiles.read_text(tmp_path / "a.txt") == "one\ntwo"


@pytest.mark.kind("not-utf-8")
def test_a_byte_that_is_not_utf_8_is_refused_with_its_line(tmp_path):
    (tmp_path / "a.txt").write_bytes("one\nPräparat".encode("latin-1"))
    with pytest.raises(InputError, match=r"a.txt, line 2: the byte 0xe4 is not UTF-8"):
        textfiles.read_text(tmp_path / "a.txt")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"a.txt: cannot be read: No such file"):
        textfiles.read_text(tmp_path / "a.txt", ModelError)


@pytest.mark.kind("too-large", sibling="a folder, a pipe or a device in place of a file")
def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        textfiles.read_text(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="is a device or pipe"):
            textfiles.read_text(tmp_path / "pipe")


@pytest.mark.kind("too-large")
def test_a_file_above_the_limit_is_refused_and_the_limit_stated(tmp_path):
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(textfiles.LARGEST + 1_000_000)
    with pytest.raises(InputError, match=r"big.txt: is 101 MB; at most 100 MB are read"):
        textfiles.read_text(tmp_path / "big.txt")


@pytest.mark.kind("too-deep", sibling="lists inside each other in a file of TOML")
@pytest.mark.parametrize("levels", [21, 100_000])
@pytest.mark.parametrize("form", ["a = {open}{close}", "a = {open_table}1{close_table}"])
def test_toml_nested_too_deeply_is_refused_and_the_limit_stated(tmp_path, levels, form):
    marks = {"open": "[", "close": "]", "open_table": "{a=", "close_table": "}"}
    text = form.format(**{name: mark * levels for name, mark in marks.items()})
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(InputError, match=r"a.toml: tables and lists are nested more than 20 deep"):
        textfiles.read_toml(tmp_path / "a.toml")


def test_toml_of_twenty_levels_is_read(tmp_path):
    (tmp_path / "a.toml").write_text(f"a = {'[' * 19}{']' * 19}")
    assert "a" in textfiles.read_toml(tmp_path / "a.toml")


def test_what_is_not_toml_is_refused(tmp_path):
    (tmp_path / "a.toml").write_text("a = \n")
    with pytest.raises(InputError, match=r"a.toml: is not TOML: .*line 1"):
        textfiles.read_toml(tmp_path / "a.toml")
