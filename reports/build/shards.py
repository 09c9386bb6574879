"""One shard of a large report: claimed, computed, stored as a part."""

import logging
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, QuerySet, When

from fleet.versions import current_version
from jobs import claims
from jobs.lease import Lease, LeaseLost
from jobs.running import FailureRecorded
from reports.build import parts
from reports.build.computing import compute
from reports.build.ending import fail
from reports.build.planning import KeyRange
from reports.build.services import file_name, mark_queued
from reports.build.writers import remove_files, write_file
from reports.models import Report, Shard, Status

logger = logging.getLogger(__name__)


def build_shard(shard_id: int) -> Shard | None:
    """Compute the shard if it can be claimed, else return None.

    A shard of a report that has ended cannot. See ``services.build_report`` for how errors are
    handled.
    """
    shard = claim(shard_id)
    if shard is None:
        logger.info("shard %s: nothing to do, it is done or another worker has it", shard_id)
        return None
    lease = Lease(shard, lease=settings.REPORT_LEASE)
    with lease.kept(), FailureRecorded(lease, partial(_fail_report, lease, shard)):
        keys = KeyRange(first=shard.first_key, last=shard.last_key)
        computed = compute(shard.report, keys)
        version = current_version()
        name = file_name(shard.report, f"shard-{shard.number}-{shard.attempts}.arrow")
        written = write_file(name, parts.encode(computed.measured))
        told = computed.tell()
        said = None if told is None else told.as_json(shard.report.windows)
        lease.stop()
        done = {"part": written.name, "store_count": computed.store_count, "nobody_polled": said}
        _finish(lease, shard, done, version)
    return shard


def claim(shard_id: int) -> Shard | None:
    """Claim the shard for one attempt, by one guarded UPDATE; None if it cannot be claimed."""
    return claims.claim(_open_shards().filter(pk=shard_id), lease=settings.REPORT_LEASE)


def sweep() -> list[Shard]:
    """Return the shards to queue again; one that was tried too often fails its report."""
    for shard in claims.exhausted(_open_shards()):
        with transaction.atomic():
            # The report's row before the shard's, as everywhere, to avoid deadlocks.
            Report.objects.select_for_update(no_key=True).filter(pk=shard.report_id).first()
            if reason := claims.give_up(_open_shards(), shard):
                fail(shard.report_id, f"Shard {shard.number}: {reason}")
    return mark_queued(_open_shards())


def _open_shards() -> QuerySet[Shard]:
    """Return the shards of reports that have not ended.

    With a subquery, not a join: an UPDATE over a join looks up its rows first, and two workers
    waiting for the same row would both find it free.
    """
    running = Report.objects.filter(pk=OuterRef("report"), status=Status.RUNNING)
    return Shard.objects.filter(Exists(running))


def _fail_report(lease: Lease, shard: Shard, _: Exception, reason: str) -> None:
    # Only who still holds the shard may end the report for it.
    lease.update(error=reason)
    fail(shard.report_id, reason)


def _finish(lease: Lease, shard: Shard, done: dict[str, Any], version: int) -> None:
    """Finish the shard, count its stores and record its data's version; all or nothing."""
    try:
        # The report's row before the shard's, as in cancelling, to avoid deadlocks.
        with transaction.atomic():
            _count(shard, done["store_count"], version)
            lease.update(status=Status.COMPLETE, lease_expires_at=None, **done)
    except LeaseLost:
        remove_files([done["part"]])
        raise


def _count(shard: Shard, store_count: int, version: int) -> None:
    running = Report.objects.filter(pk=shard.report_id, status=Status.RUNNING)
    # The version that all shards share, or none.
    shared = Case(When(data_version=version, then=F("data_version")), default=None)
    if not running.update(stores_done=F("stores_done") + store_count, data_version=shared):
        raise LeaseLost(f"{shard}: the report has meanwhile ended")
