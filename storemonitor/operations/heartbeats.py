"""Heartbeats of workers: each keeps a row that shows the admin's home page that it is alive.

Asking the workers takes a second with Redis and is impossible over a folder, so a thread of each
worker writes the time to its row. A worker that ends in an orderly way removes its row; the row of
a killed one stays and ages.
"""

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.utils import timezone

from jobs import clock
from storemonitor.models import Worker
from storemonitor.operations.code import code_version

logger = logging.getLogger(__name__)

INTERVAL = timedelta(seconds=15)
# Three missed in a row. On SQLite a worker that stores a large file blocks all others.
SILENT_AFTER = 4 * INTERVAL
FORGOTTEN_AFTER = timedelta(hours=1)
# More than NTP-synchronized clocks differ, plus the delay of a slow answer.
CLOCK_OFF = timedelta(seconds=10)


def is_silent(worker: Worker, now: datetime) -> bool:
    """Tell whether a worker's last heartbeat is so old that it has probably died."""
    return now - worker.beat_at > SILENT_AFTER


def is_clock_off(worker: Worker) -> bool:
    """Tell whether a worker's clock differs too much from the database's."""
    return abs(worker.clock_ahead) > CLOCK_OFF


def times() -> tuple[datetime, timedelta]:
    """Return the database's time, and how far this machine's clock is ahead of it."""
    asked, now, answered = timezone.now(), clock.now(), timezone.now()
    # Assume the answer was given half-way.
    return now, asked + (answered - asked) / 2 - now


class Heartbeat:
    """Maintains the row of this process's worker, from ``start`` to ``stop``."""

    def __init__(self, name: str, *, processes: int) -> None:
        self._name = name
        self._processes = processes
        self._code = code_version()
        self._started_at: datetime | None = None
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Start a thread that writes the row now and repeatedly."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, which removes the row."""
        self._stopped.set()
        self._thread.join(timeout=INTERVAL.total_seconds())

    def beat(self) -> None:
        """Write the row, and delete workers that were killed a while ago or replaced."""
        now, ahead = times()
        self._started_at = self._started_at or now
        values = {
            "processes": self._processes,
            "started_at": self._started_at,
            "beat_at": now,
            "clock_ahead": ahead,
            "code": self._code,
        }
        Worker.objects.update_or_create(values, name=self._name, pid=os.getpid())
        replaced = Q(name=self._name, beat_at__lt=now - SILENT_AFTER) & ~Q(pid=os.getpid())
        Worker.objects.filter(replaced | Q(beat_at__lt=now - FORGOTTEN_AFTER)).delete()

    def forget(self) -> None:
        Worker.objects.filter(name=self._name, pid=os.getpid()).delete()

    def _run(self) -> None:
        self._attempt(self.beat)
        while not self._stopped.wait(INTERVAL.total_seconds()):
            self._attempt(self.beat)
        self._attempt(self.forget)

    def _attempt(self, action: Callable[[], None]) -> None:
        """Do it if the database is reachable; a missed heartbeat does no harm."""
        try:
            action()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("could not write the heartbeat of %s: %s", self._name, error)
        finally:
            connection.close()
