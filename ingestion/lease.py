"""The right to write to an ingestion's row, kept while its holder lives, with its progress.

There are three cases:

- An ingestion in a request or on the command line cannot be taken over: it completes, whatever the
  sweep made of its row. Its lease is long while it stores.
- A queued one is taken over when its lease expires. Each of its writes is guarded by the attempt
  number, so a worker that was considered dead stores nothing.
- On SQLite neither row can be written while its transaction stores rows: nothing else can write
  then, not even the sweep, so the lease need not be renewed. The first kind still gets a long one,
  for readers of the row.

The thread that renews the lease also writes the progress.
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
# On SQLite, where nothing can renew it outside the transaction that stores.
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
        """Record how many bytes were read; written about once a second."""
        self._done = done
        if time.monotonic() - self._written > WRITE_SECONDS:
            self.update(phase=Ingestion.Phase.READING, done=done, total=total)
            self._written = time.monotonic()

    @contextmanager
    def storing(self, total: int) -> Iterator[None]:
        """Keep the lease and write the progress while one transaction stores rows."""
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
        """Record how many rows were stored, for the thread to write."""
        self._done = done

    def finish(self, **values: Any) -> None:
        """Write to the row for the last time. Raises ``LeaseLost`` if it is no longer ours."""
        # First, or the thread would wait for this transaction and write to a finished row.
        self.stop()
        self.update(**values)

    def held(self) -> QuerySet[Ingestion]:
        """Return the row while it is ours to write; without a kept file, always."""
        if self.record.upload:
            return super().held()
        return Ingestion.objects.filter(pk=self.record.pk)
