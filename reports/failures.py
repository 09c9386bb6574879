"""What an exception means for a job: another attempt, or the end."""

from collections.abc import Callable
from types import TracebackType

from adbc_driver_manager import Error as ArrowReadError
from django.db import OperationalError
from django.utils import timezone

from api.storage_faults import storage_faults
from reports.lease import Lease, LeaseLost

# Another attempt may fare better: the database or the storage could not be reached.
PASSING = (OperationalError, ArrowReadError, *storage_faults())


class FailureRecorded:
    """Writes an exception that passes through to the database, and lets it pass.

    What may pass is noted on the job, whose lease is given back at once, so that the next attempt
    need not wait for it to run out. What will not pass ends the report: ``fail(reason)``.
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
        reason = f"{kind.__name__}: {error}"
        if issubclass(kind, PASSING):
            self._lease.update(error=reason, lease_expires_at=timezone.now())
        else:
            # Only who still holds the job may end the report for it.
            self._lease.update(error=reason)
            self._fail(reason)
