"""Ends of a report without a file, and the only function that deletes reports.

Rows change first, files are removed after the commit: so an unreachable storage never leaves rows
and workers in disagreement.
"""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from jobs import clock
from jobs.models import UNFINISHED
from reports.build.writers import remove_files
from reports.models import Report, Shard, Status
from reports.signals import tell_ended

logger = logging.getLogger(__name__)


def failed(reason: str) -> dict[str, Any]:
    """Return the values of a report that failed."""
    return {**_ended(Status.FAILED), "error": reason}


def fail(report_id: UUID, reason: str) -> None:
    """Mark a report that has not ended as failed."""
    with transaction.atomic():
        if _unfinished(report_id).update(**failed(reason)):
            tell_failed(report_id)


def tell_failed(report_id: UUID) -> None:
    """After the commit, announce that the report failed and remove its parts."""
    tell_ended(report_id, Status.FAILED)
    transaction.on_commit(partial(remove_files, _parts([report_id])))


def cancel(report_id: UUID) -> bool:
    """Cancel a report that has not ended, and return whether there was one.

    Its workers notice when they next renew their lease or write a result; they discard their work
    and stop.
    """
    with transaction.atomic():
        if not _unfinished(report_id).update(**_ended(Status.CANCELLED)):
            return False
        tell_ended(report_id, Status.CANCELLED)
        transaction.on_commit(partial(remove_files, _parts([report_id])))
        # A shard without a row has lost its lease.
        Shard.objects.filter(report=report_id).delete()
    logger.info("report %s: cancelled", report_id)
    return True


def delete_ended(report_id: UUID) -> bool:
    """Delete a report that has ended; False if it has not, or does not exist."""
    ended = Report.objects.exclude(status__in=UNFINISHED)
    return bool(delete_reports(ended.filter(pk=report_id)))


def delete_reports(reports: QuerySet[Report]) -> int:
    """Delete reports, ended or not, with everything that belongs to them; return how many.

    Their files are removed after the commit, also that of an outer transaction. A worker that is
    building one of them finds its lease lost.
    """
    with transaction.atomic():
        # In one order, so that concurrent deletions wait for each other and cannot deadlock.
        chosen = Report.objects.filter(pk__in=reports.order_by().values("pk"))
        locked = chosen.order_by("pk").select_for_update()
        names = dict(locked.values_list("pk", "file"))
        files = [*filter(None, names.values()), *_parts(list(names))]
        Report.objects.filter(pk__in=names).delete()
        transaction.on_commit(partial(remove_files, files))
    for report_id in names:
        logger.info("report %s: deleted", report_id)
    return len(names)


def delete_those_of_sample(**_: Any) -> None:
    """Receive ``sample_removed``: until then all reports are made from the sample."""
    delete_reports(Report.objects.all())


def _unfinished(report_id: UUID) -> QuerySet[Report]:
    return Report.objects.filter(pk=report_id, status__in=UNFINISHED)


def _ended(status: Status) -> dict[str, Any]:
    return {"status": status, "finished_at": clock.now(), "lease_expires_at": None}


def _parts(report_ids: list[UUID]) -> list[str]:
    parts = Shard.objects.filter(report__in=report_ids).exclude(part="")
    return list(parts.values_list("part", flat=True))
