"""What tests of several folders share: how they begin, in one process or several, and the public names of the package."""

import gc
import inspect
import warnings
from functools import cached_property
from importlib.util import find_spec

import pytest

import ldnsim as ldn


def pytest_configure(config):
    """Let ArviZ leave its note of the day once, before workers do so at the same time, which breaks its import."""
    if getattr(config.option, "numprocesses", None) and find_spec("arviz"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import arviz  # noqa: F401


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Spare the garbage collector what stays to the end, thousands of tests and all that they import."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20)
        gc.enable()


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


@pytest.fixture(scope="session")
def earlier():
    """A result as earlier versions gave it: each mark a coordinate of its own, and one word for a single run."""

    def of(ds):
        marks = {str(name): ds.marks.sel(mark=name, drop=True).variable for name in ds.mark.values}
        marks["interval_complete"] = marks["interval_complete"] == 1
        old = ds.drop_vars(["mark", "marks"]).assign_coords(marks)
        return old.isel(run=0) if "run" in old.dims else old

    return of
