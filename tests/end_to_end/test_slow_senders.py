"""The web server with many slow connections, and the headers it trusts."""

import socket
import time
from contextlib import ExitStack

import pytest

from tests.end_to_end.stack import HOST, Stack, until

# More than all threads of the one process.
MANY = 30
# A busy machine takes a while for five answers; one thread that waits for one sender takes longer.
BUSY_SECONDS = 10
HEAD = b"GET /api/v1/reports/ HTTP/1.1\r\nHost: localhost\r\n"
SLOW = {
    "says nothing": b"",
    "does not end its head": HEAD + b"X-Slow: ",
    "does not send its body": b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nusername=",
    "asks about the health and does not send its body": b"GET /healthz HTTP/1.1\r\n"
    b"Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    "does not close after its answer": HEAD + b"Connection: close\r\n\r\n",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("slow"))
    try:
        assert stack.manage("migrate", "--verbosity=0").returncode == 0
        stack.start_web()
        yield stack
    finally:
        stack.stop()


def connection(stack, sent):
    made = socket.create_connection((HOST, stack.port), timeout=30)
    made.sendall(sent)
    return made


@pytest.mark.parametrize("what", SLOW)
def test_it_says_that_it_is_well_while_many_connections_are_slow(stack, what):
    with ExitStack() as slow:
        for _ in range(MANY):
            slow.enter_context(connection(stack, SLOW[what]))
        started = time.monotonic()
        answers = [stack.call("GET", "/healthz").status for _ in range(5)]
        assert answers == [200] * 5
        assert time.monotonic() - started < BUSY_SECONDS
        if "body" not in what:
            assert stack.get("/api/v1/reports/").status == 200
    until(lambda: stack.get("/api/v1/reports/").status == 200)


def test_it_answers_one_request_after_the_other_on_a_connection_that_is_kept(stack):
    with connection(stack, b"") as kept:
        for head in (HEAD, HEAD):
            for piece in (head[:20], head[20:] + b"\r\n"):
                kept.sendall(piece)
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                answer += kept.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 ")


def test_it_answers_what_was_sent_before_it_was_asked_to_go_on(stack):
    with connection(stack, HEAD + b"\r\n" + HEAD) as kept:
        answers = kept.recv(65536)
        kept.sendall(b"Connection: close\r\n\r\n")
        while piece := kept.recv(65536):
            answers += piece
    assert answers.count(b"HTTP/1.1 200 ") == 2


def test_it_believes_nobody_who_says_where_the_site_begins(stack):
    headers = {"SCRIPT_NAME": "/evil", "PATH_INFO": "/healthz"}
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    with connection(stack, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + said + b"\r\n") as made:
        answer = made.recv(65536)
    # The board, not the health check.
    assert b"text/html" in answer
    assert b"/evil" not in answer
