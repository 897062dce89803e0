"""The generated pages in docs are what the commands write today: same words, same numbers as printed."""

import platform
import re
from pathlib import Path

import pytest

import ldnsim as ldn
from ldnsim.inference import report
from ldnsim.study import pages, question_table

ROOT = Path(__file__).parents[2]
# Another family of processors rounds otherwise, so that a share of draws may fall on the other side of a border.
SAME = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="pages were made on x86-64")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e\d+)?(?![\w])")


def step(number):
    """Size of the last digit printed; of a whole number one in its third digit, as it may be rounded there."""
    mantissa, _, power = number.lstrip("-").partition("e")
    if "." in mantissa or power:
        return 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    return 10.0 ** max(len(mantissa) - 3, 0)


def differences(shipped, made):
    """Lines that differ in more than the last digit of a number, which another processor may round."""
    found = []
    old, new = shipped.splitlines(), made.splitlines()
    for one, other in zip(old, new, strict=False):
        same_words = NUMBER.sub("#", one) == NUMBER.sub("#", other)
        pairs = list(zip(NUMBER.findall(one), NUMBER.findall(other), strict=False))
        if not same_words or any(abs(float(a) - float(b)) > 1.01 * max(step(a), step(b)) for a, b in pairs):
            found.append(f"- {one}\n+ {other}")
    return found + [f"lines: {len(old)} against {len(new)}"] * (len(old) != len(new))


@pytest.fixture(scope="module")
def model():
    return ldn.load_model("ldn")


@pytest.fixture(scope="module")
def rows(model):
    return ldn.claims(model)


def shipped(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_a_digit_may_be_rounded_and_nothing_else():
    line = "| 1.56 (1.28 to 1.91) | 125 h | `CL_ntx` 4 | holds |"
    assert not differences(line, line.replace("1.91", "1.92"))
    assert differences(line, line.replace("1.91", "1.94"))
    assert differences(line, line.replace("holds", "likely"))
    assert differences(line, line.replace("125", "127"))
    assert differences(line, line.replace("(1.28", "(-1.28"))
    assert differences(line, line + "\nmore")


@SAME
@pytest.mark.slow
def test_claims_and_questions(model, rows):
    assert differences(shipped("docs/claims.md"), pages.claims_page(rows)) == []
    readme = shipped("README.md")
    assert differences(readme, pages.put_between(readme, pages.short_table(rows))) == []
    assert (
        differences(shipped("docs/questions.md"), pages.questions_page(question_table.questions(model, rows)))
        == []
    )


@SAME
@pytest.mark.slow
def test_immune(model):
    page = pages.immune_page(ldn.cytokine_readings(model), ldn.endotoxin(model), model.scenarios)
    assert differences(shipped("docs/immune.md"), page) == []


@SAME
@pytest.mark.slow
def test_trials(model):
    assert differences(shipped("docs/trials.md"), pages.trials_page(ldn.published_trials(model))) == []


@SAME
@pytest.mark.slow
def test_qualification(model, tmp_path):
    made = tmp_path / "qualification.md"
    report.write(model, ldn.qualify(model, n=report.DRAWS), made)
    assert differences(shipped("docs/qualification.md"), made.read_text(encoding="utf-8")) == []
