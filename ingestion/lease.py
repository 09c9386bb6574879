"""The right to work on an ingestion's row, kept while its holder lives, with its progress.

Three kinds of ingestions are kept apart by what may happen to them:

- One that came with its request, or on the command line, cannot be retaken: whatever the sweep
  made of its row, it completes. Its lease is long while it stores.
- One that a worker took from the queue is retaken when its lease runs out. Each of its writes is
  guarded by the number of its attempt, so a worker that was given up for dead stores nothing.
- On SQLite the row of either cannot be written while its transaction stores rows: nobody else
  can write then, the sweep neither, so the lease need not be renewed. One of the first kind still
  gets a long one, for people who look at the row.

The thread that renews the lease writes the progress too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ingestion.models import Ingestion
from jobs import clock
from jobs import lease as leases

READING_LEASE = timedelta(minutes=1)
# On SQLite, where nothing can renew it from outside the transaction that stores.
STORING_LEASE = timedelta(minutes=30)
WRITE_SECONDS = 1.0


class Lease(leases.Lease):
    """The row of one running ingestion, as its holder may write to it."""

    def __init__(self, record: Ingestion) -> None:
        super().__init__(record, lease=READING_LEASE, progress=lambda: {"done": self._done})
        self.record = record
        self._written = time.monotonic()
        self._done = 0

    def reading(self, done: int, total: int | None) -> None:
        """Note how many bytes were read; written about once a second."""
        self._done = done
        if time.monotonic() - self._written > WRITE_SECONDS:
            self.update(phase=Ingestion.Phase.READING, done=done, total=total)
            self._written = time.monotonic()

    @contextmanager
    def storing(self, total: int) -> Iterator[None]:
        """Keep the row alive and its progress written while one transaction stores rows."""
        self.stop()
        self._done = 0
        locked = connection.vendor == "sqlite"
        lease = STORING_LEASE if locked and not self.record.upload else READING_LEASE
        expires = clock.now() + lease
        self.update(lease_expires_at=expires, phase=Ingestion.Phase.STORING, done=0, total=total)
        if not locked:
            self.keep(timedelta(seconds=WRITE_SECONDS))
        try:
            yield
        finally:
            self.stop()

    def stored(self, done: int) -> None:
        """Note how many rows were stored, for the thread to write."""
        self._done = done

    def finish(self, **values: Any) -> None:
        """Write to the row for the last time. Raises ``LeaseLost`` if it is no longer ours."""
        # First, or the thread would wait for this transaction and write to a finished row.
        self.stop()
        self.update(**values)

    def held(self) -> QuerySet[Ingestion]:
        """Return the row as long as it is ours to write: without a kept file, to the end."""
        if self.record.upload:
            return super().held()
        return Ingestion.objects.filter(pk=self.record.pk)
