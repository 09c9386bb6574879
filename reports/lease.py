"""A lease on a job's row, kept while its holder lives.

A thread renews it. A worker that is killed takes the thread along, the lease runs out, and the
sweep hands the job to another.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import QuerySet

from ingestion import clock
from reports.models import Job, Status

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The job was cancelled or another worker holds it; what this one has is to be thrown away."""


class Lease:
    """The right to write to a job's row, as long as no later attempt has begun."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._stopped = Event()
        self._thread: Thread | None = None

    def update(self, **values: Any) -> None:
        """Write to the row and renew the lease. Raises ``LeaseLost`` if it is no longer ours."""
        if not self._held().update(**{**self._renewed(), **values}):
            raise LeaseLost(
                f"{self.job}: it was cancelled, or attempt {self.job.attempts} is not the last"
            )

    def keep(self) -> None:
        """Have a thread renew the lease until ``stop``."""
        self._thread = Thread(
            target=self.renew_until, args=[self._stopped], name=f"lease of {self.job}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the renewing, so that what is written next is not overwritten by it.

        Not inside a transaction: the thread may be waiting for the row.
        """
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def renew_until(self, stopped: Event) -> None:
        """Renew three times in each lease, until told to stop or the lease is lost."""
        try:
            while not stopped.wait(settings.REPORT_LEASE.total_seconds() / 3):
                try:
                    if not self._held().update(**self._renewed()):
                        return
                except OperationalError:
                    # The next turn may succeed; if none does in time, the lease runs out.
                    logger.warning("could not renew the lease of %s", self.job, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def _held(self) -> QuerySet[Any]:
        return type(self.job)._default_manager.filter(
            pk=self.job.pk, status=Status.RUNNING, attempts=self.job.attempts
        )

    @staticmethod
    def _renewed() -> dict[str, Any]:
        return {"lease_expires_at": clock.now() + settings.REPORT_LEASE}


@contextmanager
def kept_lease(job: Job) -> Iterator[Lease]:
    """Yield the lease of a job just claimed, renewed by a thread until the block ends."""
    lease = Lease(job)
    lease.keep()
    try:
        yield lease
    finally:
        lease.stop()
