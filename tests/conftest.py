"""What the tests of the documentation share: the public names of the package."""

import inspect
from functools import cached_property

import ldnsim as ldn


def public():
    """Name -> object: the functions and classes of the package, its figures, and the classes' own members."""
    found = {f"plots.{name}": getattr(ldn.plots, name) for name in ldn.plots.__all__}
    for name in ldn.__all__:
        thing = getattr(ldn, name)
        if inspect.ismodule(thing):
            continue
        found[name] = thing
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            members = {m: getattr(thing, m) for m in dir(thing) if not m.startswith("_")}
            found |= {f"{name}.{m}": member for m, member in members.items() if is_described(member)}
    return found


def is_described(member):
    """Whether a member of a class has a docstring of its own: a method or a property, not a field."""
    return callable(member) or isinstance(member, property | cached_property)
