"""The state of reports with listeners, and the number of listeners.

Both are per process: each web process queries and counts on its own.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar
from uuid import UUID

from django.db import connection

from reports.models import Report

LeftT = TypeVar("LeftT")


def _taken_from(left: SimpleQueue[LeftT]) -> Iterator[LeftT]:
    with suppress(Empty):
        while True:
            yield left.get_nowait()


class Places:
    """The number of current listeners; each occupies a thread of the web server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0
        # Its put() may be called during another put() or while a lock is held below.
        self._left: SimpleQueue[None] = SimpleQueue()

    def take(self, limit: int) -> bool:
        """Take a place if fewer than ``limit`` are taken; return whether there was one."""
        with self._lock:
            self._taken -= sum(1 for _ in _taken_from(self._left))
            free = self._taken < limit
            self._taken += free
            return free

    def leave(self) -> None:
        """Give a place back; takes no lock, since the garbage collector may call it anywhere."""
        self._left.put(None)


class Watch:
    """One query per ``seconds`` for the reports of all listeners, however many there are.

    It has no thread: the first listener that finds the last answer too old queries for all. No
    connection is kept between two queries.
    """

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._listeners: Counter[UUID] = Counter()
        self._left: SimpleQueue[UUID] = SimpleQueue()
        self._asked = float("-inf")
        self._reports: dict[UUID, Report] = {}

    def begin(self, report_id: UUID) -> None:
        """Include this report from now on, and refresh: its known state may be old."""
        with self._lock:
            self._listeners[report_id] += 1
            self._reports.pop(report_id, None)

    def end(self, report_id: UUID) -> None:
        """Stop including it, unless it has other listeners; takes no lock, see ``Places.leave``."""
        self._left.put(report_id)

    def report(self, report_id: UUID) -> Report | None:
        """Return the report as of the last query; None if it is gone."""
        with self._lock:
            if report_id not in self._reports or self._is_old():
                self._ask()
            return self._reports.get(report_id)

    def _is_old(self) -> bool:
        return time.monotonic() - self._asked >= self._seconds

    def _ask(self) -> None:
        self._listeners -= Counter(_taken_from(self._left))
        try:
            # The list of stores may be long and is in no event.
            self._reports = Report.objects.defer("stores").in_bulk(list(self._listeners))
        finally:
            connection.close()
        self._asked = time.monotonic()


places = Places()
watch = Watch(seconds=1)
