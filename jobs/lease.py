"""A lease on a job's row: the right to write to it, kept while its holder lives.

A thread renews it. A killed worker takes the thread along, so the lease expires, and the sweep
queues the job again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from django.db import OperationalError, connection
from django.db.models import QuerySet

from jobs import claims, clock, log_context
from jobs.models import Job

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has the job, or it has ended; this worker's results must be discarded."""


class Lease:
    """The right to write to a job's row, as long as no later attempt has begun.

    ``progress`` returns the values to write with each renewal.
    """

    def __init__(
        self, job: Job, *, lease: timedelta, progress: Callable[[], Mapping[str, Any]] = dict
    ) -> None:
        self.job = job
        self._lease = lease
        self._progress = progress
        self._stopped = Event()
        self._thread: Thread | None = None
        # To the end of the request or task, so that its end and its failure are told as well.
        log_context.about(job)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease in a thread, three times per lease, until the block ends or ``stop``."""
        self.keep(self._lease / 3)
        try:
            yield
        finally:
            self.stop()

    def update(self, **values: Any) -> None:
        """Write to the row and renew the lease. Raises ``LeaseLost`` if it is no longer ours."""
        if not self.held().update(**{**self._renewed(), **values}):
            raise LeaseLost(
                f"{self.job}: it was cancelled, or attempt {self.job.attempts} is not the last"
            )

    def put_off(self, wait: timedelta, reason: str) -> None:
        """Give the job back until ``wait`` is over. Raises ``LeaseLost`` if it is not ours."""
        now = clock.now()
        due = now + wait
        self.update(error=reason, **self.job.put_off(now, due))
        logger.warning("%s: %s Trying again at %s", self.job, reason, f"{due:%F %T} UTC")

    def keep(self, pause: timedelta) -> None:
        """Renew the lease in a thread after each ``pause``, until ``stop``."""
        self._stopped.clear()
        self._thread = Thread(
            target=self.renew_until,
            args=[self._stopped, pause],
            name=f"lease of {self.job}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Return when nothing but the holder writes to the row; repeating it does no harm.

        Do not call it after writing to the row in a transaction: the thread may be waiting for it.
        """
        self._stopped.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def renew_until(self, stopped: Event, pause: timedelta) -> None:
        """Renew until told to stop or the lease is lost.

        Uses this thread's own connection: the holder's may be inside a transaction.
        """
        try:
            while not stopped.wait(pause.total_seconds()):
                try:
                    if not self.renew():
                        logger.info("%s no longer belongs to this process", self.job)
                        return
                except OperationalError:
                    # The next try may succeed; if none does in time, the lease expires.
                    logger.warning("could not renew the lease of %s", self.job, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def renew(self) -> int:
        """Renew the lease and write the progress; return 0 if the job is not running as ours."""
        running = self.held().filter(status=self.job.HELD)
        return running.update(**self._renewed(), **self._progress())

    def held(self) -> QuerySet[Any]:
        """Return the row as long as it is ours to write."""
        return claims.held(self.job)

    def _renewed(self) -> dict[str, Any]:
        return {self.job.HELD_UNTIL: clock.now() + self._lease}
