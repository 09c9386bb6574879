"""The web while the database does not get on: an answer within five seconds, and a live health."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from tests.end_to_end.stack import Stack, until
from tests.own_postgres import own_postgres

SECONDS = 5
# More than the threads that serve requests.
MANY = 40


@pytest.fixture(scope="module")
def server():
    with own_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def stack(server, tmp_path_factory):
    stack = Stack(tmp_path_factory.mktemp("stack"), database_url=server.url)
    try:
        migrated = stack.manage("migrate", "--verbosity=0")
        assert migrated.returncode == 0, migrated.stderr
        stack.start_web()
        yield stack
    finally:
        stack.stop()


@contextmanager
def locked(server):
    with psycopg.connect(server.url) as other:
        other.execute("LOCK TABLE reports_report")
        yield
        other.rollback()


def timed(stack, path):
    started = time.monotonic()
    answer = stack.get(path)
    return answer, time.monotonic() - started


def check(answer, seconds):
    assert (answer.status, answer.json["code"]) == (503, "database_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert seconds < SECONDS


def test_a_locked_table_is_503_and_does_not_touch_the_health(server, stack):
    with locked(server), ThreadPoolExecutor(MANY) as pool:
        waiting = [pool.submit(stack.get, "/api/v1/reports/") for _ in range(MANY)]
        time.sleep(1)
        answer, seconds = timed(stack, "/healthz")
        assert (answer.status, seconds < 2) == (200, True)
        assert {each.result().status for each in waiting} == {503}
        check(*timed(stack, "/api/v1/reports/"))
    assert stack.get("/api/v1/reports/").status == 200


@pytest.mark.parametrize("path", ["/api/v1/reports/", "/healthz"])
def test_a_server_that_hangs_is_503_and_back_once_it_goes_on(server, stack, path):
    assert stack.get(path).status == 200
    server.freeze()
    try:
        check(*timed(stack, path))
        check(*timed(stack, path))
    finally:
        server.thaw()
    until(lambda: stack.get(path).status == 200)


def test_readiness_says_in_time_that_the_server_hangs_whoever_asks(server, stack):
    token = {"Authorization": "Bearer sm_abcdefgh_unknown"}
    server.freeze()
    try:
        for headers in ({}, token):
            started = time.monotonic()
            answer = stack.call("GET", "/readyz", **headers)
            assert time.monotonic() - started < SECONDS
            assert (answer.status, answer.json["code"]) == (503, "not_ready")
            checks = {part: check["state"] for part, check in answer.json["checks"].items()}
            assert (checks["database"], checks["workers"]) == ("failed", "unknown")
            assert checks["broker"] == checks["storage"] == "ok"
    finally:
        server.thaw()
    until(lambda: stack.get("/readyz").json["checks"]["database"]["state"] == "ok")


def test_metrics_without_the_database_still_come_in_time(server, stack):
    server.freeze()
    try:
        started = time.monotonic()
        answer = stack.get("/metrics")
        # Prometheus waits for ten seconds.
        assert time.monotonic() - started < SECONDS + 3
    finally:
        server.thaw()
    assert answer.status == 200
    lines = answer.body.decode().splitlines()
    assert 'storemonitor_collector_up{collector="reports"} 0.0' in lines
    assert 'storemonitor_collector_up{collector="queues"} 1.0' in lines
    up = b'storemonitor_collector_up{collector="reports"} 1.0'
    until(lambda: up in stack.get("/metrics").body)


def test_a_server_that_hangs_within_a_read_of_columns_is_503(server, stack):
    polls = b"store_id,status,timestamp_utc\na,active,2024-01-15 11:00:00 UTC\n"
    with psycopg.connect(server.url) as other, ThreadPoolExecutor(1) as pool:
        # The first that asks for stores is the read by Arrow, in the middle of a transaction.
        other.execute("LOCK TABLE ingestion_store")
        answer = pool.submit(stack.call, "POST", "/api/v1/polls", polls, Content_Type="text/csv")
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        until(lambda: other.execute(waits).fetchone()[0])
        started = time.monotonic()
        server.freeze()
        try:
            check(answer.result(), time.monotonic() - started)
        finally:
            server.thaw()
    until(lambda: stack.get("/api/v1/reports/").status == 200)
    sent = stack.call("POST", "/api/v1/polls", polls, Content_Type="text/csv")
    assert sent.status in (200, 201), sent.body
