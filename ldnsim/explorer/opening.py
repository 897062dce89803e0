"""`explore`: the door to the explorer, in Jupyter and in a browser."""

from __future__ import annotations

import functools
import importlib.util
import socket
from typing import TYPE_CHECKING, Any

from .. import library
from ..errors import InputError, bad, whole
from ..webpage.form import Form
from .compute import Bench, Picture, compute
from .hosts import refuse_foreign
from .request import request_of
from .session import Session

if TYPE_CHECKING:
    from panel.viewable import Viewable

    from ..model import Model

TITLE = "ldnsim explorer"
_PHONE = """{% extends "base.html" %}
{% block preamble %}<meta name="viewport" content="width=device-width, initial-scale=1">{% endblock %}"""
HOST = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "")  # then nobody knows by which name the page is opened


def explore(model: Model | str = "ldn", **start: Any) -> Explorer:
    """Explore a model with controls and live curves, in Jupyter or in a browser.

    The page shows the chain from plasma to cytokines with a band of posterior draws, metrics with 90 %
    intervals, and compares two regimens. For research; not medical advice.

    Parameters
    ----------
    model : Model or str
        A model, or the name of a shipped one: "ldn" or "naltrexone_pk".
    **start
        What the controls stand at when the page opens, by name: ``dose`` (mg), ``at`` ("22:00"), ``days``,
        ``interval`` (h, 0 for a single dose), ``formulation``, ``scenario``, ``condition``, ``opioid``,
        ``opioid_dose`` (mg), ``opioid_interval`` (h), ``draws``, and covariates such as ``weight`` (kg).

    Returns
    -------
    Explorer
        In Jupyter it shows itself; elsewhere call its `serve`.

    Raises
    ------
    InputError
        If the model cannot be shown, a value is not allowed, or Panel is not installed.
    UnknownNameError
        If a name does not exist.

    Examples
    --------
    >>> import ldnsim as ldn
    >>> ldn.explore("ldn", dose=3, at="21:00")
    <Explorer of 'ldn': 3 mg at 21:00, daily, 28 days>
    """
    if importlib.util.find_spec("panel") is None:
        raise InputError("the explorer needs the package panel: pip install 'ldnsim[app]'")
    chosen = library.load_model(model) if isinstance(model, str) else model
    form = Form.of(chosen)
    explorer = Explorer(form, form.start(**start))
    if _in_notebook():
        import panel as pn

        pn.extension(inline=True)
    return explorer


def _in_notebook() -> bool:
    try:
        return get_ipython().__class__.__name__ == "ZMQInteractiveShell"  # type: ignore[name-defined]
    except NameError:
        return False


class Explorer:
    """A page for each user, from one form.

    Parameters
    ----------
    form : Form
        The controls of a model.
    choices : dict
        What they stand at when a page opens.
    """

    def __init__(self, form: Form, choices: dict[str, Any]) -> None:
        self.form, self.choices = form, choices
        self._bench = Bench()

    def __repr__(self) -> str:
        return f"<Explorer of {self.form.model.name!r}: {request_of(self.form, self.choices).label}>"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self.page()._repr_mimebundle_(include, exclude)

    def page(self) -> Viewable:
        """Make a page with a state of its own, to be shown or put into a layout of Panel."""
        from .screen import Page

        session = Session(self.form, self.choices, self._bench)
        page = Page(session, self._bench)
        session.draw(lambda *_: self._first)
        return page.layout

    @functools.cached_property
    def _first(self) -> Picture:
        """What every page shows as it opens; computed once, so that a visit costs next to nothing."""
        return compute(request_of(self.form, self.choices), self._bench)

    def _served(self) -> Viewable:
        """Make a page that fills the window, on a phone too."""
        import panel as pn
        from panel.io.resources import BASE_TEMPLATE

        pn.state.curdoc.template = BASE_TEMPLATE.environment.from_string(_PHONE)
        return self.page()

    def servable(self) -> Viewable:
        """Offer the page to ``panel serve``."""
        return self.page().servable(title=TITLE)

    def warm(self) -> None:
        """Load kernels and draws, so that the first page need not wait."""
        _ = self._first

    def server(self, port: int = 0, *, address: str = HOST):
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
        panel.io.server.Server

        Raises
        ------
        InputError
            If the port cannot be used.
        """
        import panel as pn

        port = _usable(address, port)
        hosts = ("*",) if address in EVERYWHERE else tuple(dict.fromkeys((address, HOST, "localhost")))
        server = pn.io.server.get_server(
            {"/": self._served},
            port=port,
            address=address,
            websocket_origin=[f"{host}:{port}" for host in hosts],
            title=TITLE,
            show=False,
            start=False,
        )
        if address not in EVERYWHERE:
            refuse_foreign(server, hosts)
        return server

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
        """
        server = self.server(port, address=address)
        self.warm()
        url = f"http://{address}:{server.port}/"
        print(f"The explorer is at {url} (Ctrl-C ends it)", flush=True)
        if show:
            import webbrowser

            server.io_loop.call_later(0.1, webbrowser.open, url)
        server.run_until_shutdown()  # which takes Ctrl-C itself


def _usable(address: str, port: int) -> int:
    """Return the port, or a free one for 0; refuse one that is taken."""
    port = whole("port", port)
    if port > 65535:
        raise bad("port", port, "must be a whole number from 0 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except socket.gaierror as error:
            rule = f"is no address of this machine: {error.strerror}"
            raise bad("address", address, rule, f"use {HOST}") from None
        except OSError as error:
            reason = error.strerror or error
            raise bad(
                "port", port, f"cannot be used at {address}: {reason}", "choose another, or 0"
            ) from None
        return probe.getsockname()[1]
