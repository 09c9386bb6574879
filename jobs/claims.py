"""Claiming, giving up and queueing jobs, each by one guarded UPDATE.

Its WHERE has everything that must still hold, so concurrent callers do no harm. The conditions of
``jobs`` must not join tables: only the UPDATE's own conditions on a row are checked again after
waiting for it.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet

from jobs import clock
from jobs.models import Job
from jobs.pauses import unheard

logger = logging.getLogger(__name__)

JobT = TypeVar("JobT", bound=Job)

DIED = "the worker died (out of memory?); see its log"
_ALWAYS = Q()
_NEVER = Q(pk__in=[])


def unattended(jobs: QuerySet[JobT], now: datetime) -> QuerySet[JobT]:
    """Return those of ``jobs`` that are due and have no holder at ``now``."""
    return jobs.filter(jobs.model.unattended(now))


def held(job: JobT) -> QuerySet[JobT]:
    """Return the row of a job while it is claimed and no later attempt has begun."""
    rows: QuerySet[Any] = type(job)._default_manager.all()
    return rows.filter(pk=job.pk, status=job.HELD, attempts=job.attempts)


def claim(
    jobs: QuerySet[JobT], *, lease: timedelta, when: Q = _ALWAYS, **values: Any
) -> JobT | None:
    """Claim the one job of ``jobs`` for one more attempt; None if it cannot be claimed.

    ``values`` are written with the claim. ``when`` is a further condition of the claim, which may
    no longer hold afterwards; if ``jobs`` no longer has the row by then, the job is not needed.
    """
    now, model = clock.now(), jobs.model
    claimable = unattended(jobs, now).filter(when, attempts__lt=model.ALLOWED)
    # In one transaction, so that the attempt number read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            attempts=F("attempts") + 1,
            announcements=0,
            **{model.HELD_UNTIL: now + lease, **model.claimed(), **values},
        )
        return jobs.first() if claimed else None


def exhausted(jobs: QuerySet[JobT]) -> QuerySet[JobT]:
    """Return the unattended jobs that have no attempt left."""
    return unattended(jobs, clock.now()).filter(attempts__gte=jobs.model.ALLOWED)


def give_up(jobs: QuerySet[JobT], job: JobT, **ended: Any) -> str:
    """Return why one of the ``exhausted`` jobs failed; "" if it is no longer exhausted.

    ``ended`` are the values of a failed job. If other rows follow, call it in the transaction that
    ends them: it locks the row. A worker that was only slow and has renewed its lease meanwhile
    goes on.
    """
    last = job.error or DIED
    reason = job.given_up(last)
    same = exhausted(jobs).filter(pk=job.pk, attempts=job.attempts)
    if not same.update(error=reason, **ended):
        return ""
    logger.error("%s: gave up after %d attempts: %s", job, job.attempts, last)
    return reason


def mark_queued(
    jobs: QuerySet[JobT], *, after: timedelta, at_most: int | None = None, at_once: Q = _NEVER
) -> list[JobT]:
    """Return the unattended jobs to queue, in order, and mark them as queued.

    These are the ones not queued since their last claim, or not claimed for at least ``after``: see
    ``pauses.unheard``; and those of ``at_once``. A superfluous message finds nothing to claim.
    """
    now = clock.now()
    waiting = unattended(jobs, now).filter(unheard(now, after=after) | at_once)
    return [job for job in waiting[:at_most] if _note(waiting.filter(pk=job.pk), job, now)]


def _note(same: QuerySet[JobT], job: JobT, now: datetime) -> bool:
    """Mark a job as queued, unless another sweep or its holder was first."""
    try:
        # All conditions again.
        return bool(same.update(announcements=F("announcements") + 1, enqueued_at=now))
    except OperationalError:
        if connection.vendor != "sqlite":
            raise
        # A running store holds SQLite's write lock, perhaps for this very job, which is then alive.
        logger.info("%s: the database is busy, trying again later", job)
        return False
