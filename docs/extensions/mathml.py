"""Formulas as MathML, which every browser draws by itself: no script, no network."""

import re

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


_OPEN, _CLOSE = re.compile(r"[({\[]|\\begin"), re.compile(r"[)}\]]|\\end")
_BREAK = re.compile(r" (?=(?:=|\+|-|\\cdot|\\qquad) )")  # a line may end before these


def parts(text: str) -> list[str]:
    r"""Cut a formula where a line may be broken: before signs that stand in no bracket.

    Examples
    --------
    >>> parts(r"a = b + \frac{c + d}{e} \cdot (f - g)")
    ['a', '= b', '+ \\frac{c + d}{e}', '\\cdot (f - g)']
    """
    found, begun = [], 0
    for place in _BREAK.finditer(text):
        before = text[: place.start()]
        if len(_OPEN.findall(before)) == len(_CLOSE.findall(before)):
            found.append(text[begun : place.start()].strip())
            begun = place.end()
    return [part for part in [*found, text[begun:].strip()] if part]


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula of its own, which is wrapped where the page is narrow; a part that is wider still scrolls."""
    first, *rest = parts(" ".join(node.astext().split()))
    drawn = [tex2mathml(first, as_block=True), *(tex2mathml(r"{} " + part, as_block=True) for part in rest)]
    translator.body.append(f'<div class="formula"><div class="terms">{" ".join(drawn)}</div></div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    """Register the renderer under the name that conf.py chooses."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
