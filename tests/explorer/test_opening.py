"""The door: the object in Jupyter, the server, the command."""

import asyncio
import functools
import gc
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import weakref

import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.explorer import opening

pytest.importorskip("panel", reason="the explorer needs the package panel")


def test_importing_the_package_does_not_import_panel():
    code = "import ldnsim, sys; ldnsim.explore; print([m for m in ('panel', 'bokeh') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_panel_one_line_says_what_to_do(monkeypatch, capsys):
    import importlib.util

    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "panel" else there(name))
    with pytest.raises(ldn.InputError, match=r"pip install 'ldnsim\[app\]'"):
        ldn.explore()
    assert cli.run(["explore", "--no-open"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_it_shows_itself_where_pages_can_be_shown():
    explorer = ldn.explore("ldn", dose=3, days=2, draws=20)
    assert repr(explorer) == "<Explorer of 'ldn': 3 mg at 22:00, daily, 2 days>"
    assert explorer.page() is not explorer.page()
    assert callable(explorer._repr_mimebundle_)
    assert explorer.servable().css_classes == explorer.page().css_classes  # for `panel serve`


def test_in_a_notebook_it_shows_itself_with_nothing_from_elsewhere():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    code = "import ldnsim as ldn\nldn.explore('ldn', draws=20, days=2)"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(book, kernel_name="python3", timeout=180).execute()
    outputs = [o for o in book.cells[0].outputs if "data" in o]
    page = outputs[-1]["data"]
    assert page["text/plain"].startswith("<Explorer of 'ldn': 4.5 mg at 22:00, daily, 2 days>")
    assert "late B" in page["text/html"]
    scripts = "".join(o["data"].get("application/javascript", "") for o in outputs)
    assert set(re.findall(r"\b(?:js_urls|js_modules) = (.*);", scripts)) == {"[]"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "70000"], "port=70000: must be a whole number from 0 to 65535"),
        (["--port", "-1"], "port=-1"),
        (["--model", "rival_primer_mu"], "use 'ldn' or 'naltrexone_pk'"),
        (["--address", "nowhere.invalid"], "address='nowhere.invalid': is no address of this machine"),
        (["--scenario", "in_vitro"], "did you mean 'in_vitro_tlr4'"),
    ],
)
def test_bad_words_are_refused_in_one_line(arguments, told, capsys):
    assert cli.run(["explore", "--no-open", *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("thing", [None, 3, {"ldn": 1}])
def test_what_is_no_model_is_refused(thing):
    with pytest.raises(ldn.InputError, match=f"model='{type(thing).__name__}': must be a Model or a name"):
        ldn.explore(thing)


def test_a_model_of_text_is_refused_with_what_can_draw_it():
    own = ldn.Model.from_antimony("model own\n gut' = -ka*gut; gut = 0; ka = 1; end")
    with pytest.raises(ldn.InputError, match=r"model='own'.*kept as a folder.*plots\.timecourse"):
        ldn.explore(own)


def test_a_port_in_use_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ldn.InputError, match=f"port={port}: cannot be used at 127.0.0.1"):
            ldn.explore(draws=20).server(port)


async def codes(asked, **address):
    """Status of requests (path, host), with {port} in it, to a server that is alive for as long."""
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest

    server = ldn.explore(draws=20).server(**address)
    server.start()
    try:
        found = []
        for path, host in asked:
            request = HTTPRequest(
                f"http://127.0.0.1:{server.port}{path}", headers={"Host": host.format(port=server.port)}
            )
            found.append((await AsyncHTTPClient().fetch(request, raise_error=False)).code)
        return found
    finally:
        server.stop()


@pytest.mark.kind("foreign-name")
def test_a_foreign_name_gets_no_page():
    """The other page of a browser, whose name was made to lead here."""
    foreign = [
        "evil.example:{port}",
        "evil.example",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil:{port}",
    ]
    assert asyncio.run(codes([("/", host) for host in foreign])) == [403] * 4


@pytest.mark.kind("foreign-name", sibling="Files and the websocket of the page")
def test_a_foreign_name_gets_no_file_and_no_websocket():
    paths = ["/favicon.ico", "/static/js/bokeh.min.js", "/ws", "/autoload.js"]
    assert asyncio.run(codes([(path, "evil.example:{port}") for path in paths])) == [403] * 4


def test_its_own_names_are_let_in_and_all_names_where_all_may_come():
    own = [("/favicon.ico", host) for host in ("127.0.0.1:{port}", "LOCALHOST:{port}", "localhost")]
    assert asyncio.run(codes(own)) == [200] * 3
    assert asyncio.run(codes([("/favicon.ico", "my-machine:{port}")], address="0.0.0.0")) == [200]


async def visited(explorer, n):
    """Pages that live while n visitors come, half of them without a script, and after they went."""
    from tornado.httpclient import AsyncHTTPClient, HTTPRequest
    from tornado.websocket import websocket_connect

    alive, make = weakref.WeakSet(), explorer.page

    def page():
        alive.add(layout := make())
        return layout

    explorer.page = page
    server = explorer.server()
    server.start()
    try:
        where, most = f"127.0.0.1:{server.port}", 0
        for k in range(n):
            answer = await AsyncHTTPClient().fetch(f"http://{where}/", request_timeout=120)
            token = re.search(r'"token":"([^"]+)"', answer.body.decode())[1]
            if k % 2:
                request = HTTPRequest(f"ws://{where}/ws", headers={"Origin": f"http://{where}"})
                socket = await websocket_connect(request, subprotocols=["bokeh", token])
                await socket.read_message()
                socket.close()
            most = max(most, len(alive))
        for _ in range(300):
            gc.collect()
            if not alive:
                break
            await asyncio.sleep(0.2)
        return most, len(alive)
    finally:
        server.stop()


def test_visits_leave_nothing_behind(monkeypatch):
    """What does not grow with visits cannot fill memory; sessions end sooner here than in earnest."""
    import panel as pn

    soon = {"check_unused_sessions_milliseconds": 200, "unused_session_lifetime_milliseconds": 500}
    monkeypatch.setattr(pn.io.server, "get_server", functools.partial(pn.io.server.get_server, **soon))
    most, left = asyncio.run(visited(ldn.explore("naltrexone_pk", draws=5, days=1), 6))
    assert most > 0
    assert left == 0


def test_visits_are_computed_once(monkeypatch):
    asked = []
    monkeypatch.setattr(opening, "compute", lambda *a, make=opening.compute: asked.append(a) or make(*a))
    explorer = ldn.explore("naltrexone_pk", draws=5, days=1)
    explorer.warm()
    explorer.page()
    explorer.page()
    assert len(asked) == 1


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
def test_the_command_prints_its_address_serves_and_ends_cleanly():
    command = [sys.executable, "-m", "ldnsim", "explore", "--port", "0", "--no-open"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(url, timeout=60) as answer:
                    html = answer.read().decode()
                break
            except OSError:
                assert time.monotonic() < deadline
        assert 'name="viewport"' in html
        assert "<title>ldnsim explorer</title>" in html
        assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!127)', html)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "Traceback" not in err
    finally:
        process.kill()
        process.communicate()
