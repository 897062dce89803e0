"""Files of machine code: those that match their digests stay, all others go before anybody loads them."""

import os

import pytest

from ldnsim.engine.codecache import DIGESTS, CodeCache


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A folder in which two functions were compiled."""
    monkeypatch.setenv("LDNSIM_CACHE_DIR", str(tmp_path / "cache"))
    cache = CodeCache(tmp_path / "code")
    for name in ("a", "b"):
        with cache.intact():
            for suffix in ("nbi", "nbc"):
                path = cache.folder / "module" / f"{name}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(f"{name} {suffix}".encode())
    return cache.folder


def found(folder):
    """What another process finds when it begins to load."""
    with CodeCache(folder).intact():
        return sorted(path.name for path in (folder / "module").iterdir())


def test_what_was_compiled_is_found(written):
    assert found(written) == ["a.nbc", "a.nbi", "b.nbc", "b.nbi"]


@pytest.mark.parametrize("content", [b"a nb", b"", bytes(5), b"b nbc"])
def test_a_file_that_does_not_match_its_digest_is_removed(written, content):
    (written / "module" / "a.nbc").write_bytes(content)
    assert found(written) == ["a.nbi", "b.nbc", "b.nbi"]


def test_a_file_without_a_digest_is_removed(written):
    (written / "module" / "c.nbc").write_bytes(b"of a process that died")
    (written / "module" / "d.nbi").mkdir()
    assert found(written) == ["a.nbc", "a.nbi", "b.nbc", "b.nbi"]


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[1, 2"])
def test_without_good_digests_all_is_compiled_anew(written, content):
    path = written / DIGESTS
    path.unlink() if content is None else path.write_bytes(content)
    assert found(written) == []


def test_what_is_damaged_later_is_not_taken_for_new(written):
    cache = CodeCache(written)
    with cache.intact():
        pass
    path = written / "module" / "a.nbc"
    time = path.stat().st_mtime_ns
    path.write_bytes(b"a nbX")
    os.utime(path, ns=(time, time))  # a disk that fails does not say when
    with cache.intact():
        (written / "module" / "c.nbc").write_bytes(b"new")
    assert found(written) == ["a.nbi", "b.nbc", "b.nbi", "c.nbc"]
