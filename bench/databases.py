"""Databases of the bench's own, gone when it ends; nothing else on a server is touched."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.measure import say

POSTGRESQL = "PostgreSQL"
SQLITE = "SQLite"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A kind of database, its version, and how to have an empty one: by URL, in a folder."""

    name: str
    version: str
    database: Callable[[Path], AbstractContextManager[str]]


def servers() -> list[Server]:
    """Return SQLite, and PostgreSQL before it if the environment names one that answers."""
    found = [_sqlite_server()]
    url = os.environ.get("BENCH_POSTGRES_URL") or os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgres://", "postgresql://")):
        say("SKIPPED: PostgreSQL; name one in BENCH_POSTGRES_URL.")
        return found
    try:
        return [_postgresql_server(url), *found]
    except psycopg.OperationalError as error:
        say(f"SKIPPED: PostgreSQL; it cannot be reached: {error}")
        return found


def _named(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    scheme, host, _, query, _ = urlsplit(url)
    return urlunsplit((scheme, host, f"/{name}", query, ""))


def _postgresql_server(url: str) -> Server:
    always_there = _named(url, "postgres")
    with psycopg.connect(always_there, connect_timeout=5) as connection:
        version = connection.info.parameter_status("server_version") or "unknown"

    @contextmanager
    def database(_folder: Path) -> Iterator[str]:
        name = f"store_monitoring_bench_{secrets.token_hex(6)}"
        _execute(always_there, "CREATE DATABASE {}", name)
        try:
            yield _named(url, name)
        finally:
            _execute(always_there, "DROP DATABASE {} WITH (FORCE)", name)

    return Server(name=POSTGRESQL, version=version, database=database)


def _execute(url: str, statement: LiteralString, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _sqlite_server() -> Server:
    @contextmanager
    def database(folder: Path) -> Iterator[str]:
        yield f"sqlite:///{folder / 'db.sqlite3'}"

    return Server(name=SQLITE, version=sqlite3.sqlite_version, database=database)
