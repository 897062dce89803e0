"""What the docstrings of the public API say is complete."""

import pytest
from numpydoc.validate import ERROR_MSGS, validate

from .conftest import public

# Not asked for: an extended summary (ES01), "See Also" (SA01), the place of the quotes (GL01, GL02), a type
# where several arguments refer to another function (PR04), the order of the signature, as what is needed
# rarely stands apart (PR03). Examples (EX01) are the matter of test_examples.py.
NOT_ASKED = {"ES01", "SA01", "GL01", "GL02", "PR03", "PR04", "EX01"}
ALL = set(ERROR_MSGS)
PUBLIC = public()


def asked(name):
    """Members of a class say "Return ..." in their first line, so that they need no section of that name."""
    inside = "." in name and not name.startswith("plots.")
    return ALL - NOT_ASKED - ({"RT01"} if inside else set())


@pytest.mark.parametrize("name", PUBLIC)
def test_a_docstring_is_complete(name):
    codes = asked(name)
    faults = [f"{code} {text}" for code, text in validate(f"ldnsim.{name}")["errors"] if code in codes]
    assert not faults, "; ".join(faults)
