"""Jobs in the database: claimed by one guarded UPDATE, told of again when they were lost.

A job is *unattended* when it is queued, or when the lease of its worker ran out, unless what ended
its last attempt may pass and it is not due again yet.
"""

import logging
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from ingestion import clock
from ingestion.failures import gave_up
from ingestion.pauses import unheard
from reports.models import Job, Status

logger = logging.getLogger(__name__)

JobT = TypeVar("JobT", bound=Job)


def unattended(jobs: QuerySet[JobT], now: datetime) -> QuerySet[JobT]:
    """Return those of ``jobs`` that nobody holds at ``now`` and that are due."""
    free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_expires_at__lte=now)
    return jobs.filter(free, Q(due_at__isnull=True) | Q(due_at__lte=now))


def claim(jobs: QuerySet[JobT], **values: Any) -> JobT | None:
    """Take the one job of ``jobs`` for one more attempt; None if it is not to be had.

    ``values`` are written with the claim. The condition of ``jobs`` must not join tables: only
    what the UPDATE itself says of the row is looked at again after waiting for it.
    """
    now = clock.now()
    claimable = unattended(jobs, now).filter(attempts__lt=F("attempts_allowed"))
    # In one transaction, so that the number of the attempt read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            status=Status.RUNNING,
            attempts=F("attempts") + 1,
            announcements=0,
            lease_expires_at=now + settings.REPORT_LEASE,
            due_at=None,
            error="",
            **values,
        )
        # A shard's report may have failed in between; then nobody needs the shard.
        return jobs.first() if claimed else None


def exhausted(jobs: QuerySet[JobT]) -> QuerySet[JobT]:
    """Return the unattended jobs that may not be tried again."""
    return unattended(jobs, clock.now()).filter(attempts__gte=F("attempts_allowed"))


def give_up(jobs: QuerySet[JobT], job: JobT) -> str:
    """Return why one of the ``exhausted`` jobs failed; nothing if it is not exhausted any more.

    Call it in the transaction that ends the job. One UPDATE says all that must still hold, and
    keeps the row: a worker that was only slow and has renewed its lease meanwhile goes on.
    """
    reason = job.error or "the worker died (out of memory?); see its log"
    same = exhausted(jobs).filter(pk=job.pk, attempts=job.attempts)
    if not same.update(error=reason):
        return ""
    logger.error("%s: gave up after %d attempts: %s", job, job.attempts, reason)
    return gave_up(job.attempts, reason)


def to_tell_again(jobs: QuerySet[JobT]) -> list[JobT]:
    """Return the unattended jobs that the workers must be told of again, each time only once.

    That is when the worker died or gave the job back, or when its message was probably lost:
    see ``pauses.unheard``. A message too many finds nothing to claim.
    """
    now = clock.now()
    unknown = unheard(now, after=settings.REPORT_REQUEUE_AFTER)
    told = []
    for job in unattended(jobs, now).filter(unknown).order_by("enqueued_at"):
        # All of it once more: another sweep may have told, or a worker taken it.
        same = unattended(jobs, now).filter(unknown, pk=job.pk)
        if same.update(announcements=F("announcements") + 1, enqueued_at=now):
            logger.warning("%s: telling the workers again (%s)", job, job.status)
            told.append(job)
    return told
