"""What an exception means for claimed work: another attempt after a pause, or the end."""

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any

from adbc_driver_manager import Error as ArrowReadError
from django.db import OperationalError, connection
from django.db.models import F

from api.storage_faults import storage_faults
from feeds.errors import UnusableFile
from ingestion import clock, pauses
from ingestion.lease import Lease, LeaseLost
from ingestion.services import why

logger = logging.getLogger(__name__)

# Another attempt may fare better: the database or the storage could not be reached, or was full.
PASSING = (OperationalError, ArrowReadError, *storage_faults())


def put_off(faults: int, reason: str) -> dict[str, Any] | None:
    """Return the values by which a row is given back until it is due again; None after the last.

    ``faults`` were counted before this one. Each allows for one more attempt, so that those which
    dead workers may use up are left for them.
    """
    wait = pauses.pause(pauses.PASSING, faults + 1)
    if wait is None:
        return None
    # What failed may have taken this connection along; what follows is written over a new one.
    connection.close()
    now = clock.now()
    return {
        "error": reason,
        "lease_expires_at": now,
        "due_at": now + wait,
        "faults": faults + 1,
        "attempts_allowed": F("attempts_allowed") + 1,
    }


def gave_up(attempts: int, reason: str) -> str:
    """Return what a row says that was tried too often."""
    return f"Gave up after {attempts} attempts: {reason.rstrip('.')}."


class FailureRecorded:
    """Writes an exception that passes through to the row of a queued ingestion.

    What may pass is noted, with the instant at which the row is due again. What will not, or has
    not passed after the last pause, ends it: ``fail(error, reason)``. UnusableFile ends here, since
    the fault is the sender's; all else goes on.
    """

    def __init__(self, lease: Lease, fail: Callable[[Exception, str], None]) -> None:
        self._lease = lease
        self._fail = fail

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, LeaseLost):
            return False
        record, reason = self._lease.record, why(error)
        logger.warning("could not ingest %s: %s", record.name, error)
        values = put_off(record.faults, reason) if isinstance(error, PASSING) else None
        if values is not None:
            self._lease.update(**values)
            return False
        if isinstance(error, PASSING):
            reason = gave_up(record.attempts, reason)
        self._fail(error, reason)
        return isinstance(error, UnusableFile)
