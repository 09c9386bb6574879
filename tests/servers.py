"""The PostgreSQL and Redis that tests use if they can be reached, and the message if not.

TEST_POSTGRES_URL and TEST_REDIS_URL name them. Without one, its tests are skipped and the last
lines of the run say so; with CI set, they fail.
"""

import hashlib
import os
import uuid
from contextlib import ExitStack, contextmanager, nullcontext
from functools import cache
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from tests.isolation import one_of

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")
# Taken where the URL names none; 14 is the bench's.
REDIS_NUMBERS = (15, 13, 12, 11, 10, 9, 8)
SKIPPED = "SKIPPED LOUDLY"
# What Celery and we leave in a Redis; anything else there is not ours to remove.
OUR_KEYS = ("_kombu.*", "celery*", "messages", "storemonitor:*", "sweep", "unacked*")
# Contexts that end with the process.
_kept = ExitStack()


def in_ci():
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def postgres_fault():
    """Return why PostgreSQL cannot be used, or None."""
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return _fault("PostgreSQL", POSTGRES_URL, "TEST_POSTGRES_URL", error)
    return None


def redis_fault():
    """Return why Redis cannot be used, or None."""
    try:
        with redis.from_url(REDIS_URL, socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
    except redis.RedisError as error:
        return _fault("Redis", REDIS_URL, "TEST_REDIS_URL", error)
    return None


def _fault(what, url, variable, error):
    """Return one line without the password that the address may hold."""
    place = urlsplit(url)
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return f"no {what} at {place.hostname}:{place.port} ({variable}): {reason}"


def need(fault):
    """Skip the test for want of a server, or fail it in CI."""
    if fault and in_ci():
        pytest.fail(fault, pytrace=False)
    if fault:
        pytest.skip(f"{SKIPPED}: {fault}")


@contextmanager
def database():
    """Make a database of our own and yield its URL; drop it afterwards."""
    need(postgres_fault())
    name = f"storemonitor_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        forget_on_a_crash(connection, name)
        try:
            yield f"{POSTGRES_URL.rpartition('/')[0]}/{name}"
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def forget_on_a_crash(connection, name):
    """Do not wait for the disk: data loss in a crash of PostgreSQL is not tested here."""
    setting = sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off")
    connection.execute(setting.format(sql.Identifier(name)))


@contextmanager
def broker():
    """Yield the URL of an empty Redis database that no other process on this machine uses.

    It is often the one of the block before: nothing that was started there may still run.
    """
    need(redis_fault())
    with _one_redis() as url, redis.from_url(url) as client:
        _clear(client, url)
        try:
            yield url
        finally:
            _clear(client, url)


def _one_redis():
    """Return a context with the database that was named, or with the one of this process."""
    if urlsplit(REDIS_URL).path.strip("/"):
        return _locked([REDIS_URL])
    return nullcontext(_our_redis())


@cache
def _our_redis():
    """Take a database of Redis that holds no keys of others, to the end of this process."""
    urls = [f"{REDIS_URL.rstrip('/')}/{number}" for number in REDIS_NUMBERS]
    free = [url for url in urls if not _others(url)]
    return _kept.enter_context(_locked(free or urls))


@contextmanager
def _locked(urls):
    locks = {_lock_of(url): url for url in urls}
    with one_of(locks) as lock:
        yield locks[lock]


def _others(url):
    with redis.from_url(url) as client:
        return _keys_of_others(client)


def _lock_of(url):
    return f"redis-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def _keys_of_others(client):
    return set(client.keys("*")) - _our_keys(client)


def _our_keys(client):
    return {key for pattern in OUR_KEYS for key in client.keys(pattern)}


def _clear(client, url):
    """Remove what an earlier run may have left; stop if there are other keys."""
    if others := _keys_of_others(client):
        pytest.fail(f"{url} holds keys of others, such as {min(others)!r}: name an empty one")
    if ours := _our_keys(client):
        client.delete(*ours)
