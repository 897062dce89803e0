"""Mistakes in a model's text are reported with their line and the name that was meant."""

import pytest

import ldnsim as ldn
from ldnsim.errors import ModelError
from ldnsim.model.lines import line_of, shortened

TEXT = """model a()
  // ke is the rate; /* kee */
  A' = -{}*A
  A = 1; ke = 2; A is "a note on kee"
end
"""

MISTAKES = {
    "an unknown id": (
        "kee",
        "line 3: no value is given for 'kee'; give it one in the model, or did you mean 'ke'?",
    ),
    "an id in other letters": ("KE", "line 3: no value is given for 'KE'; .*did you mean 'ke'?"),
    "an id like none": ("zzzz", "line 3: no value is given for 'zzzz'; give it one in the model$"),
    "an unknown function": (
        "piecwise(1, time > 2, ke)",
        "line 3: there is no function 'piecwise'; did you mean 'piecewise'?",
    ),
    "a function of none": ("xyzzyq(ke)", "line 3: there is no function 'xyzzyq'$"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_found_with_its_line(case):
    formula, words = MISTAKES[case]
    with pytest.raises(ModelError, match=words.replace("?", r"\?")):
        ldn.Model.from_antimony(TEXT.format(formula))


def test_a_state_without_a_start_has_its_line():
    with pytest.raises(ModelError, match=r"^line 2: 'A' changes in time but has no initial value"):
        ldn.Model.from_antimony("model a()\n A' = -k*A; k = 2\nend")


def test_a_message_is_one_line():
    with pytest.raises(ModelError) as caught:
        ldn.Model.from_antimony(TEXT.format("xyzzyq(ke)"))
    assert "\n" not in str(caught.value)


def test_the_middle_of_a_long_message_is_left_out():
    text = "".join(map(chr, range(256, 900)))
    assert shortened(text[:400]) == text[:400]
    assert shortened(text[:401]) == f"{text[:300]} ... {text[311:401]}"


@pytest.mark.parametrize(
    ("name", "line"), [("ke", 3), ("kee", None), ("A", 3), ("a", 1), ("note", None), ("model", 1)]
)
def test_comments_and_quotes_do_not_count(name, line):
    assert line_of(name, TEXT.format("ke")) == line
