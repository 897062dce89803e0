"""A server of one page: it answers under its own names alone, and with nothing but the page.

A foreign page whose name is made to lead to this machine (DNS rebinding) is let in by a browser as if it were the
explorer's own; the name that it asked for, in the header Host, gives it away.
"""

from __future__ import annotations

import os
import socket
import socketserver
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..errors import bad, whole

HOST = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "")  # then nobody knows by which name the page is opened
HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"


class PageServer(ThreadingHTTPServer):
    """Serves a text as a page.

    Parameters
    ----------
    text : str
        HTML.
    address : str
        Where it listens.
    port : int
        0 takes a free one.

    Raises
    ------
    InputError
        If the port cannot be used.
    """

    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would take a port that another one listens at

    def __init__(self, text: str, address: str, port: int) -> None:
        self.content = text.encode()
        port = whole("port", port)
        if port > 65535:
            raise bad("port", port, "must be a whole number from 0 to 65535")
        try:
            super().__init__((address, port), PageHandler)
        except OSError as error:
            reason = error.strerror or str(error)
            if isinstance(error, socket.gaierror):
                rule = f"is no address of this machine: {reason}"
                raise bad("address", address, rule, f"use {HOST}") from None
            rule = f"cannot be used at {address}: {reason}"
            raise bad("port", port, rule, "choose another, or 0") from None
        names = dict.fromkeys((address, HOST, "localhost"))
        self.hosts = () if address in EVERYWHERE else tuple(names)

    def server_bind(self) -> None:
        """Take the port without asking the network for a name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]

    @property
    def url(self) -> str:
        """Address to open."""
        address = str(self.server_address[0])
        return f"http://{HOST if address in EVERYWHERE else address}:{self.port}/"


class PageHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: PageServer

    def do_GET(self) -> None:
        """Hand out the page."""
        self._answer(send=True)

    def do_HEAD(self) -> None:
        """Tell of the page."""
        self._answer(send=False)

    def _answer(self, send: bool) -> None:
        name = self.headers.get("Host", "")
        own = {f"{host}{port}" for host in self.server.hosts for port in ("", f":{self.server.port}")}
        if own and name.lower() not in own:
            where = " or ".join(self.server.hosts)
            told = f"host={name!r}: is not where the explorer is; open it at {where}"
            self._write(HTTPStatus.FORBIDDEN, TEXT, told.encode(), send)
        elif self.path.partition("?")[0] not in ("/", "/index.html"):
            self._write(HTTPStatus.NOT_FOUND, TEXT, b"there is one page here: /", send)
        else:
            self._write(HTTPStatus.OK, HTML, self.server.content, send)

    def _write(self, status: HTTPStatus, kind: str, content: bytes, send: bool) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if send:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each visit."""
