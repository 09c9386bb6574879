"""The life of a report: requested, claimed, built, finished. The database row is the truth.

Whoever builds a report holds a lease on its row and the number of the attempt. Every write is one
UPDATE guarded by both, so that a worker that was given up for dead does no harm when it wakes.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet, Sum
from django.utils import timezone

from ingestion.models import Store
from reports import jobs, parts
from reports.failures import FailureRecorded
from reports.instants import to_microseconds
from reports.lease import Lease, LeaseLost, kept_lease
from reports.models import Report, Shard, Status, allowed_attempts
from reports.planning import KeyRange, plan
from reports.selectors import load_fleet
from reports.uptime import UptimeSummary, classic_windows, print_report
from reports.writers import Written, write_file

logger = logging.getLogger(__name__)


class NoPolls(Exception):
    """There is no poll yet, so "as of the newest poll" names no instant."""

    def __init__(self) -> None:
        super().__init__("There are no polls yet. Ingest some, or say as of when.")


def newest_poll() -> datetime | None:
    """Return the instant of the newest poll, which ingestion keeps with each store."""
    newest: datetime | None = Store.objects.aggregate(newest=Max("last_polled_at"))["newest"]
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

    1. Claim the row. A finished report, or one that another worker holds, is left alone; so is
       one of whose shards some are not done.
    2. Small: load, compute and write the file, under a name that no other attempt uses. Large:
       cut it into shards and give the row back, still running; tasks of their own compute them.
       Whoever does the last one builds the report again: put the parts together.
    3. Finish the row. If the lease was lost meanwhile, remove the file again.

    What fails for good marks the report as failed, with the reason; what may pass, such as a lost
    connection, leaves it to the next attempt. Either way the exception goes on.
    """
    report = claim(report_id)
    if report is None:
        logger.info("report %s: nothing to do, it is finished or other workers have it", report_id)
        return None
    with kept_lease(report) as lease, FailureRecorded(lease, partial(_fail_held, lease)):
        if report.shards.exists():
            _assemble(report, lease)
        else:
            _build_or_cut(report, lease)
    report.refresh_from_db()
    if report.status == Status.COMPLETE:
        logger.info(
            "report %s: complete, %d stores as of %s", report_id, report.row_count, report.as_of
        )
    return report


def claim(report_id: UUID) -> Report | None:
    """Take the report for one attempt, by one guarded UPDATE; None if it is not to be had."""
    return jobs.claim(_buildable().filter(pk=report_id), started_at=timezone.now())


def fail(report_id: UUID, reason: str) -> None:
    """Mark a report that has not ended as failed; the parts of its shards are of no more use."""
    unfinished = Report.objects.filter(pk=report_id, status__in=[Status.QUEUED, Status.RUNNING])
    if unfinished.update(**_failed(reason)):
        for part in Shard.objects.filter(report=report_id).exclude(part="").values_list("part"):
            default_storage.delete(*part)


def sweep() -> list[UUID]:
    """Return the reports to tell the workers of again, and fail those tried too often."""
    for report, reason in jobs.exhausted(_buildable()):
        fail(report.pk, reason)
    return [report.pk for report in jobs.to_tell_again(_buildable())]


def compute(
    report: Report, first_key: int | None = None, last_key: int | None = None
) -> tuple[Sequence[str], UptimeSummary]:
    """Return the stores with keys in that range, by default all, and their uptime."""
    as_of = to_microseconds(report.as_of)
    fleet = load_fleet(start=_start(report), end=as_of, first_key=first_key, last_key=last_key)
    summary = fleet.summarise(
        as_of=as_of, windows=classic_windows(as_of), look_back=_microseconds(_look_back())
    )
    return fleet.store_ids, summary


def file_name(report: Report, end: str) -> str:
    """Return the name in media storage of a file of the report."""
    return f"reports/{report.pk}-{end}"


def _buildable() -> QuerySet[Report]:
    """Return the reports that have no unfinished shards; the others wait for these."""
    unfinished = Shard.objects.filter(report=OuterRef("pk")).exclude(status=Status.COMPLETE)
    return Report.objects.filter(~Exists(unfinished))


def _build_or_cut(report: Report, lease: Lease) -> None:
    ranges = plan(_start(report), to_microseconds(report.as_of))
    if len(ranges) > 1:
        _cut(report, ranges, lease)
        return
    lease.update(stores_total=Store.objects.count())
    store_ids, summary = compute(report)
    lease.update(stores_done=len(store_ids), stores_total=len(store_ids))
    _finish(report, store_ids, summary, lease)


def _cut(report: Report, ranges: list[KeyRange], lease: Lease) -> None:
    """Make the shards and give the report back, both or neither."""
    now = timezone.now()
    shards = [
        Shard(
            report=report,
            number=number,
            first_key=keys.first,
            last_key=keys.last,
            enqueued_at=now,
        )
        for number, keys in enumerate(ranges)
    ]
    lease.stop()
    with transaction.atomic():
        Shard.objects.bulk_create(shards)
        lease.update(
            stores_total=Store.objects.count(),
            lease_expires_at=now,
            # To put the parts together is work of its own, with as many attempts.
            attempts_allowed=report.attempts + allowed_attempts(),
        )
    logger.info("report %s: cut into %d shards", report.pk, len(shards))


def _assemble(report: Report, lease: Lease) -> None:
    """Put the parts of all shards together, whoever computed them in whatever order."""
    names = list(report.shards.values_list("part", flat=True))
    stores = report.shards.aggregate(stores=Sum("store_count"))["stores"]
    lease.update(stores_done=stores, stores_total=stores)
    store_ids, summary = parts.assemble(names, classic_windows(to_microseconds(report.as_of)))
    _finish(report, store_ids, summary, lease)
    for name in names:
        default_storage.delete(name)


def _finish(report: Report, store_ids: Sequence[str], summary: UptimeSummary, lease: Lease) -> None:
    """Write the file, and the row if the lease still holds; otherwise remove the file again."""
    name = file_name(report, f"{report.attempts}.csv")
    written = write_file(name, print_report(store_ids, summary))
    try:
        lease.update(**_complete(written, row_count=len(store_ids)))
    except LeaseLost:
        default_storage.delete(written.name)
        raise


def _complete(written: Written, *, row_count: int) -> dict[str, object]:
    return {
        "status": Status.COMPLETE,
        "finished_at": timezone.now(),
        "lease_expires_at": None,
        "error": "",
        "row_count": row_count,
        "file": written.name,
        "size": written.size,
        "sha256": written.sha256,
    }


def _failed(reason: str) -> dict[str, object]:
    return {
        "status": Status.FAILED,
        "error": reason,
        "finished_at": timezone.now(),
        "lease_expires_at": None,
    }


def _fail_held(lease: Lease, reason: str) -> None:
    lease.update(**_failed(reason))


def _start(report: Report) -> int:
    """Return the earliest instant at which a poll counts, in microseconds of UTC (rule 6)."""
    windows = classic_windows(to_microseconds(report.as_of))
    return min(window.start for window in windows) - _microseconds(_look_back())


def _look_back() -> timedelta:
    look_back: timedelta = settings.UPTIME_LOOK_BACK
    return look_back


def _microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)
