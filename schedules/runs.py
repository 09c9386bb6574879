"""Runs whose report has ended: finishing them, and the e-mail about them."""

import logging
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

from django.db.models import Q

from api.errors.reasons import reason_of
from api.errors.storage_faults import storage_faults
from jobs import claims, clock
from jobs.lease import Lease, LeaseLost
from jobs.running import PASSING, FailureRecorded
from reports.models import Report
from schedules import mails
from schedules.models import ScheduledRun

logger = logging.getLogger(__name__)

Status = ScheduledRun.Status

# Longer than any attempt. If its worker dies, an e-mail is due again after this time.
LEASE = timedelta(minutes=5)
# A task for a due e-mail that was not picked up for this long may be lost.
REQUEUE_AFTER = timedelta(minutes=1)
# Expected errors of a server or storage. Users who may view the run may read their text.
_FORESEEN: tuple[type[Exception], ...] = (mails.NoServer, SMTPException, *storage_faults())
_REPORTS = ("report", "targets_report", "outages_report")
_ENDED = (Report.Status.COMPLETE, Report.Status.FAILED, Report.Status.CANCELLED)


def settle_ended() -> None:
    """Continue each run whose report has ended or was deleted."""
    ended = (
        Q(**{f"{name}__status__in": _ENDED}) | Q(**{f"{name}__isnull": True}) for name in _REPORTS
    )
    waiting = ScheduledRun.objects.filter(*ended, status=Status.WAITING)
    for run in waiting.select_related("schedule", *_REPORTS).order_by():
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
    """Return why there is no report, or none of a digest's; "" if all are there."""
    if run.report is None:
        return "The report was deleted."
    for report in run.reports:
        if report.status != Report.Status.COMPLETE:
            which = "The report" if report == run.report else f"The report of {report.kind}"
            return f"{which} is {report.status}. {report.error}".strip()
    return ""


# The e-mail.


def mark_queued() -> list[UUID]:
    """Return the runs with a due e-mail to queue, and mark them as queued."""
    runs = ScheduledRun.objects.order_by("next_attempt_at")
    return [run.pk for run in claims.mark_queued(runs, after=REQUEUE_AFTER)]


def mail(run_id: UUID) -> None:
    """Send the e-mail of a run if it can be claimed.

    1. Claim the row, by one guarded UPDATE.
    2. Send the message, outside any transaction; a digest only if something is bad.
    3. Settle the row. If the worker dies before that, the e-mail is sent again with the same
       Message-ID.

    Errors of servers put it off, or end it after the last pause. An error of our own fails the run
    and is re-raised.
    """
    run = claim(run_id)
    if run is None:
        return
    try:
        _send(run)
    except LeaseLost as loss:
        logger.warning("%s", loss)


def _send(run: ScheduledRun) -> None:
    lease = Lease(run, lease=LEASE)
    fail = partial(_fail_held, lease)
    with FailureRecorded(lease, fail, passes=_passes, reason=_reason, expected=_FORESEEN):
        is_sent = mails.send(run)
        now = clock.now()
        lease.update(**_end(run, now), mailed_at=now if is_sent else None)
        if is_sent:
            logger.info("%s: e-mail sent at attempt %d", run, run.attempts)
        else:
            logger.info("%s: no e-mail, since nothing is bad", run)


def claim(run_id: UUID) -> ScheduledRun | None:
    """Claim the e-mail of a run for one attempt; None if it cannot be claimed."""
    run = ScheduledRun.objects.select_related("schedule", *_REPORTS).filter(pk=run_id)
    return claims.claim(run, lease=LEASE)


def give_up() -> None:
    """Fail the runs whose worker died in the last attempt."""
    reason = "The worker died in the last attempt to send the e-mail."
    if claims.exhausted(ScheduledRun.objects.all()).update(**_failed(reason)):
        logger.error("gave up e-mails whose worker died in the last attempt")


def _fail_held(lease: Lease, _: Exception, reason: str) -> None:
    lease.update(**_failed(reason))
    logger.error("%s: gave up after attempt %d. %s", lease.job, lease.job.attempts, reason)


def _failed(reason: str) -> dict[str, object]:
    return {
        "status": Status.FAILED,
        "error": reason,
        "ended_at": clock.now(),
        "next_attempt_at": None,
    }


def _reason(error: Exception) -> str:
    if isinstance(error, _FORESEEN):
        return f"No e-mail: {type(error).__name__}: {error}."
    return f"No e-mail: {reason_of(error)}"


def _passes(error: Exception) -> bool:
    return isinstance(error, (*_FORESEEN, *PASSING)) and not _for_good(error)


def _for_good(error: Exception) -> bool:
    """Return whether the server permanently refused every recipient."""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _ in error.recipients.values())
