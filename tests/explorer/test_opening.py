"""The door: the object in Jupyter, the server, the command."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from html import unescape

import psutil
import pytest

import ldnsim as ldn
from ldnsim import cli
from ldnsim.explorer.serving import HOST

QUICK = "naltrexone_pk"


@pytest.fixture(scope="module")
def explorer():
    return ldn.explore(QUICK, dose=3, days=2, draws=0)


def test_it_shows_itself_in_a_frame_of_its_own(explorer):
    assert repr(explorer) == f"<Explorer of '{QUICK}': dose 3 at 22:00, 2 days>"
    frame = explorer._repr_html_()
    assert 'sandbox="allow-scripts allow-downloads"' in frame
    inner = unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert inner.startswith("<!doctype html>")
    assert "default-src 'none'" in inner


def test_it_is_the_very_page_that_page_writes(explorer, tmp_path):
    path = ldn.page(QUICK, tmp_path / "plasma.html", dose=3, days=2, draws=0)
    inner = unescape(re.search(r'srcdoc="([^"]*)"', explorer._repr_html_())[1])
    assert inner == path.read_text(encoding="utf-8")


def test_an_opioid_alone_is_not_nothing_taken():
    explorer = ldn.explore("ldn", interval=-1, opioid="tramadol", days=14)
    assert repr(explorer) == "<Explorer of 'ldn': no naltrexone, 14 days>"


def test_in_a_notebook_it_shows_itself_with_nothing_from_elsewhere():
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    code = f"import ldnsim as ldn\nldn.explore({QUICK!r}, draws=0, days=2)"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(book, kernel_name="python3", timeout=180).execute()
    page = next(o for o in book.cells[0].outputs if "data" in o)["data"]
    assert page["text/plain"].startswith(f"<Explorer of '{QUICK}'")
    assert page["text/html"].startswith("<iframe srcdoc=")
    assert not re.search(r'<iframe[^>]* src=|(?:src|href)="https?:', page["text/html"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "70000"], "port=70000: must be a whole number from 0 to 65535"),
        (["--port", "-1"], "port=-1"),
        (["--address", "nowhere.invalid"], "address='nowhere.invalid': is no address of this machine"),
        (["--model", "lnd"], "ldn"),
        (["--param", "weigth=60"], "did you mean 'weight'"),
    ],
)
def test_bad_words_are_refused_in_one_line(arguments, told, capsys):
    assert cli.run(["explore", "--no-open", "--model", QUICK, *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("thing", [None, 3, {"ldn": 1}])
def test_what_is_no_model_is_refused(thing):
    with pytest.raises(ldn.InputError, match=f"model='{type(thing).__name__}': must be a Model or a name"):
        ldn.explore(thing)


def test_a_model_of_ones_own_is_shown():
    own = ldn.Model.from_antimony("model own\n gut' = -ka*gut; gut = 0; ka = 1; end")
    assert repr(ldn.explore(own)).startswith("<Explorer of 'own'")


def test_a_port_in_use_is_refused(explorer):
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ldn.InputError, match=f"port={port}: cannot be used at 127.0.0.1"):
            explorer.server(port)


@contextmanager
def serving(explorer, **address):
    server = explorer.server(**address)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def code(server, path, host, method="GET"):
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    try:
        connection.request(method, path, headers={"Host": host.format(port=server.port)})
        return connection.getresponse().status
    finally:
        connection.close()


FOREIGN = [
    "evil.example:{port}",
    "evil.example",
    "127.0.0.1.evil.example:{port}",
    "localhost.evil:{port}",
    "",
]


@pytest.mark.kind("foreign-name")
def test_a_foreign_name_gets_no_page(explorer):
    """The other page of a browser, whose name was made to lead here."""
    with serving(explorer) as server:
        assert [code(server, "/", host) for host in FOREIGN] == [403] * len(FOREIGN)


@pytest.mark.kind("foreign-name", sibling="Other paths and methods")
def test_a_foreign_name_gets_nothing_else(explorer):
    with serving(explorer) as server:
        assert [code(server, path, FOREIGN[0]) for path in ("/favicon.ico", "/x", "/?a=1")] == [403] * 3
        assert code(server, "/", FOREIGN[0], "HEAD") == 403
        assert code(server, "/", FOREIGN[0], "POST") == 501


def test_its_own_names_are_let_in_and_all_names_where_all_may_come(explorer):
    with serving(explorer) as server:
        own = ("127.0.0.1:{port}", "LOCALHOST:{port}", "localhost")
        assert [code(server, "/", host) for host in own] == [200] * 3
        assert code(server, "/secret", own[0]) == 404
    with serving(explorer, address="0.0.0.0") as server:
        assert code(server, "/", "my-machine:{port}") == 200


def test_two_hundred_visits_leave_no_memory_behind(explorer):
    own = psutil.Process()
    with serving(explorer) as server:
        size = [visit(server) for _ in range(20)][-1]
        before, threads = own.memory_info().rss, threading.active_count()
        assert [visit(server) for _ in range(200)] == [size] * 200
        assert own.memory_info().rss - before < 20 * size  # a visit in ten that is kept would be seen
        assert threading.active_count() <= threads + 2


def visit(server):
    """Read the whole page; return its length."""
    with urllib.request.urlopen(server.url, timeout=60) as answer:
        return len(answer.read())


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
def test_the_command_prints_its_address_serves_and_ends_cleanly():
    command = [sys.executable, "-m", "ldnsim", "explore", "--model", QUICK, "--port", "0", "--no-open"]
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
        assert "Content-Security-Policy" in html
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert "Traceback" not in err
    finally:
        process.kill()
        process.communicate()
