"""Redis, configured badly or away: the doctor names each fault, and its command mends it."""

import shutil
import signal
import subprocess
from contextlib import contextmanager

import pytest
import redis

from tests.database.storemonitor.doctor.asking import asked, do, is_clean, told
from tests.end_to_end.stack import until
from tests.isolation import free_port
from tests.servers import need

pytestmark = pytest.mark.one_database

GOOD = ("--appendonly", "yes", "--maxmemory", "100mb", "--maxmemory-policy", "noeviction")


@contextmanager
def own_redis(folder):
    """Start a Redis of this test's own, as it should be, and yield its process and client."""
    if not shutil.which("redis-server") or not shutil.which("redis-cli"):
        need("no Redis to start (redis-server, redis-cli)")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--save", "", *GOOD]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            until(lambda: answers(client))
            yield process, client
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def answers(client):
    try:
        return client.ping()
    except redis.ConnectionError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with own_redis(tmp_path_factory.mktemp("redis")) as (_, client):
        yield client


@pytest.fixture
def client(server, settings):
    port = server.connection_pool.connection_kwargs["port"]
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{port}/0"
    assert is_clean("broker")
    return server


@pytest.mark.parametrize(
    ("name", "value", "expected", "words"),
    [
        ("maxmemory-policy", "allkeys-lru", "FAIL", "maxmemory-policy is allkeys-lru"),
        ("appendonly", "no", "WARN", "appendonly is no"),
        ("maxmemory", "100kb", "FAIL", "new messages are refused"),
    ],
)
def test_it_is_configured_badly(client, name, value, expected, words):
    client.config_set(name, value)
    level, reason, remedy = told("broker")
    assert level == expected
    assert words in reason
    assert remedy.startswith("redis-cli -h 127.0.0.1 -p ")
    # The memory that the test allows is so little that twice as much is not enough.
    for _ in range(6 if name == "maxmemory" else 1):
        do(told("broker")[2]) if not is_clean("broker") else None
    assert is_clean("broker")


def test_it_is_away(settings):
    settings.CELERY_BROKER_URL = f"redis://:secret@127.0.0.1:{free_port()}/0"
    level, reason, remedy = told("broker")
    assert level == "FAIL"
    assert "cannot be used" in reason
    assert "secret" not in reason + remedy
    assert remedy.startswith("start Redis, or correct CELERY_BROKER_URL")
    _, checks = asked("queue")
    assert checks["queue"]["level"] == "SKIP"
