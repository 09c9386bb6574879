"""The meaning of an exception for a job: another attempt after a pause, or the end."""

import logging
from collections.abc import Callable
from types import TracebackType

from adbc_driver_manager import Error as ArrowReadError
from django.db import OperationalError, connection

from api.errors.reasons import reason_of
from api.errors.storage_faults import storage_faults
from jobs.lease import Lease, LeaseLost

logger = logging.getLogger(__name__)

# Another attempt may succeed: the database or storage could not be reached, or was full.
PASSING: tuple[type[Exception], ...] = (OperationalError, ArrowReadError, *storage_faults())


def may_pass(error: Exception) -> bool:
    """Tell whether another attempt may succeed."""
    return isinstance(error, PASSING)


class FailureRecorded:
    """Records an exception of the block on the job's row, and re-raises it.

    After a passing error the job is given back with the instant at which it is due again. Any other
    error, or one that has not passed after the last pause, ends the job: ``fail(error, reason)``,
    which writes by the lease. Exceptions in ``expected`` end here; all others are logged and
    re-raised.
    """

    def __init__(
        self,
        lease: Lease,
        fail: Callable[[Exception, str], None],
        *,
        passes: Callable[[Exception], bool] = may_pass,
        reason: Callable[[Exception], str] = reason_of,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        self._lease = lease
        self._fail = fail
        self._passes = passes
        self._reason = reason
        self._expected = expected

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, LeaseLost):
            return False
        self._lease.stop()
        if not isinstance(error, self._expected):
            logger.error("%s: an attempt failed", self._lease.job, exc_info=error)
        self._record(error)
        return isinstance(error, self._expected)

    def _record(self, error: Exception) -> None:
        job, reason, passes = self._lease.job, self._reason(error), self._passes(error)
        if passes:
            # The failure may have broken this connection; the rest uses a new one.
            connection.close()
        wait = job.pause() if passes else None
        if wait is None:
            self._fail(error, job.given_up(reason) if passes else reason)
        else:
            self._lease.put_off(wait, reason)
