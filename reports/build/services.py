"""The life of a report: claimed, built, finished. The database row decides.

The worker that builds a report holds a lease on its row and the number of the attempt. Every write
is one UPDATE guarded by the status and that number, so a worker that was considered dead does no
harm when it wakes.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from fleet.versions import current_version
from jobs import claims, clock
from jobs.lease import Lease, LeaseLost
from jobs.models import allowed_attempts
from jobs.running import FailureRecorded
from reports.build import parts
from reports.build.computing import compute, ranges_of
from reports.build.ending import fail, failed, tell_failed
from reports.build.planning import KeyRange
from reports.build.writers import Written, remove_files, write_file
from reports.kinds.known import KINDS
from reports.kinds.measured import Measured
from reports.models import PollerOutages, Report, ReportJob, Shard, Status
from reports.poller.search import known_outages, outages_found
from reports.poller.told import Told
from reports.request.parameters import fingerprint, parameters_of, question_of
from reports.request.selections import stores_of
from reports.signals import tell_ended
from uptime import Question

logger = logging.getLogger(__name__)

JobT = TypeVar("JobT", bound=ReportJob)


def build_report(report_id: UUID) -> Report | None:
    """Build the report if it can be claimed; None if not, or if it was deleted in the end.

    1. Claim the row. A report that is finished, held by another worker, or waiting for its shards
       is left alone.
    2. Small: load, compute and write the file, under a name that no other attempt uses. Large: cut
       it into shards and give the row back, still running; separate tasks compute them. The worker
       that finishes the last one builds the report again and assembles the parts.
    3. Finish the row. If the lease was lost meanwhile, remove the file again.

    A permanent error marks the report as failed, with the reason; a passing one, such as a lost
    connection, leaves it to the next attempt. Either way the exception is re-raised.
    """
    report = claim(report_id)
    if report is None:
        logger.info("report %s: nothing to do, it is finished or other workers have it", report_id)
        return None
    lease = Lease(report, lease=settings.REPORT_LEASE)
    with lease.kept(), FailureRecorded(lease, partial(_fail_held, lease)):
        if report.shards.exists():
            _assemble(report, lease)
        else:
            _build_or_cut(report, lease)
    built = Report.objects.filter(pk=report_id).first()
    if built and built.status == Status.COMPLETE:
        logger.info(
            "report %s: complete, %d stores as of %s", report_id, built.row_count, built.as_of
        )
    return built


def claim(report_id: UUID) -> Report | None:
    """Claim the report for one attempt, by one guarded UPDATE; None if it cannot be claimed."""
    report = _buildable().filter(pk=report_id)
    return claims.claim(report, lease=settings.REPORT_LEASE, started_at=clock.now())


def sweep() -> list[UUID]:
    """Return the reports to queue again, and fail those that were tried too often."""
    for report in claims.exhausted(_buildable()):
        with transaction.atomic():
            if reason := claims.give_up(_buildable(), report):
                fail(report.pk, reason)
    return [report.pk for report in mark_queued(_buildable())]


def mark_queued(jobs: QuerySet[JobT]) -> list[JobT]:
    """Return the jobs to queue again, and log them."""
    told = claims.mark_queued(jobs.order_by("enqueued_at"), after=settings.REPORT_REQUEUE_AFTER)
    for job in told:
        logger.warning("%s: queued again (%s)", job, job.status)
    return told


def file_name(report: Report, end: str) -> str:
    """Return the name of a file of the report in media storage."""
    return f"reports/{report.pk}-{end}"


def _buildable() -> QuerySet[Report]:
    """Return the reports without unfinished shards; the others wait for these."""
    unfinished = Shard.objects.filter(report=OuterRef("pk")).exclude(status=Status.COMPLETE)
    return Report.objects.filter(~Exists(unfinished))


def _build_or_cut(report: Report, lease: Lease) -> None:
    version = current_version()
    ranges = ranges_of(report)
    if len(ranges) > 1:
        _cut(report, ranges, lease, version)
        return
    lease.update(stores_total=stores_of(report.stores).count())
    computed = compute(report)
    stores = computed.store_count
    # The same version before and after: the data read in between has this version.
    seen = version if current_version() == version else None
    lease.update(stores_done=stores, stores_total=stores, data_version=seen)
    _finish(report, computed.measured, computed.tell, lease)


def _cut(report: Report, ranges: list[KeyRange], lease: Lease, version: int) -> None:
    """Create the shards and give the report back, both or neither."""
    now = clock.now()
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
    question = question_of(report)
    is_needed = report.poller_outages == PollerOutages.UNKNOWN
    outages = outages_found(question) if is_needed else known_outages(question)
    lease.stop()
    with transaction.atomic():
        Shard.objects.bulk_create(shards)
        lease.update(
            nobody_polled=None if outages is None else Told(outages=outages).as_json([]),
            stores_total=stores_of(report.stores).count(),
            data_version=version,
            lease_expires_at=now,
            # The assembly is a job of its own, with as many attempts.
            attempts_allowed=report.attempts + allowed_attempts(),
            faults=0,
        )
    logger.info("report %s: cut into %d shards", report.pk, len(shards))


def _assemble(report: Report, lease: Lease) -> None:
    """Assemble the parts of all shards, in any order."""
    names = list(report.shards.values_list("part", flat=True))
    stores = report.shards.aggregate(stores=Sum("store_count"))["stores"]
    lease.update(stores_done=stores, stores_total=stores)
    question = question_of(report)
    measured = parts.assemble(names, KINDS[report.kind], question)
    _finish(report, measured, partial(_told_by_shards, report, question), lease)
    remove_files(names)


def _told_by_shards(report: Report, question: Question) -> Told | None:
    said = [shard.nobody_polled for shard in report.shards.all()]
    known = [Told.from_json(one, question.as_of) for one in said if one is not None]
    return Told.joined(known) if len(known) == len(said) else None


def _finish(
    report: Report, measured: Measured, tell: Callable[[], Told | None], lease: Lease
) -> None:
    """Write the file, and the row if the lease still holds; otherwise remove the file again."""
    name = file_name(report, f"{report.attempts}.csv")
    written = write_file(name, measured.printed())
    told = tell()
    said = None if told is None else told.as_json(report.windows)
    try:
        lease.update(**_complete(report, written, row_count=measured.row_count), nobody_polled=said)
    except LeaseLost:
        remove_files([written.name])
        raise
    tell_ended(report.pk, Status.COMPLETE)


def _complete(report: Report, written: Written, *, row_count: int) -> dict[str, object]:
    return {
        "status": Status.COMPLETE,
        "finished_at": clock.now(),
        "lease_expires_at": None,
        "error": "",
        "row_count": row_count,
        "file": written.name,
        "size": written.size,
        "sha256": written.sha256,
        # Settings and code may have changed since the request.
        "fingerprint": fingerprint(parameters_of(report)),
    }


def _fail_held(lease: Lease, _: Exception, reason: str) -> None:
    lease.update(**failed(reason))
    tell_failed(lease.job.pk)
