"""Every public function, class and method has an example, and it comes out as shown."""

import doctest
import inspect
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from .conftest import public

LOOSE = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
PUBLIC = public()
SHOWN = [name for name, thing in PUBLIC.items() if ">>>" in (inspect.getdoc(thing) or "")]


def example_of(name):
    return doctest.DocTestParser().get_doctest(inspect.getdoc(PUBLIC[name]), {}, f"ldnsim.{name}", None, 0)


def is_value(name):
    """A property, or what a class computes once: used in an example of its own or in that of its class."""
    return not callable(PUBLIC[name])


@pytest.mark.parametrize("name", [n for n in PUBLIC if not is_value(n)])
def test_there_is_an_example_that_uses_it(name):
    assert name in SHOWN, f"ldnsim.{name} has no example in its docstring"
    assert "Examples\n--------" in inspect.getdoc(PUBLIC[name])
    used = "".join(e.source + e.want for e in example_of(name).examples)
    assert re.search(rf"\b{name.rpartition('.')[2]}\b", used), f"the example does not use {name}"


@pytest.mark.parametrize("name", [n for n in PUBLIC if is_value(n)])
def test_what_a_class_holds_is_used_in_an_example(name):
    owner, _, member = name.partition(".")
    used = "".join(e.source for shown in (owner, name) for e in example_of(shown).examples)
    assert re.search(rf"\.{member}\b", used), f"no example of ldnsim.{owner} shows .{member}"


@pytest.mark.parametrize("name", SHOWN)
def test_the_example_comes_out_as_shown(name, monkeypatch, tmp_path):
    mpl.use("Agg")
    monkeypatch.chdir(tmp_path)  # what an example writes is not left behind
    told = []
    ran = doctest.DocTestRunner(optionflags=LOOSE).run(example_of(name), out=told.append)
    plt.close("all")
    assert ran.attempted > 0
    assert ran.failed == 0, "".join(told)
