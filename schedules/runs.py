"""Runs whose report has ended: finishing them, and the e-mail about them."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from api.storage_faults import storage_faults
from ingestion import clock
from ingestion.pauses import pause, unheard
from reports.models import Report
from schedules import mails
from schedules.models import ScheduledRun

logger = logging.getLogger(__name__)

Status = ScheduledRun.Status

# After each attempt but the last: six attempts within nine hours.
DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
MAX_ATTEMPTS = len(DELAYS) + 1
# Longer than any attempt. If its worker dies, an e-mail is due again after this time.
LEASE = timedelta(minutes=5)
# A task for a due e-mail that was not picked up for this long may be lost.
REQUEUE_AFTER = timedelta(minutes=1)
# Another attempt may succeed.
_PASSING: tuple[type[Exception], ...] = (mails.NoServer, SMTPException, *storage_faults())
_ENDED = (Report.Status.COMPLETE, Report.Status.FAILED, Report.Status.CANCELLED)


def settle_ended() -> None:
    """Continue each run whose report has ended or was deleted."""
    ended = Q(report__status__in=_ENDED) | Q(report__isnull=True)
    waiting = ScheduledRun.objects.filter(ended, status=Status.WAITING)
    for run in waiting.select_related("schedule", "report").order_by():
        _settle(run, clock.now())


def _settle(run: ScheduledRun, now: datetime) -> None:
    if run.report and run.schedule.recipients:
        values = {"status": Status.MAILING, "next_attempt_at": now}
    else:
        values = _end(run, now)
    ScheduledRun.objects.filter(pk=run.pk, status=Status.WAITING).update(**values)


def _end(run: ScheduledRun, now: datetime) -> dict[str, object]:
    """Return the final values of a run with nothing left to send."""
    error = _fault(run)
    return {
        "status": Status.FAILED if error else Status.DONE,
        "error": error,
        "ended_at": now,
        "next_attempt_at": None,
    }


def _fault(run: ScheduledRun) -> str:
    """Return why there is no report; "" if there is one."""
    if run.report is None:
        return "The report was deleted."
    if run.report.status == Report.Status.COMPLETE:
        return ""
    return f"The report is {run.report.status}. {run.report.error}".strip()


# The e-mail.


def due_mails(now: datetime) -> QuerySet[ScheduledRun]:
    """Return the runs whose e-mail is to be sent at ``now``."""
    return ScheduledRun.objects.filter(status=Status.MAILING, next_attempt_at__lte=now)


def to_tell() -> list[UUID]:
    """Return the runs with a due e-mail to queue, and mark them as queued."""
    now = clock.now()
    due = due_mails(now).filter(unheard(now, after=REQUEUE_AFTER))
    found = due.order_by("next_attempt_at").values_list("pk", flat=True)
    told = {"announcements": F("announcements") + 1, "enqueued_at": now}
    # Checked again: another sweep may have queued it, or a worker claimed it.
    return [pk for pk in found if due.filter(pk=pk).update(**told)]


def mail(run_id: UUID) -> None:
    """Send the e-mail of a run if it can be claimed.

    1. Claim the row, by one guarded UPDATE.
    2. Send the message, outside any transaction.
    3. Settle the row. If the worker dies before that, the e-mail is sent again with the same
       Message-ID.
    """
    run = claim(run_id)
    if run is None:
        return
    try:
        mails.send(run)
    except _PASSING as error:
        _put_off(run, error)
    else:
        now = clock.now()
        _held(run).update(**_end(run, now), mailed_at=now)
        logger.info("%s: e-mail sent at attempt %d", run, run.attempts)


def claim(run_id: UUID) -> ScheduledRun | None:
    """Claim the e-mail of a run for one attempt; None if it cannot be claimed."""
    now = clock.now()
    claimable = due_mails(now).filter(pk=run_id, attempts__lt=MAX_ATTEMPTS)
    # In one transaction, so that the attempt number read back is the one just written.
    with transaction.atomic():
        claimed = claimable.update(
            attempts=F("attempts") + 1, announcements=0, next_attempt_at=now + LEASE
        )
        if not claimed:
            return None
        return ScheduledRun.objects.select_related("schedule", "report").get(pk=run_id)


def give_up() -> None:
    """Fail the runs whose worker died in the last attempt."""
    now = clock.now()
    reason = "The worker died in the last attempt to send the e-mail."
    failed = due_mails(now).filter(attempts__gte=MAX_ATTEMPTS)
    if failed.update(status=Status.FAILED, error=reason, ended_at=now, next_attempt_at=None):
        logger.error("gave up e-mails whose worker died in the last attempt")


def _put_off(run: ScheduledRun, error: Exception) -> None:
    now, reason = clock.now(), f"No e-mail: {type(error).__name__}: {error}."
    wait = None if _for_good(error) else pause(DELAYS, run.attempts)
    if wait is None:
        logger.error("%s: gave up after attempt %d. %s", run, run.attempts, reason)
        _held(run).update(status=Status.FAILED, error=reason, ended_at=now, next_attempt_at=None)
        return
    again = now + wait
    logger.warning("%s: %s Trying again at %s", run, reason, f"{again:%F %T} UTC")
    _held(run).update(error=reason, next_attempt_at=again)


def _for_good(error: Exception) -> bool:
    """Return whether the server permanently refused every recipient."""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _ in error.recipients.values())


def _held(run: ScheduledRun) -> QuerySet[ScheduledRun]:
    """Return the row of a run as long as no later attempt has begun."""
    return ScheduledRun.objects.filter(pk=run.pk, status=Status.MAILING, attempts=run.attempts)
