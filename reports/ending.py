"""How a report ends without a file, and how an ended one goes."""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from reports.models import Report, Shard, Status
from reports.signals import tell_ended

logger = logging.getLogger(__name__)

UNFINISHED = (Status.QUEUED, Status.RUNNING)


def failed(reason: str) -> dict[str, Any]:
    """Return the values of a report that failed."""
    return {**_ended(Status.FAILED), "error": reason}


def fail(report_id: UUID, reason: str) -> None:
    """Mark a report that has not ended as failed; the parts of its shards are of no more use."""
    if _unfinished(report_id).update(**failed(reason)):
        tell_ended(report_id, Status.FAILED)
        _remove_parts(report_id)


def cancel(report_id: UUID) -> bool:
    """Cancel a report that has not ended, and return whether there was such a one.

    Its workers find out when they next renew their lease or write a result, throw away what they
    have, and stop.
    """
    if not _unfinished(report_id).update(**_ended(Status.CANCELLED)):
        return False
    logger.info("report %s: cancelled", report_id)
    tell_ended(report_id, Status.CANCELLED)
    _remove_parts(report_id)
    # Without its row a shard's lease is lost.
    Shard.objects.filter(report=report_id).delete()
    return True


def delete_ended(report_id: UUID) -> bool:
    """Delete a report that has ended, and its file after the commit; False if it has not ended."""
    with transaction.atomic():
        ended = Report.objects.exclude(status__in=UNFINISHED).filter(pk=report_id)
        names = list(ended.select_for_update().values_list("file", flat=True))
        if not names or not ended.delete()[0]:
            return False
        for name in filter(None, names):
            transaction.on_commit(partial(default_storage.delete, name))
    logger.info("report %s: deleted", report_id)
    return True


def _unfinished(report_id: UUID) -> Any:
    return Report.objects.filter(pk=report_id, status__in=UNFINISHED)


def _ended(status: Status) -> dict[str, Any]:
    return {"status": status, "finished_at": timezone.now(), "lease_expires_at": None}


def _remove_parts(report_id: UUID) -> None:
    parts = Shard.objects.filter(report=report_id).exclude(part="")
    for part in parts.values_list("part", flat=True):
        default_storage.delete(part)
