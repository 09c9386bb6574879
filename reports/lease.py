"""A lease on a report's row, kept while its holder lives.

A thread renews it. A worker that is killed takes the thread along, the lease runs out, and the
sweep hands the report to another.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from reports.models import Report

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker holds the report now; whatever this one has is to be thrown away."""


class Lease:
    """The right to write to a report's row, as long as no later attempt has begun."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def update(self, **values: Any) -> None:
        """Write to the row and renew the lease. Raises ``LeaseLost`` if it is no longer ours."""
        if not self._held().update(**{**self._renewed(), **values}):
            raise LeaseLost(
                f"{self.report}: attempt {self.report.attempts} is not the last any more"
            )

    def renew_until(self, stopped: Event) -> None:
        """Renew three times in each lease, until told to stop or the lease is lost."""
        try:
            while not stopped.wait(settings.REPORT_LEASE.total_seconds() / 3):
                try:
                    if not self._held().update(**self._renewed()):
                        return
                except OperationalError:
                    # The next turn may succeed; if none does in time, the lease runs out.
                    logger.warning("could not renew the lease of %s", self.report, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def _held(self) -> QuerySet[Report]:
        return Report.objects.filter(
            pk=self.report.pk, status=Report.Status.RUNNING, attempts=self.report.attempts
        )

    @staticmethod
    def _renewed() -> dict[str, Any]:
        return {"lease_expires_at": timezone.now() + settings.REPORT_LEASE}


@contextmanager
def kept_lease(report: Report) -> Iterator[Lease]:
    """Yield the lease of a report just claimed, renewed by a thread until the block ends."""
    lease, stopped = Lease(report), Event()
    thread = Thread(
        target=lease.renew_until, args=[stopped], name=f"lease of {report}", daemon=True
    )
    thread.start()
    try:
        yield lease
    finally:
        stopped.set()
        thread.join()
