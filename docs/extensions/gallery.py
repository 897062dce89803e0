"""The figures of the gallery: the picture of each, its first line, and the link to its page."""

import inspect
from pathlib import Path

import ldnsim as ldn

from .text import heading

PICTURES = Path(__file__).parents[1] / "figures" / "gallery"


def page() -> str:
    """Write one card a figure, in the order of the package; `docs/gallery.py` draws the pictures."""
    text = ""
    for name in ldn.plots.__all__:
        first = inspect.getdoc(getattr(ldn.plots, name)).splitlines()[0]
        text += heading(f"`plots.{name}`", 2) + f"{first} {{py:func}}`How to call it <ldnsim.plots.{name}>`\n"
        if (PICTURES / f"{name}.png").is_file():
            text += f"\n```{{image}} figures/gallery/{name}.png\n:alt: {first}\n```\n"
    return text
