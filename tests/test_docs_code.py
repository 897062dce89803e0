"""Code on the pages of concepts and guides runs, from the first line of a page to its last."""

import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from .referee import referee

DOCS = Path(__file__).parents[1] / "docs"
WITH_CODE = [*sorted(DOCS.glob("concepts/*.md")), *sorted(DOCS.glob("howto/*.md")), *sorted(DOCS.glob("tutorial/*.md"))]
SLOW = [DOCS / "howto" / "sensitivity.md"]  # slopes of all kinds are compiled for it
CHOSEN = [pytest.param(path, marks=[pytest.mark.slow] * (path in SLOW)) for path in WITH_CODE]


@pytest.mark.filterwarnings("ignore:naltrexone together with")  # shown on purpose, and said in the text
@pytest.mark.parametrize("path", CHOSEN, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_code_on_a_page_runs(path, tmp_path, monkeypatch):
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert blocks or path.stem in ("index", "flow")
    if any("import roadrunner" in block for block in blocks):
        referee()
    names = {"__name__": path.stem}
    for block in blocks:
        exec(compile(block, str(path), "exec"), names)
    plt.close("all")
