"""Databases of the bench's own, gone when it ends, and a broker; nothing else there is touched."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

from bench.measure import say

POSTGRESQL = "PostgreSQL"
SQLITE = "SQLite"
DEFAULT_REDIS = "redis://127.0.0.1:6379/14"
FOLDER = "filesystem://"
# What Celery leaves behind in Redis, the messages that nobody took among it.
_LEFTOVERS = ("_kombu.*", "celery*", "messages*", "sweep*", "unacked*")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A kind of database, its version, and how to have an empty one: by URL, in a folder."""

    name: str
    version: str
    database: Callable[[Path], AbstractContextManager[str]]


def servers() -> list[Server]:
    """Return SQLite, and PostgreSQL before it if the environment names one that answers."""
    found = [Server(name=SQLITE, version=sqlite3.sqlite_version, database=_in_folder)]
    url = os.environ.get("BENCH_POSTGRES_URL") or os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgres://", "postgresql://")):
        say("SKIPPED: PostgreSQL; name one in BENCH_POSTGRES_URL.")
        return found
    try:
        return [_postgresql_server(url), *found]
    except psycopg.OperationalError as error:
        say(f"SKIPPED: PostgreSQL; it cannot be reached: {error}")
        return found


@contextmanager
def _in_folder(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'db.sqlite3'}"


def _postgresql_server(url: str) -> Server:
    always_there = _named(url, "postgres")
    with psycopg.connect(always_there, connect_timeout=5) as connection:
        version = connection.info.parameter_status("server_version") or "unknown"

    @contextmanager
    def database(_folder: Path) -> Iterator[str]:
        name = f"store_monitoring_bench_{secrets.token_hex(6)}"
        with psycopg.connect(always_there, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
            try:
                yield _named(url, name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    return Server(name=POSTGRESQL, version=version, database=database)


def _named(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    scheme, host, _, query, _ = urlsplit(url)
    return urlunsplit((scheme, host, f"/{name}", query, ""))


@contextmanager
def broker() -> Iterator[str]:
    """Yield the URL of TEST_REDIS_URL's database if it is free, and empty it afterwards.

    Two on one database would take each other's tasks. TEST_REDIS_URL="" asks for the folder.
    """
    url = os.environ.get("TEST_REDIS_URL", DEFAULT_REDIS)
    if not url or not _is_free(url):
        yield FOLDER
        return
    try:
        yield url
    finally:
        with redis.Redis.from_url(url) as client:
            for pattern in _LEFTOVERS:
                for key in client.scan_iter(pattern):
                    client.delete(key)


def _is_free(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            keys = client.dbsize()
    except redis.RedisError as error:
        say(f"SKIPPED: Redis at {url}; it cannot be reached: {error}")
        return False
    if keys:
        say(f"SKIPPED: Redis at {url}; it holds {keys} keys. Name a free one in TEST_REDIS_URL.")
    return not keys
