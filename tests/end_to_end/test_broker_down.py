"""The API while the message broker is away: an answer within seconds, and no report left behind."""

import socket
import time
from contextlib import contextmanager

import pytest

from tests.end_to_end.stack import HOST, Stack, free_port

SECONDS = 15


@contextmanager
def closed_port():
    """Nobody listens: connections are refused."""
    yield free_port()


@contextmanager
def hung_port():
    """Somebody listens and never says a word."""
    with socket.create_server((HOST, 0), backlog=64) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("broker", [closed_port, hung_port])
def test_it_answers_503_and_leaves_no_report_running(sample, tmp_path, broker):
    with broker() as port:
        stack = Stack(tmp_path, broker_url=f"redis://{HOST}:{port}/0")
        try:
            stack.manage("migrate", "--verbosity=0")
            stack.manage("ingest", sample)
            stack.start_web()
            started = time.monotonic()
            refused = stack.call("POST", "/trigger_report")
            assert time.monotonic() - started < SECONDS
            assert (refused.status, refused.json["code"]) == (503, "broker_unreachable")
            assert stack.query("SELECT status FROM reports_report") == [("Failed",)]
            told = stack.get(f"/get_report?report_id={refused.json['report_id']}").json
            assert told["status"] == "Failed"
            assert "queue" in told["message"]
        finally:
            stack.stop()
