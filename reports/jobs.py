"""Jobs in the database: claimed by one guarded UPDATE, told of again when they were lost.

A job is *unattended* when it is queued, or when the lease of its worker ran out.
"""

import logging
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from reports.models import Job, Status

logger = logging.getLogger(__name__)

JobT = TypeVar("JobT", bound=Job)


def unattended(jobs: QuerySet[JobT], now: datetime) -> QuerySet[JobT]:
    """Return those of ``jobs`` that nobody holds at ``now``."""
    return jobs.filter(Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_expires_at__lt=now))


def claim(jobs: QuerySet[JobT], **values: Any) -> JobT | None:
    """Take the one job of ``jobs`` for one more attempt; None if it is not to be had.

    ``values`` are written with the claim. The condition of ``jobs`` must not join tables: only
    what the UPDATE itself says of the row is looked at again after waiting for it.
    """
    now = timezone.now()
    claimable = unattended(jobs, now).filter(attempts__lt=F("attempts_allowed"))
    # In one transaction, so that the number of the attempt read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            status=Status.RUNNING,
            attempts=F("attempts") + 1,
            lease_expires_at=now + settings.REPORT_LEASE,
            error="",
            **values,
        )
        return jobs.get() if claimed else None


def exhausted(jobs: QuerySet[JobT]) -> list[tuple[JobT, str]]:
    """Return the unattended jobs that may not be tried again, each with the reason to give."""
    tried = unattended(jobs, timezone.now()).filter(attempts__gte=F("attempts_allowed"))
    found = []
    for job in tried:
        reason = job.error or "the worker died (out of memory?); see its log"
        logger.error("%s: gave up after %d attempts: %s", job, job.attempts, reason)
        found.append((job, f"Gave up after {job.attempts} attempts: {reason}."))
    return found


def to_tell_again(jobs: QuerySet[JobT]) -> list[JobT]:
    """Return the unattended jobs that the workers must be told of again, each time only once.

    That is when the lease ran out (the worker died), or when a job has been queued for
    ``REPORT_REQUEUE_AFTER`` (the message was lost, or the queue is long: a second message finds
    nothing to claim).
    """
    now = timezone.now()
    lost = Q(status=Status.RUNNING, enqueued_at__lt=F("lease_expires_at"))
    waiting = Q(enqueued_at__lt=now - settings.REPORT_REQUEUE_AFTER)
    told = []
    for job in unattended(jobs, now).filter(lost | waiting).order_by("enqueued_at"):
        same = jobs.filter(pk=job.pk, enqueued_at=job.enqueued_at)
        if same.update(enqueued_at=now):
            logger.warning("%s: telling the workers again (%s)", job, job.status)
            told.append(job)
    return told
