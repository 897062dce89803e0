"""What the docstrings of the public API say is complete, and what their examples say is true."""

import doctest
import inspect

import pytest
from numpydoc.validate import ERROR_MSGS, validate

import ldnsim as ldn

# Not asked for: an extended summary (ES01), "See Also" (SA01), the place of the quotes (GL01, GL02), a type
# where several arguments refer to another function (PR04), the order of the signature, as what is needed
# rarely stands apart (PR03).
NOT_ASKED = {"ES01", "SA01", "GL01", "GL02", "PR03", "PR04"}
ALL = set(ERROR_MSGS)
LOOSE = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def public():
    """Name -> object: the functions and classes of the package, its figures, and the classes' own members."""
    found = {f"plots.{name}": getattr(ldn.plots, name) for name in ldn.plots.__all__}
    for name in ldn.__all__:
        thing = getattr(ldn, name)
        if inspect.ismodule(thing):
            continue
        found[name] = thing
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            members = {n: getattr(thing, n) for n in vars(thing) if not n.startswith("_")}
            found |= {f"{name}.{n}": m for n, m in members.items() if callable(m) or isinstance(m, property)}
    return found


PUBLIC = public()
SHOWN = [name for name, thing in PUBLIC.items() if ">>>" in (thing.__doc__ or "")]


def asked(name, thing):
    """Functions and classes show an example; members are in that of their class and say "Return ..."."""
    inside = "." in name and not name.startswith("plots.")
    exception = inspect.isclass(thing) and issubclass(thing, Exception)
    return ALL - NOT_ASKED - ({"EX01", "RT01"} if inside else {"EX01"} if exception else set())


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_is_complete(name):
    codes = asked(name, PUBLIC[name])
    faults = [f"{code} {text}" for code, text in validate(f"ldnsim.{name}")["errors"] if code in codes]
    assert not faults, "; ".join(faults)


@pytest.mark.parametrize("name", SHOWN)
def test_the_examples_come_out_as_shown(name, monkeypatch):
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    thing = PUBLIC[name]
    examples = doctest.DocTestParser().get_doctest(inspect.getdoc(thing), {}, f"ldnsim.{name}", None, None)
    told = []
    ran = doctest.DocTestRunner(optionflags=LOOSE).run(examples, out=told.append)
    plt.close("all")
    assert ran.attempted > 0
    assert ran.failed == 0, "".join(told)
