"""The life of a report: requested, claimed, built, finished. The database row is the truth.

Whoever builds a report holds a lease on its row and the number of the attempt. Every write is one
UPDATE guarded by both, so that a worker that was given up for dead does no harm when it wakes.
"""

import logging
from datetime import datetime, timedelta
from types import TracebackType
from uuid import UUID

from adbc_driver_manager import Error as ArrowReadError
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError, transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from ingestion.models import Poll
from reports.instants import to_microseconds
from reports.lease import Lease, LeaseLost, kept_lease
from reports.models import Report
from reports.selectors import load_fleet
from reports.uptime import classic_windows, print_report
from reports.writers import Written, write_file

logger = logging.getLogger(__name__)

# Another attempt may fare better: the database or the storage could not be reached.
PASSING = (OperationalError, ArrowReadError, OSError)


class NoPolls(Exception):
    """There is no poll yet, so "as of the newest poll" names no instant."""

    def __init__(self) -> None:
        super().__init__("There are no polls yet. Ingest some, or say as of when.")


def newest_poll() -> datetime | None:
    """Return the instant of the newest poll: the last entry of the polls' index."""
    newest: datetime | None = Poll.objects.aggregate(newest=Max("polled_at"))["newest"]
    return newest


def request_report(*, as_of: datetime | None, requested_by: str) -> Report:
    """Create a queued report; its instant is fixed here and never changes (rule 1).

    ``as_of`` None means the newest poll. Raises ``NoPolls`` if there is none either.
    """
    as_of = as_of or newest_poll()
    if as_of is None:
        raise NoPolls
    now = timezone.now()
    return Report.objects.create(
        as_of=as_of, requested_by=requested_by, created_at=now, enqueued_at=now
    )


def build_report(report_id: UUID) -> Report | None:
    """Build the report if it is there to be claimed, else return None.

    1. Claim the row. A finished report, or one that another worker holds, is left alone.
    2. Load, compute and write the file, under a name that no other attempt uses.
    3. Finish the row. If the lease was lost meanwhile, remove the file again.

    What fails for good marks the report as failed, with the reason; what may pass, such as a lost
    connection, leaves it to the next attempt. Either way the exception goes on.
    """
    report = claim(report_id)
    if report is None:
        logger.info("report %s: nothing to do, it is finished or another worker has it", report_id)
        return None
    with kept_lease(report) as lease, _FailureRecorded(lease):
        written = _write(report, lease)
        _finish(lease, written)
    report.refresh_from_db()
    logger.info(
        "report %s: complete, %d stores as of %s", report_id, report.row_count, report.as_of
    )
    return report


def claim(report_id: UUID) -> Report | None:
    """Take the report for one attempt, by one guarded UPDATE; None if it is not to be had."""
    now = timezone.now()
    claimable = _unattended(now).filter(pk=report_id, attempts__lt=settings.REPORT_MAX_ATTEMPTS)
    # In one transaction, so that the number of the attempt read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            status=Report.Status.RUNNING,
            attempts=F("attempts") + 1,
            started_at=now,
            lease_expires_at=now + settings.REPORT_LEASE,
            stores_done=0,
            error="",
        )
        return Report.objects.get(pk=report_id) if claimed else None


def fail(report_id: UUID, reason: str) -> None:
    """Mark a report that nobody holds as failed."""
    _unattended(timezone.now()).filter(pk=report_id).update(**_failed(reason))


def sweep() -> list[UUID]:
    """Return the reports to tell the workers of again, and fail those tried too often.

    A report is told of again when its lease ran out (the worker died), or when it has been queued
    for ``REPORT_REQUEUE_AFTER`` (the message was lost, or the queue is long: a second message
    finds nothing to claim).
    """
    now = timezone.now()
    for report in _unattended(now).filter(attempts__gte=settings.REPORT_MAX_ATTEMPTS):
        reason = report.error or "the worker died (out of memory?); see its log"
        logger.error("report %s: gave up after %d attempts: %s", report.pk, report.attempts, reason)
        fail(report.pk, f"Gave up after {report.attempts} attempts: {reason}.")
    lost = Q(status=Report.Status.RUNNING, enqueued_at__lt=F("lease_expires_at"))
    waiting = Q(enqueued_at__lt=now - settings.REPORT_REQUEUE_AFTER)
    told_again = []
    for report in _unattended(now).filter(lost | waiting).order_by("created_at"):
        same = Report.objects.filter(pk=report.pk, enqueued_at=report.enqueued_at)
        if same.update(enqueued_at=now):
            logger.warning("report %s: telling the workers again (%s)", report.pk, report.status)
            told_again.append(report.pk)
    return told_again


def _unattended(now: datetime) -> QuerySet[Report]:
    """Return the unfinished reports that nobody holds at ``now``."""
    expired = Q(status=Report.Status.RUNNING, lease_expires_at__lt=now)
    return Report.objects.filter(Q(status=Report.Status.QUEUED) | expired)


def _failed(reason: str) -> dict[str, object]:
    return {
        "status": Report.Status.FAILED,
        "error": reason,
        "finished_at": timezone.now(),
        "lease_expires_at": None,
    }


def _write(report: Report, lease: Lease) -> Written:
    """Load, compute and write the report's file."""
    as_of = to_microseconds(report.as_of)
    look_back = settings.UPTIME_LOOK_BACK // timedelta(microseconds=1)
    windows = classic_windows(as_of)
    start = min(window.start for window in windows) - look_back
    fleet = load_fleet(start=start, end=as_of)
    lease.update(stores_total=len(fleet.store_ids))
    summary = fleet.summarise(as_of=as_of, windows=windows, look_back=look_back)
    lease.update(stores_done=len(fleet.store_ids), row_count=len(fleet.store_ids))
    name = f"reports/{report.pk}-{report.attempts}.csv"
    return write_file(name, print_report(fleet.store_ids, summary))


def _finish(lease: Lease, written: Written) -> None:
    try:
        lease.update(
            status=Report.Status.COMPLETE,
            finished_at=timezone.now(),
            lease_expires_at=None,
            error="",
            file=written.name,
            size=written.size,
            sha256=written.sha256,
        )
    except LeaseLost:
        default_storage.delete(written.name)
        raise


class _FailureRecorded:
    """Writes an exception that passes through to the report's row, as what it means for it."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None or not issubclass(kind, Exception) or issubclass(kind, LeaseLost):
            return
        reason = f"{kind.__name__}: {error}"
        if issubclass(kind, PASSING):
            # Given back at once, so that the next attempt need not wait for the lease to run out.
            self._lease.update(error=reason, lease_expires_at=timezone.now())
        else:
            self._lease.update(**_failed(reason))
