"""Readiness and metrics over HTTP, against services and processes that are really away."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import EMBEDDED
from tests.end_to_end.stack import HOST, until

SECONDS = 5
# Nothing can be created there, by root neither.
READ_ONLY = "/proc/media"


def states(answer):
    return {part: check["state"] for part, check in answer.json["checks"].items()}


def metrics(stack):
    """Return every sample of ``/metrics`` by the text before its value."""
    lines = stack.get("/metrics").body.decode().splitlines()
    samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


def collectors(stack):
    beginning = 'storemonitor_collector_up{collector="'
    found = metrics(stack)
    return {
        name.removeprefix(beginning)[:-2]: value
        for name, value in found.items()
        if name.startswith(beginning)
    }


def requests(stack):
    """Return how many answers of ``/docs/errors`` were counted."""
    found = metrics(stack)
    named = 'storemonitor_http_requests_total{method="GET",route="/docs/errors",status="2xx"}'
    return found.get(named, 0)


@pytest.mark.parametrize("filled", [EMBEDDED], indirect=True)
def test_it_adds_up_the_requests_of_all_processes_and_forgets_none_that_is_killed(filled):
    filled.kill("web")
    filled.start_web(WEB_CONCURRENCY="2")
    for _ in range(20):
        filled.get("/docs/errors")
    assert {requests(filled) for _ in range(10)} == {20}
    for process in children(filled.group("web")):
        os.kill(process, signal.SIGKILL)
    until(filled.answers)
    assert requests(filled) == 20
    filled.get("/docs/errors")
    assert requests(filled) == 21


def children(process):
    return map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())


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
        up = collectors(filled)
    assert answer.status == 503
    assert {name for name, value in up.items() if not value} == {"queues"}
    assert int(answer.headers["Retry-After"]) > 0
    found = states(answer)
    assert (found["broker"], found["storage"], found["database"]) == ("failed", "failed", "ok")
