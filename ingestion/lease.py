"""The right to work on an ingestion's row, kept while its holder lives, with its progress.

Three kinds of ingestions are kept apart by what may happen to them:

- One that came with its request, or on the command line, cannot be retaken: whatever the sweep
  made of its row, it completes. Its lease is long while it stores.
- One that a worker took from the queue is retaken when its lease runs out. Each of its writes is
  guarded by the number of its attempt, so a worker that was given up for dead stores nothing.
- On SQLite the row of either cannot be written while its transaction stores rows: nobody else
  can write then, the sweep neither, so the lease need not be renewed. One of the first kind still
  gets a long one, for whoever looks at the row.

A thread renews the lease, so that nothing slow (a bucket, a large batch) has it run out.
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

from ingestion import clock
from ingestion.models import Ingestion

logger = logging.getLogger(__name__)

READING_LEASE = timedelta(minutes=1)
# On SQLite, where nothing can renew it from outside the transaction that stores.
STORING_LEASE = timedelta(minutes=30)
RENEW_SECONDS = READING_LEASE.total_seconds() / 3
WRITE_SECONDS = 1.0


class LeaseLost(Exception):
    """Another worker has the ingestion now; nothing of this one's may be stored."""


class Lease:
    """The row of one running ingestion, as its holder may write to it."""

    def __init__(self, record: Ingestion) -> None:
        self.record = record
        self._written = time.monotonic()
        self._done = 0
        self._stopped = Event()
        self._thread: Thread | None = None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the row alive until the block ends, or ``storing`` begins and sees to it."""
        self._start_renewing(RENEW_SECONDS)
        try:
            yield
        finally:
            self._stop_renewing()

    def reading(self, done: int, total: int | None) -> None:
        """Note how many bytes were read; written about once a second."""
        self._done = done
        if time.monotonic() - self._written > WRITE_SECONDS:
            self._write(READING_LEASE, phase=Ingestion.Phase.READING, done=done, total=total)

    @contextmanager
    def storing(self, total: int) -> Iterator[None]:
        """Keep the row alive and its progress written while one transaction stores rows."""
        self._stop_renewing()
        self._done = 0
        locked = connection.vendor == "sqlite"
        lease = STORING_LEASE if locked and not self.record.upload else READING_LEASE
        self._write(lease, phase=Ingestion.Phase.STORING, done=0, total=total)
        if not locked:
            self._start_renewing(WRITE_SECONDS)
        try:
            yield
        finally:
            self._stop_renewing()

    def stored(self, done: int) -> None:
        """Note how many rows were stored, for the thread to write."""
        self._done = done

    def update(self, **values: Any) -> None:
        """Write to the row. Raises ``LeaseLost`` if it is no longer ours."""
        if not self._held().update(**values):
            raise LeaseLost(
                f"{self.record}: attempt {self.record.attempts} is not the last any more"
            )

    def finish(self, **values: Any) -> None:
        """Write to the row for the last time. Raises ``LeaseLost`` if it is no longer ours."""
        # First, or the thread would wait for this transaction and write to a finished row.
        self._stop_renewing()
        self.update(**values)

    def _write(self, lease: timedelta, **values: Any) -> None:
        self.update(lease_expires_at=clock.now() + lease, **values)
        self._written = time.monotonic()

    def _start_renewing(self, pause: float) -> None:
        self._stopped.clear()
        self._thread = Thread(
            target=self._keep_renewing, args=[pause], name=f"lease of {self.record}", daemon=True
        )
        self._thread.start()

    def _stop_renewing(self) -> None:
        """Return once nothing but the holder writes to the row; done twice it does no harm."""
        self._stopped.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _keep_renewing(self, pause: float) -> None:
        """Renew the lease and write the progress until told to stop or the lease is lost.

        On a connection of this thread's own: the holder's may be inside a transaction.
        """
        try:
            while not self._stopped.wait(pause):
                try:
                    if not self._renew():
                        logger.warning("%s is not this process's any more", self.record)
                        return
                except OperationalError:
                    # The next turn may succeed; if none does in time, the lease runs out.
                    logger.warning("could not renew the lease of %s", self.record, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def _renew(self) -> int:
        running = self._held().filter(status=Ingestion.Status.RUNNING)
        return running.update(lease_expires_at=clock.now() + READING_LEASE, done=self._done)

    def _held(self) -> QuerySet[Ingestion]:
        rows = Ingestion.objects.filter(pk=self.record.pk)
        if not self.record.upload:
            return rows
        return rows.filter(status=Ingestion.Status.RUNNING, attempts=self.record.attempts)
