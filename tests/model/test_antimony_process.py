"""The process that is asked to translate: requests on stdin, the answers alone on stdout."""

import json
import subprocess
import sys

import pytest

from ldnsim.model import antimony_process


@pytest.mark.parametrize(
    ("function", "text", "good", "part"),
    [
        ("to_sbml", "A' = -k*A; A = 1; k = 0.5", True, "<sbml "),
        ("to_sbml", "A' = -k*", False, "syntax error"),
        ("to_antimony", "no model", False, ""),
    ],
)
def test_a_request_has_its_answer_on_stdout(function, text, good, part):
    arguments = [text, None] if function == "to_sbml" else [text]
    asked = "\n".join([json.dumps(sys.path), *[json.dumps([function, *arguments])] * 2])
    done = subprocess.run(
        [sys.executable, antimony_process.__file__], input=asked, capture_output=True, text=True, check=True
    )
    one, other = done.stdout.splitlines()
    assert one == other
    found, answer = json.loads(one)
    assert found is good
    assert part in answer


def test_there_and_back():
    good, sbml = antimony_process.to_sbml("model one; A' = -k*A; A = 1; k = 0.5; end", None)
    assert good
    assert antimony_process.to_antimony(sbml)[0]
    assert "A' = -k*A" in antimony_process.to_antimony(sbml)[1]


@pytest.mark.kind("start-of-an-amount", sibling="a release of Antimony that takes it for a concentration")
@pytest.mark.parametrize("step", [1, -1])  # attributes in either order
@pytest.mark.parametrize(("value", "release", "good"), [(3, "2.14.0", False), (0, "2.14.0", True), (3, "2.15", True)])
def test_an_old_release_is_not_asked_for_first_amounts(monkeypatch, value, release, good, step):
    antimony = pytest.importorskip("antimony")
    monkeypatch.setattr(antimony, "__version__", release)
    sbml = antimony_process.to_sbml("model m; end", None)[1]
    attributes = [f'initialConcentration="{value}"', 'hasOnlySubstanceUnits="true"'][::step]
    species = f'<species id="S" {" ".join(attributes)} constant="false"/>'
    monkeypatch.setattr(antimony, "getSBMLString", lambda _: sbml.replace("/>", f">{species}</model>", 1))
    told, text = antimony_process.to_sbml("model m; end", None)
    assert told is good
    assert good or "from 2.15 on it is the amount" in text
