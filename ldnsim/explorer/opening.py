"""`explore`: the door to the explorer, in Jupyter and in a browser."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from .. import library
from ..errors import bad
from ..model import Model
from ..webpage.form import NEVER, ONCE, Form
from ..webpage.making import html
from .serving import HOST, PageServer

if TYPE_CHECKING:
    from collections.abc import Mapping

HEIGHT = 900  # px of the frame in a notebook


def explore(model: Model | str = "ldn", *, draws: int | None = None, **start: Any) -> Explorer:
    """Explore a model with controls and live curves, in Jupyter or in a browser.

    The page shows the chain from plasma to cytokines with a band of posterior draws, numbers with 90 % intervals,
    and compares two regimens; a model of one's own has sliders for its parameters. It computes by itself, as the
    file of `page` does. For research; not medical advice.

    Parameters
    ----------
    model : Model or str
        A model, or the name of a shipped one.
    draws : int, optional
        Posterior draws in the band; by default 200, and none for a model without a posterior.
    **start
        What the controls stand at when the page opens, by name: ``dose`` (mg), ``at`` ("22:00"), ``days``,
        ``interval`` (h, 0 for a single dose), ``formulation``, ``scenario``, ``condition``, ``opioid``,
        ``opioid_dose`` (mg), ``opioid_interval`` (h), and covariates such as ``weight`` (kg).

    Returns
    -------
    Explorer
        In Jupyter it shows itself; elsewhere call its `serve`.

    Raises
    ------
    InputError
        If the page cannot simulate the model, or a value is not allowed.
    UnknownNameError
        If a name does not exist.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.explore("naltrexone_pk", dose=3, at="21:00", draws=0)
    <Explorer of 'naltrexone_pk': dose 3 at 21:00, 28 days>
    """
    chosen = library.load_model(model) if isinstance(model, str) else model
    if not isinstance(chosen, Model):
        raise bad("model", type(chosen).__name__, "must be a Model or a name", "use 'ldn'")
    text = html(chosen, draws=draws, **start)
    return Explorer(text, chosen.name, Form.of(chosen).start(**start))


class Explorer:
    """A page, ready to be shown.

    Parameters
    ----------
    text : str
        The page, as the file of `page` holds it.
    name : str
        Of the model.
    choices : mapping
        What the controls stand at when it opens.
    """

    def __init__(self, text: str, name: str, choices: Mapping[str, Any]) -> None:
        self._text, self._name, self._choices = text, name, choices

    def __repr__(self) -> str:
        return f"<Explorer of {self._name!r}: {_words(self._choices)}>"

    def _repr_html_(self) -> str:
        """Show the page in a frame that can reach neither the notebook nor anything else."""
        return (
            f'<iframe srcdoc="{escape(self._text)}" sandbox="allow-scripts allow-downloads" '
            f'title="{escape(repr(self))}" style="width:100%;height:{HEIGHT}px;border:0"></iframe>'
        )

    def server(self, port: int = 0, *, address: str = HOST) -> PageServer:
        """Make a server that is not started yet.

        Parameters
        ----------
        port : int, optional
            0 chooses a free one.
        address : str, optional
            Where it listens; by default it can be reached from this machine only. What asks for it under
            another name is refused, but for "0.0.0.0", of which nobody knows the names.

        Returns
        -------
        PageServer
            Of the standard library's kind: `serve_forever`, `shutdown`, `server_close`.

        Raises
        ------
        InputError
            If the port cannot be used.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> server = ldn.explore("naltrexone_pk", draws=0).server()
        >>> server.url.startswith("http://127.0.0.1:")
        True
        >>> server.server_close()
        """
        return PageServer(self._text, address, port)

    def serve(self, port: int = 0, *, address: str = HOST, show: bool = True) -> None:
        """Serve the page until it is broken off (Ctrl-C).

        Parameters
        ----------
        port : int, optional
            0 chooses a free one.
        address : str, optional
            Where it listens; by default it can be reached from this machine only.
        show : bool, optional
            Open a browser.

        Raises
        ------
        InputError
            If the port cannot be used.

        Examples
        --------
        >>> import ldnsim as ldn
        >>> ldn.explore("ldn").serve(show=False)  # doctest: +SKIP
        The explorer is at http://127.0.0.1:41234/ (Ctrl-C ends it)
        """
        with self.server(port, address=address) as server:
            print(f"The explorer is at {server.url} (Ctrl-C ends it)", flush=True)
            if show:
                import webbrowser

                webbrowser.open(server.url)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return


def _words(choices: Mapping[str, Any]) -> str:
    """Say in a few words what the controls stand at."""
    days = f"{choices['days']:g} day{'s' if choices['days'] > 1 else ''}"
    if choices["interval"] == NEVER:
        return f"{'no naltrexone' if choices.get('opioid') else 'nothing taken'}, {days}"
    once = "once " if choices["interval"] == ONCE else ""
    return f"dose {choices['dose']:g} {once}at {choices['at']}, {days}"
