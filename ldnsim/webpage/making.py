"""`page`: a model as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import library
from ..errors import bad, whole
from ..io import checked_target, in_place
from ..model import Model
from .description import engine_data
from .document import document
from .form import Form
from .spec import spec
from .wasm import wasm_of

SUFFIXES = (".html", ".htm")
DRAWS = 200  # in the file, if not told otherwise


def page(
    model: Model | str,
    path: str | Path,
    *,
    draws: int | None = None,
    seed: int | None = None,
    **start: Any,
) -> Path:
    """Write a model as one HTML file that simulates without a server.

    The file opens from disk, by mail or in any frame, and asks nothing of any other place: kernels, posterior
    draws, presets, measurements and words are all in it. For research; not medical advice.

    Parameters
    ----------
    model : Model or str
        A model under the scenario, condition and parameters that the page opens with, or the name of a shipped
        one. A model of one's own has sliders for its parameters.
    path : str or Path
        File to write: ``.html``.
    draws : int, optional
        Posterior draws in the file, of which the bands are made; by default 200, and none for a model without
        a posterior.
    seed : int, optional
        Choose them at random; by default they are the first.
    **start
        What the controls stand at when the page opens, as in `explore`: ``dose=3``, ``at="21:00"``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the page cannot simulate the model, a value is not allowed, or the file cannot be written.
    UnknownNameError
        If a name does not exist.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.page("naltrexone_pk", "plasma.html", draws=0).name
    'plasma.html'
    """
    target = checked_target(path, SUFFIXES, "path")
    with in_place(target) as part:
        part.write_text(html(model, draws=draws, seed=seed, **start), encoding="utf-8")
    return target


def html(model: Model | str, *, draws: int | None = None, seed: int | None = None, **start: Any) -> str:
    """Write the page of a model as text; arguments as for `page`."""
    chosen = library.load_model(model) if isinstance(model, str) else model
    if not isinstance(chosen, Model):
        raise bad("model", type(chosen).__name__, "must be a Model or a name", "ldnsim.load_model('ldn')")
    held = _held(chosen, draws)
    seed = seed if seed is None else whole("seed", seed, 0)
    form = Form.of(chosen, held)
    choices = form.start(**start)
    code = wasm_of(chosen)  # first: where there is no linker, nothing else is of use
    return document(spec(form, choices), engine_data(chosen, held, seed), code)


def _held(model: Model, draws: int | None) -> int:
    """Return how many draws the file holds."""
    most = len(library.table(model, "posterior")) if library.has_table(model, "posterior") else 0
    if draws is None:
        return min(DRAWS, most)
    held = whole("draws", draws, 0)
    if held > most:
        rule = (
            f"must be at most the {most} draws shipped" if most else "the model has no posterior to draw from"
        )
        raise bad("draws", draws, rule)
    return held
