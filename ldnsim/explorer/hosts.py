"""Under which names the page may be asked for.

A foreign page whose name is made to lead to this machine (DNS rebinding) is let in by a browser as if it were the
explorer's own; the name that it asked for, in the header Host, gives it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bokeh.server.server import BaseServer


def refuse_foreign(server: BaseServer, hosts: Iterable[str]) -> None:
    """Answer whatever asks under a name that is none of `hosts` with 403, page, files and websocket alike."""
    from tornado.web import RequestHandler

    class Foreign(RequestHandler):
        """What is asked under a foreign name."""

        def prepare(self) -> None:
            self.set_status(HTTPStatus.FORBIDDEN)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            names = " or ".join(own)
            self.finish(f"host={self.request.host_name!r}: is not where the explorer is; open it at {names}")

    own = list(hosts)
    foreign = rf"(?!(?:{'|'.join(map(re.escape, own))})$).*$"
    server._tornado.add_handlers(
        foreign, [(".*", Foreign)]
    )  # goes before the pages; Bokeh has no public door
