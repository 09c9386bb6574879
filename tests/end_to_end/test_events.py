"""Events of a report from a real web server, over sockets that break off."""

import http.client
import json
import signal
from contextlib import ExitStack, contextmanager

import pytest

from reports.http import MOST_LISTENERS
from tests.end_to_end.conftest import EMBEDDED
from tests.end_to_end.stack import HOST, until


@contextmanager
def listening(stack, report_id, **headers):
    """Yield the answer to a listener, whose connection is cut at the end."""
    connection = http.client.HTTPConnection(HOST, stack.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"/api/v1/reports/{report_id}/events", headers=named)
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def events(answer):
    """Yield the name and the data of each event as it comes."""
    name = ""
    for line in answer:
        kind, _, value = line.decode().strip().partition(": ")
        if kind == "event":
            name = value
        elif kind == "data":
            yield name, json.loads(value)


def test_it_tells_a_report_from_its_request_to_its_end(filled):
    report_id = filled.call("POST", "/api/v1/reports/").json["id"]
    with listening(filled, report_id) as answer:
        assert answer.status == 200
        assert answer.headers["Transfer-Encoding"] == "chunked"
        told = list(events(answer))
    assert [name for name, _ in told[:-1]] == ["progress"] * (len(told) - 1)
    name, last = told[-1]
    assert (name, last["status"], last["progress"]["percent"]) == ("complete", "Complete", 100)
    assert filled.get("/" + last["download"].split("/", 3)[3]).status == 200


@pytest.fixture
def stuck(filled):
    """A web server, and a report that no worker will ever build."""
    filled.kill("worker")
    return filled, filled.trigger()


on_sqlite = pytest.mark.parametrize("filled", [EMBEDDED], indirect=True)


@on_sqlite
def test_listeners_keep_nobody_else_waiting_and_leave_their_place(stuck):
    stack, report_id = stuck
    with ExitStack() as listeners:
        for _ in range(MOST_LISTENERS):
            answer = listeners.enter_context(listening(stack, report_id))
            assert next(events(answer))[0] == "progress"
        with listening(stack, report_id) as refused:
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            assert json.loads(refused.read())["code"] == "too_many_listeners"
        assert stack.get("/get_report").json["status"] == "Running"

    def place():
        with listening(stack, report_id) as answer:
            return answer.status == 200

    until(place)


@on_sqlite
def test_the_server_does_not_wait_for_its_listeners_when_it_is_to_end(stuck):
    stack, report_id = stuck
    web = stack._groups["web"]
    with listening(stack, report_id) as answer:
        assert next(events(answer))[0] == "progress"
        web.send_signal(signal.SIGTERM)
        assert b": connect again\n" in answer.read()
    assert web.wait(timeout=30) == 0
