"""The API while the message broker is away: an answer within seconds, and no report left behind."""

import socket
import time
from contextlib import contextmanager

import pytest

from tests.end_to_end.conftest import EMBEDDED
from tests.end_to_end.stack import HOST, UNFINISHED
from tests.isolation import free_port

SECONDS = 15


@contextmanager
def closed_port():
    """Nothing listens: connections are refused."""
    yield free_port()


@contextmanager
def hung_port():
    """A listener that never answers."""
    with socket.create_server((HOST, 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("filled", [EMBEDDED], indirect=True)
@pytest.mark.parametrize("broker", [closed_port, hung_port])
def test_it_answers_503_and_leaves_no_report_running(filled, broker):
    filled.kill("worker")
    filled.kill("web")
    with broker() as port:
        filled.start_web(CELERY_BROKER_URL=f"redis://{HOST}:{port}/0")
        started = time.monotonic()
        refused = filled.call("POST", "/trigger_report")
        assert time.monotonic() - started < SECONDS
    assert (refused.status, refused.json["code"]) == (503, "broker_unreachable")
    assert filled.query(UNFINISHED) == []
    told = filled.get(f"/get_report?report_id={refused.json['report_id']}").json
    assert told["status"] == "Failed"
    assert "queue" in told["message"]
