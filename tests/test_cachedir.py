"""The cache folder: whose it is, what mode it has, and files in it that are whole or not there."""

import os
import warnings

import pytest

from ldnsim import cachedir

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(folder))
    return folder


def mode(path):
    return path.stat().st_mode & 0o777


@posix
@pytest.mark.kind("own-cache-folder")
def test_a_folder_of_the_users_own_keeps_its_mode(folder):
    folder.mkdir()
    folder.chmod(0o755)
    assert cachedir.cache_dir() == folder
    assert mode(folder) == 0o755


@posix
@pytest.mark.kind("own-cache-folder", sibling="what is run lies in private folders inside")
def test_what_is_run_lies_in_private_folders(folder):
    folder.mkdir()
    (folder / "kernels").mkdir(mode=0o775)
    assert mode(cachedir.cache_folder("kernels")) == 0o700
    assert mode(cachedir.cache_folder("lanes")) == 0o700


@posix
def test_a_folder_made_for_the_cache_is_private(folder):
    assert cachedir.cache_dir() == folder
    assert mode(folder) == 0o700


@posix
def test_a_folder_of_somebody_else_is_not_used(folder, monkeypatch):
    folder.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    with pytest.warns(UserWarning, match="no kernel cache: .* belongs to another user"):
        assert cachedir.cache_dir() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cachedir.cache_folder("kernels") is None  # said once


@posix
def test_a_user_without_a_home_has_no_cache_and_no_folder_called_tilde(tmp_path, monkeypatch):
    monkeypatch.delenv("LDNSIM_CACHE_DIR", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *a, **k: "~/.cache/ldnsim")
    monkeypatch.chdir(tmp_path)
    cachedir._prepare.cache_clear()
    with pytest.warns(UserWarning, match="no home folder"):
        assert cachedir.cache_dir() is None
    cachedir._prepare.cache_clear()
    assert not list(tmp_path.iterdir())


def test_what_is_kept_is_read_back_unchanged_or_not_at_all(folder):
    path = folder / "a"
    assert cachedir.keep(path, b"one\ntwo")
    assert cachedir.kept(path) == b"one\ntwo"
    path.write_bytes(path.read_bytes()[:-1])
    assert cachedir.kept(path) is None
    path.write_bytes(b"")
    assert cachedir.kept(path) is None
    assert cachedir.kept(folder / "b") is None


def test_a_full_disk_keeps_nothing(folder, monkeypatch):
    monkeypatch.setattr(
        os, "replace", lambda *a: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    assert not cachedir.keep(folder / "a", b"one")
    assert not list(folder.iterdir())
