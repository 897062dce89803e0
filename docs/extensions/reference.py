"""The page of the public names, by part of the package; Sphinx makes a page for each from its docstring."""

import inspect
from functools import cached_property

import ldnsim as ldn

# Part of the package -> title; a part that is not named here comes last under its own name.
PARTS = {
    "library": "Models and data",
    "model": "Model",
    "regimen": "Regimen",
    "data": "Data of your own",
    "subjects": "Virtual patients",
    "simulation": "Simulation",
    "readouts": "Readouts",
    "io": "Files",
    "inference": "Evidence, uncertainty, sensitivity",
    "sweeps": "Sweeps",
    "study": "Studies and claims",
    "explorer": "Explorer",
    "webpage": "A page that simulates by itself",
    "errors": "Errors and warnings",
    "result": "Report of versions",
}


def described() -> dict[str, dict[str, list[str]]]:
    """List the methods and the properties of each public class, for the template of a class."""
    found = {}
    for name in ldn.__all__:
        thing = getattr(ldn, name)
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            members = {m: getattr(thing, m) for m in dir(thing) if not m.startswith("_")}
            values = [m for m, v in members.items() if isinstance(v, property | cached_property)]
            found[name] = {"Methods": [m for m, v in members.items() if callable(v)], "What it holds": values}
    return found


def page() -> str:
    """Write the page, in reStructuredText."""
    groups: dict[str, list[str]] = {part: [] for part in PARTS}
    for name in ldn.__all__:
        thing = getattr(ldn, name)
        if not inspect.ismodule(thing):
            groups.setdefault(thing.__module__.split(".")[1], []).append(name)
    text = _title("API reference", "=") + _LEAD
    for part, names in groups.items():
        if names:
            text += _title(PARTS.get(part, part.capitalize()), "-") + _names("ldnsim", names)
    return text + _title("Figures", "-") + _names("ldnsim.plots", ldn.plots.__all__)


_LEAD = """
Everything public, written from the docstrings. Times are h, doses mg, unless a page says otherwise.

.. code-block:: python

   import ldnsim as ldn

"""


def _title(text: str, line: str) -> str:
    return f"\n{text}\n{line * len(text)}\n"


def _names(module: str, names: list[str]) -> str:
    rows = "".join(f"   {name}\n" for name in sorted(names))
    return f"\n.. currentmodule:: {module}\n\n.. autosummary::\n   :toctree: api\n\n{rows}"
