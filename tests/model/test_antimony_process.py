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
