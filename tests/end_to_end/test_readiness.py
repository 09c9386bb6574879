"""Readiness over HTTP, against services that are really away."""

import socket
import time

import pytest

from tests.end_to_end.conftest import EMBEDDED
from tests.end_to_end.stack import HOST, until

SECONDS = 5
# Nothing can be created there, by root neither.
READ_ONLY = "/proc/media"


def states(answer):
    return {part: check["state"] for part, check in answer.json["checks"].items()}


def test_it_is_ready_until_the_worker_is_gone(filled):
    until(lambda: filled.get("/readyz").status == 200)
    filled.kill("worker")
    # As after a minute without a heartbeat.
    filled.query("DELETE FROM storemonitor_worker")
    until(lambda: filled.get("/readyz").status == 503)
    answer = filled.get("/readyz")
    assert answer.json["detail"] == "Not ready: workers, beat."
    assert "Start a worker" in answer.json["checks"]["workers"]["action"]


@pytest.mark.parametrize("filled", [EMBEDDED], indirect=True)
def test_it_finds_a_broker_that_hangs_and_a_storage_that_takes_nothing(filled):
    filled.kill("web")
    with socket.create_server((HOST, 0), backlog=64) as listener:
        broker = f"redis://{HOST}:{listener.getsockname()[1]}/0"
        filled.start_web(CELERY_BROKER_URL=broker, MEDIA_ROOT=READ_ONLY)
        started = time.monotonic()
        answer = filled.get("/readyz")
        assert time.monotonic() - started < SECONDS
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    found = states(answer)
    assert (found["broker"], found["storage"], found["database"]) == ("failed", "failed", "ok")
