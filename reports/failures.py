"""What an exception means for a job: another attempt, or the end."""

import logging
from collections.abc import Callable
from types import TracebackType

from api.reasons import reason_of
from ingestion.failures import PASSING, gave_up, put_off
from reports.lease import Lease, LeaseLost

logger = logging.getLogger(__name__)


class FailureRecorded:
    """Writes an exception that passes through to the database, and lets it pass.

    What may pass is noted on the job, whose lease is given back, with the instant at which it is
    due again; it does not count against the attempts that dead workers may use up. What will not
    pass, or has not passed after the last pause, ends the report: ``fail(reason)``.
    """

    def __init__(self, lease: Lease, fail: Callable[[str], None]) -> None:
        self._lease = lease
        self._fail = fail

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, LeaseLost):
            return
        self._lease.stop()
        reason = reason_of(error) if error else kind.__name__
        logger.error("a job of a report failed", exc_info=error)
        job, passing = self._lease.job, issubclass(kind, PASSING)
        values = put_off(job.faults, reason) if passing else None
        if values is not None:
            self._lease.update(**values)
            return
        # Only who still holds the job may end the report for it.
        self._lease.update(error=reason)
        self._fail(gave_up(job.attempts, reason) if passing else reason)
