"""The right to work on an ingestion's row, kept while its holder lives, with its progress.

Three kinds of ingestions are kept apart by what may happen to them:

- One that came with its request, or on the command line, cannot be retaken: whatever the sweep
  made of its row, it completes. Its lease is long while it stores.
- One that a worker took from the queue is retaken when its lease runs out. Each of its writes is
  guarded by the number of its attempt, so a worker that was given up for dead stores nothing.
- On SQLite the row of either cannot be written while its transaction stores rows: nobody else
  can write then, the sweep neither, so the lease need not be renewed.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from ingestion.models import Ingestion

logger = logging.getLogger(__name__)

READING_LEASE = timedelta(minutes=1)
# Of an ingestion that no sweep may retake, as one transaction stores all of it.
STORING_LEASE = timedelta(minutes=30)
WRITE_SECONDS = 1.0


class LeaseLost(Exception):
    """Another worker has the ingestion now; nothing of this one's may be stored."""


class Lease:
    """The row of one running ingestion, as its holder may write to it."""

    def __init__(self, record: Ingestion) -> None:
        self.record = record
        self._written = time.monotonic()
        self._storing = READING_LEASE if record.upload else STORING_LEASE
        self._done = 0

    def reading(self, done: int, total: int | None) -> None:
        """Note how many bytes were read; written about once a second."""
        if time.monotonic() - self._written > WRITE_SECONDS:
            self._write(READING_LEASE, phase=Ingestion.Phase.READING, done=done, total=total)

    @contextmanager
    def storing(self, total: int) -> Iterator[None]:
        """Keep the row alive and its progress written while one transaction stores rows."""
        self._write(self._storing, phase=Ingestion.Phase.STORING, done=0, total=total)
        if connection.vendor == "sqlite":
            yield
            return
        stopped = Event()
        thread = Thread(
            target=self._keep_writing, args=[stopped], name=f"lease of {self.record}", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()

    def stored(self, done: int) -> None:
        """Note how many rows were stored, for the thread to write."""
        self._done = done

    def update(self, **values: Any) -> None:
        """Write to the row. Raises ``LeaseLost`` if it is no longer ours."""
        if not self._held().update(**values):
            raise LeaseLost(
                f"{self.record}: attempt {self.record.attempts} is not the last any more"
            )

    def _write(self, lease: timedelta, **values: Any) -> None:
        self.update(lease_expires_at=timezone.now() + lease, **values)
        self._written = time.monotonic()

    def _keep_writing(self, stopped: Event) -> None:
        """Write the progress and renew the lease until told to stop or the lease is lost.

        On a connection of this thread's own: the holder's is inside a transaction.
        """
        try:
            while not stopped.wait(WRITE_SECONDS):
                try:
                    self._write(self._storing, done=self._done)
                except OperationalError:
                    # The next turn may succeed; if none does in time, the lease runs out.
                    logger.warning("could not renew the lease of %s", self.record, exc_info=True)
                    connection.close()
        except LeaseLost:
            logger.warning("another worker has %s", self.record)
        finally:
            connection.close()

    def _held(self) -> QuerySet[Ingestion]:
        rows = Ingestion.objects.filter(pk=self.record.pk)
        if not self.record.upload:
            return rows
        return rows.filter(status=Ingestion.Status.RUNNING, attempts=self.record.attempts)
