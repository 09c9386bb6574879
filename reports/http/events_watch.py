"""Where the reports stand that somebody listens to, and how many may listen.

Both are of one process: each process of the web server asks and counts for itself.
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
    """How many listen now; each of them keeps a thread of the web server busy."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0
        # Its put() is made to be called while another call of it, or a lock, is held below.
        self._left: SimpleQueue[None] = SimpleQueue()

    def take(self, limit: int) -> bool:
        """Take a place if fewer than ``limit`` are taken, and say whether there was one."""
        with self._lock:
            self._taken -= sum(1 for _ in _taken_from(self._left))
            free = self._taken < limit
            self._taken += free
            return free

    def leave(self) -> None:
        """Give a place back; takes no lock, as the garbage collector may call it anywhere."""
        self._left.put(None)


class Watch:
    """One query in ``seconds`` for the reports of all listeners, however many they are.

    There is no thread for it: the first listener who finds the last answer too old asks for all.
    No connection is kept between two queries.
    """

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._listeners: Counter[UUID] = Counter()
        self._left: SimpleQueue[UUID] = SimpleQueue()
        self._asked = float("-inf")
        self._reports: dict[UUID, Report] = {}

    def begin(self, report_id: UUID) -> None:
        """Ask for this report, too, from now on: what was known of it may be old already."""
        with self._lock:
            self._listeners[report_id] += 1
            self._reports.pop(report_id, None)

    def end(self, report_id: UUID) -> None:
        """Ask for it no longer, unless others listen to it; takes no lock, as ``Places.leave``."""
        self._left.put(report_id)

    def report(self, report_id: UUID) -> Report | None:
        """Return the report as it was at the last query; None where it is gone."""
        with self._lock:
            if report_id not in self._reports or self._is_old():
                self._ask()
            return self._reports.get(report_id)

    def _is_old(self) -> bool:
        return time.monotonic() - self._asked >= self._seconds

    def _ask(self) -> None:
        self._listeners -= Counter(_taken_from(self._left))
        try:
            # Which stores it is about may be a long list, and no event says it.
            self._reports = Report.objects.defer("stores").in_bulk(list(self._listeners))
        finally:
            connection.close()
        self._asked = time.monotonic()


places = Places()
watch = Watch(seconds=1)
