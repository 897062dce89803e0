"""The site builds without a warning and without a network, and its pages hold what they promise."""

import html
import importlib.util
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

import ldnsim as ldn

from .conftest import public

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MISSING = [p for p in ("sphinx", "myst_nb", "pydata_sphinx_theme") if find_spec(p) is None]
needs_sphinx = pytest.mark.skipif(
    bool(MISSING),
    reason=f"THE SITE IS NOT CHECKED: {', '.join(MISSING)} not installed (pip install '.[docs]')",
)


class Page(HTMLParser):
    """What a page links to, and the anchors it has."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.fetched = [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        source = found.get("src") or (found.get("href") if tag == "link" else None)
        if source:
            self.links.append(source)
            if urlsplit(source).netloc:
                self.fetched.append(source)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site") / "html"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return {
        p.relative_to(out).as_posix(): Page(p) for p in out.rglob("*.html") if "_static" not in p.parts
    }, out


@needs_sphinx
@pytest.mark.slow
def test_links_lead_to_pages_and_places_that_are_there(site):
    pages, out = site
    broken = []
    for name, page in pages.items():
        for link in page.links:
            to = urlsplit(link)
            if to.scheme or to.netloc:
                continue
            target = (out / name).parent / unquote(to.path) if to.path else out / name
            other = pages.get(Path(os.path.relpath(target, out)).as_posix())
            if not target.exists() or (to.fragment and other and unquote(to.fragment) not in other.anchors):
                broken.append(f"{name}: {link}")
    assert not broken, broken[:20]


@needs_sphinx
@pytest.mark.slow
def test_the_first_page_has_a_title_that_says_what_this_is(site):
    _, out = site
    text = (out / "index.html").read_text(encoding="utf-8")
    title = html.unescape(re.search(r"<title>(.*?)</title>", text)[1])
    assert title == "Low-dose naltrexone, simulated — ldnsim"


@needs_sphinx
@pytest.mark.slow
def test_every_public_name_has_a_page_with_its_example(site):
    _, out = site
    for name, thing in public().items():
        page = out / "generated" / "api" / f"ldnsim.{name}.html"
        if not callable(thing) and "." in name:  # what a class holds stands on its page
            page = page.with_name(f"ldnsim.{name.rpartition('.')[0]}.html")
        assert page.is_file(), f"ldnsim.{name} has no page"
        text = page.read_text(encoding="utf-8")
        assert f'id="ldnsim.{name}"' in text
        assert "Examples" in text or not callable(thing)


@needs_sphinx
@pytest.mark.slow
def test_the_model_stands_there_with_every_equation_and_number(site):
    _, out = site
    text = {p.stem: p.read_text(encoding="utf-8") for p in (out / "generated" / "models").glob("*.html")}
    model = ldn.load_model("ldn")
    rates = len(re.findall(r"<mi>d</mi>\s*<mi>t</mi>", text["ldn_equations"]))
    assert rates == len(model.states)
    assert text["ldn_equations"].count("<math") >= len(model.states) + len(model.structure.assignments)
    for name, row in model.parameters.iterrows():
        cells = re.search(rf'<span class="pre">{name}</span>.*?</tr>', text["ldn_parameters"], re.DOTALL)
        assert cells, name
        assert f"{row.value:.6g}" in cells[0]
        assert row.grade in cells[0]
    for name in (*model.scenarios, *model.conditions):
        assert name in text["ldn_scenarios"]


@needs_sphinx
@pytest.mark.slow
def test_the_gallery_shows_every_figure_with_its_code(site):
    pages, out = site
    text = (out / "gallery.html").read_text(encoding="utf-8")
    for name in ldn.plots.__all__:
        assert f"generated/api/ldnsim.plots.{name}.html" in text, name
        assert any(re.fullmatch(rf"_images/{name}\d*\.png", link) for link in pages["gallery.html"].links)


@needs_sphinx
@pytest.mark.slow
def test_nothing_is_fetched_when_a_page_is_opened(site):
    pages, _ = site
    found = {name: page.fetched for name, page in pages.items() if page.fetched}
    assert not found


@needs_sphinx
@pytest.mark.slow
def test_readers_find_the_sections_from_the_first_page(site):
    pages, _ = site
    first = " ".join(pages["index.html"].links)
    for section in ("start", "concepts/index", "howto/index", "questions", "model", "evidence", "gallery",
                    "notebooks", "generated/reference", "explorer", "performance", "limits"):  # fmt: skip
        assert f"{section}.html" in first


def test_the_speed_readme_tells_is_that_of_the_stored_race():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    told = re.search(r"<!-- speed -->\n(.*?)<!-- end of speed -->", text, re.DOTALL)[1]
    race = (ROOT / "benchmarks" / "results" / "peers.md").read_text(encoding="utf-8")
    speeds = re.findall(r"\b\d+(?:,\d{3})+\b|\b\d+\.\d+\b", told)
    assert len(speeds) >= 3
    assert not [number for number in speeds if f"| {number} |" not in race], "write the numbers of peers.md"


def test_the_page_of_three_numbers_is_right():
    text = (ROOT / "docs" / "concepts" / "people.md").read_text(encoding="utf-8")
    rows = dict(
        re.findall(r"^\| (nominal|median of draws|median of people) \| ([\d.]+) \|", text, re.MULTILINE)
    )
    first = re.search(r"([\d.]+) from the first 200 of them", text)[1]
    of_claims = re.search(r"([\d.]+) from the 400 of \[claims\]", text)[1]
    model, night, k = (
        ldn.load_model("ldn"),
        ldn.Regimen.daily(4.5, days=28, at="22:00"),
        "hours_blocked_peripheral",
    )

    def middle(subjects):
        return f"{float(np.median(ldn.simulate(model, night, subjects=subjects, metrics=[k])[k])):.2f}"

    assert rows["nominal"] == middle(None)
    assert rows["median of draws"] == middle(ldn.posterior(model))
    assert first == middle(ldn.posterior(model, 200))
    assert rows["median of people"] == middle(ldn.population(model, n=1000, seed=7))
    assert f"| {of_claims} (" in (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")


def test_each_promise_is_kept_by_tests_that_exist():
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 15
    for row in rows:
        named = re.findall(r"`([^`]+)`", row)
        assert named, row
        for name in named:
            path, _, test = name.removeprefix("python -m ").partition("::")
            file = ROOT / "tests" / path if path.endswith(".py") else ROOT / f"{path.replace('.', '/')}.py"
            assert file.is_file(), name
            assert f"\ndef {test}(" in file.read_text(encoding="utf-8") or not test, name


def test_files_that_the_contributor_is_sent_to_are_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Where do I add ...")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 12
    for row in rows:
        folder = ROOT
        for name in re.findall(r"`([\w/<>*.]+)`", row):
            if name.isupper():  # a constant
                continue
            path = name.replace("<name>", "ldn")
            found = [*ROOT.glob(path), *folder.glob(path), *folder.glob(f"{path}.py")]
            assert found, name
            folder = found[0] if found[0].is_dir() else found[0].parent


TERMS = (
    "Antimony", "assumed", "baseline", "blocked", "claim", "cytokine", "Dataset", "draw", "endorphin", "evidence",
    "feedback", "fitted", "grade", "interval", "holds", "LDN", "measured", "median", "mu receptor", "naltrexone",
    "nominal", "parameter", "PET", "posterior", "regimen", "rests on", "SBML", "scenario", "structure", "TLR4",
    "tone", "trajectory", "virtual patient",
)  # fmt: skip


def test_the_terms_of_the_readme_are_explained():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    entries = re.findall(r"^(\S.*)\n  \S", glossary, re.MULTILINE)
    assert entries == sorted(entries, key=str.lower)
    for term in TERMS:
        stem = re.escape(term).replace("ory", "or(?:y|ies)").replace("\\ ", r"\s")
        assert re.search(stem, text, re.IGNORECASE), f"{term}: not in the README any more"
        assert term in entries


def test_a_formula_is_cut_where_a_line_may_be_broken():
    spec = importlib.util.spec_from_file_location("mathml", DOCS / "extensions" / "mathml.py")
    mathml = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mathml)
    text = r"a = b + \frac{c + d}{e} \cdot \left(f - g\right), \qquad a(0) = 1"
    cut = ["a", "= b", r"+ \frac{c + d}{e}", r"\cdot \left(f - g\right),", r"\qquad a(0)", "= 1"]
    assert mathml.parts(text) == cut
    cases = r"x = \begin{cases} a + b & \text{if } c = d \\ 1 & \text{otherwise} \end{cases}"
    assert mathml.parts(cases) == ["x", cases[2:]]
    assert " ".join(mathml.parts(text)) == text


SEARCH = ("language_data.js", "searchtools.js")  # scripts of the page of the search


@pytest.mark.slow  # as all that needs the whole site
@needs_sphinx
def test_the_search_ranks_guides_before_pages_of_single_names(site):
    _, out = site
    ranks = (DOCS / "_static" / "scorer.js").read_text(encoding="utf-8").strip()
    assert any(ranks in (out / "_static" / name).read_text(encoding="utf-8") for name in SEARCH)
