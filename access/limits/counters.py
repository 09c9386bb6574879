"""Counts of recent events, shared by all processes of the web server.

Redis counts if it is the broker. Otherwise there is only one machine, and a small SQLite file
counts: a cache in memory would be per process, Django's file and database caches do not count
atomically, and a table beside the data would wait for each ingestion.
"""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

import redis

# An answer matters more than a count: a request that cannot be counted at once passes.
PATIENCE_SECONDS = 0.25


class CannotCount(Exception):
    """The counters cannot be reached."""


@dataclass(frozen=True)
class Count:
    """The number of hits since the window began, and the seconds until it ends."""

    hits: int
    seconds_left: int


class Counters(Protocol):
    """Counts by key, each in a window that begins with the key's first hit."""

    def add(self, key: str, *, window: int) -> Count:
        """Add one and return the count. Raises CannotCount."""


class RedisCounters:
    """Counts in Redis."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
        )

    def add(self, key: str, *, window: int) -> Count:
        name = f"storemonitor:rate:{key}"
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.set(name, 0, ex=window, nx=True)
            pipeline.incr(name)
            pipeline.ttl(name)
            try:
                _, hits, seconds_left = pipeline.execute()
            except redis.RedisError as error:
                raise CannotCount(str(error)) from error
        return Count(hits, max(int(seconds_left), 1))


class FileCounters:
    """Counts in a file, for the processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    def add(self, key: str, *, window: int) -> Count:
        now = int(time.time())
        try:
            with self._lock:
                hits, ends = self._add(key, now, now + window)
        except (sqlite3.Error, OSError) as error:
            raise CannotCount(f"{self._path}: {error}") from error
        return Count(hits, max(ends - now, 1))

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _add(self, key: str, now: int, ends: int) -> tuple[int, int]:
        connection = self._connection or self._opened()
        statement = (
            "INSERT INTO counts VALUES (?1, 1, ?3) ON CONFLICT (key) DO UPDATE SET"
            " hits = CASE WHEN ends > ?2 THEN hits + 1 ELSE 1 END,"
            " ends = CASE WHEN ends > ?2 THEN ends ELSE ?3 END RETURNING hits, ends"
        )
        with closing(connection.execute(statement, (key, now, ends))) as cursor:
            [(hits, ends)] = cursor.fetchall()
        if hits == 1:
            connection.execute("DELETE FROM counts WHERE ends <= ?", (now,))
        return hits, ends

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS counts"
            " (key TEXT PRIMARY KEY, hits INTEGER NOT NULL, ends INTEGER NOT NULL) WITHOUT ROWID"
        )
        self._connection = connection
        return connection
