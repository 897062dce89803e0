"""The file: stands alone, forbids requests, is small; what cannot be one is refused by name."""

import gzip
import json
import re

import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.webpage import document as written
from ldnsim.webpage.document import policy, shell

ONE = "A' = -k*A; B' = k*A - m*B; A = 1; B = 0; k = 0.5; m = 0.1"


@pytest.fixture(scope="module")
def text(page_file):
    return page_file.read_text(encoding="utf-8")


def inside(text, name):
    return re.search(rf'<script type="[^"]*" id="{name}">(.*?)</script>', text, re.DOTALL)[1]


def test_nothing_is_loaded_from_elsewhere(text):
    markup = re.sub(r"<script.*?</script>|<style>.*?</style>", "", text, flags=re.DOTALL)
    assert re.findall(r"""(?:src|href|action)\s*=\s*["']?(?!data:,)[^"'>]""", markup) == []
    assert not re.search(r"@import|url\(", shell("style.css"))
    for name in ("page.js", "worker.js"):
        assert not re.search(
            r"\b(fetch|importScripts|XMLHttpRequest|WebSocket|EventSource)\b", shell(name)
        ), name


def test_the_policy_forbids_every_request(text):
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    rules = dict(rule.split(" ", 1) for rule in found.split("; "))
    assert rules["default-src"] == "'none'"
    assert "unsafe-inline" not in found
    assert "http" not in found
    assert found == policy(shell("page.js"), shell("style.css"))
    assert text.index("Content-Security-Policy") < text.index("<style>") < text.index("<script")


def test_what_is_inside_is_json_and_wasm(text):
    import base64

    spec, engine = (json.loads(inside(text, name)) for name in ("spec", "engine"))
    assert spec["model"] == engine["described"]["model"] == "ldn"
    assert engine["described"]["draws"] == 16
    assert base64.b64decode(inside(text, "wasm"))[:4] == b"\0asm"


def test_the_file_with_200_draws_is_small(tmp_path):
    path = ldn.page("ldn", tmp_path / "ldn.html")
    data = path.read_bytes()
    assert len(data) <= 1_500_000
    assert len(gzip.compress(data)) <= 600_000
    assert json.loads(inside(data.decode(), "engine"))["described"]["draws"] == 200


def test_the_same_call_writes_the_same_file(page_file, tmp_path):
    again = ldn.page("ldn", tmp_path / "again.html", draws=16)
    assert again.read_bytes() == page_file.read_bytes()


@pytest.mark.parametrize("title", ["</script><script>alert(1)</script>", "<!--<script>", "a & b"])
def test_words_of_a_model_never_end_their_element(title):
    spec = {"title": title, "version": "0"}
    text = written.document(spec, {"words": title}, b"\0asm")
    assert text.count("<script") == written.document({**spec, "title": ""}, {"words": ""}, b"").count(
        "<script"
    )
    assert json.loads(inside(text, "engine"))["words"] == title


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"path": "x.txt"}, "path='x.txt': must end in .html or .htm"),
        ({"path": "nowhere/x.html"}, "there is no folder 'nowhere'"),
        ({"draws": -1}, "draws=-1"),
        ({"draws": 2.5}, "draws=2.5"),
        ({"draws": 10**6}, "draws=1000000: must be at most the"),
        ({"model": 3}, "model='int': must be a Model or a name"),
        ({"dose": "4,5"}, "did you mean 4.5, with a point?"),
        ({"dosis": 4.5}, "dosis"),
        ({"model": "lnd"}, "ldn"),
    ],
)
def test_what_cannot_be_a_page_is_refused_in_a_sentence(given, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"model": "ldn", "path": "x.html", "draws": 2, **given}
    with pytest.raises((ldn.InputError, ldn.UnknownNameError)) as refused:
        ldn.page(given.pop("model"), given.pop("path"), **given)
    assert told in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_a_posterior_has_no_draws(tmp_path):
    model = ldn.Model.from_antimony(ONE)
    assert (
        json.loads(inside(ldn.page(model, tmp_path / "one.html").read_text(), "engine"))["described"]["draws"]
        == 0
    )
    with pytest.raises(ldn.InputError, match="no posterior"):
        ldn.page(model, tmp_path / "one.html", draws=10)


def test_the_command_writes_the_same_page(tmp_path, page_file, capsys):
    out = tmp_path / "ldn.html"
    assert cli.run(["page", "ldn", "--out", str(out), "--draws", "16"]) == 0
    assert str(out) in capsys.readouterr().out
    assert out.read_bytes() == page_file.read_bytes()
    assert cli.run(["page", "lnd", "--out", str(out)]) == 2
    assert "ldn" in capsys.readouterr().err


def test_a_page_opens_with_what_the_command_says(tmp_path, capsys):
    path = tmp_path / "mine.html"
    words = ["page", "ldn", "--draws", "4", "--out", str(path), "--dose", "3", "--at", "bedtime", "--days", "14"]
    assert cli.run([*words, "--set", "opioid=tramadol"]) == 0
    start = json.loads(inside(path.read_text(encoding="utf-8"), "spec"))["start"]
    assert (start["dose"], start["at"], start["days"], start["opioid"]) == (3, "22:00", 14, "tramadol")
    assert cli.run(["page", "ldn", "--set", "dosis=3"]) == 2
    assert "'dose'" in capsys.readouterr().err


def test_a_missing_linker_is_told_before_anything_is_compiled(monkeypatch, tmp_path):
    from ldnsim.webpage import wasm

    monkeypatch.setattr(wasm, "cache_folder", lambda *_: None)
    monkeypatch.setattr(wasm.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(wasm, "generated", lambda _: pytest.fail("compiled"))
    mine = ldn.Model.from_antimony(ONE)
    with pytest.raises(ldn.InputError, match=r"needs the linker of the package ziglang.*ldnsim\[page\]"):
        ldn.page(mine, tmp_path / "mine.html")
