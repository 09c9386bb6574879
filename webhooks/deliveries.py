"""Deliveries: recorded once for each report that ended, claimed, attempted, settled.

The row decides. The signal of an ended report only makes delivery faster: the sweep finds every
report that ended, even if the process that ended it died in between. A message is sent at least
once; its ``webhook-id`` is the same each time.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from jobs import claims, clock
from jobs.lease import Lease
from jobs.running import FailureRecorded
from reports.models import Report
from webhooks import attempts, backoff
from webhooks.attempts import Outcome
from webhooks.models import Delivery, Event, Webhook

logger = logging.getLogger(__name__)

# Longer than any attempt. If its worker dies, a delivery is due again after this time.
LEASE = timedelta(minutes=2)
# A task for a due delivery that was not picked up for this long may be lost.
REQUEUE_AFTER = timedelta(minutes=1)
# An end may be committed this much later than its timestamp says.
OVERLAP = timedelta(hours=1)


class InProgress(Exception):
    """A worker is sending it right now."""


# Recorded.


def record_all_ended() -> None:
    """Create a delivery for each report that ended and each webhook that wants the event."""
    for webhook in Webhook.objects.filter(active=True):
        record_ended(webhook)


def record_ended(webhook: Webhook) -> None:
    """Create the deliveries that a webhook lacks; repeated or concurrent calls create one each."""
    now = clock.now()
    since = max(webhook.watching_since, webhook.watched_to - OVERLAP)
    _record(webhook, Report.objects.filter(finished_at__gte=since))
    if now - webhook.watched_to > OVERLAP:
        Webhook.objects.filter(pk=webhook.pk).update(watched_to=now)


def record_report(report_id: UUID) -> list[UUID]:
    """Create the deliveries of one report that ended; return those to queue."""
    for webhook in Webhook.objects.filter(active=True):
        ended = Report.objects.filter(pk=report_id, finished_at__gte=webhook.watching_since)
        _record(webhook, ended)
    return mark_queued(report=report_id)


def _record(webhook: Webhook, reports: QuerySet[Report]) -> None:
    known = Delivery.objects.filter(webhook=webhook, report=OuterRef("pk"))
    statuses = {_status_of(event): event for event in webhook.events}
    # Unordered: to order reports SQLite would read all of them.
    ended = reports.filter(~Exists(known), status__in=statuses).order_by()
    now = clock.now()
    with transaction.atomic():
        # Neither may be deleted before the rows that refer to them are committed.
        if not Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk):
            return
        # Locked in the order that all code uses, to avoid deadlocks.
        chosen = Report.objects.filter(pk__in=ended.values("pk")).order_by("pk")
        found = chosen.select_for_update(no_key=True).values_list("pk", "status")
        Delivery.objects.bulk_create(
            [
                Delivery(
                    webhook=webhook,
                    report_id=report_id,
                    event=statuses[status],
                    attempts_allowed=backoff.MAX_ATTEMPTS,
                    created_at=now,
                    next_attempt_at=now,
                )
                for report_id, status in found
            ],
            ignore_conflicts=True,
        )


def _status_of(event: str) -> str:
    """Return the report status that an event stands for."""
    return event.partition(".")[2].capitalize()


# Sent.


def mark_queued(*, at_most: int | None = None, **of: Any) -> list[UUID]:
    """Return the due deliveries to queue, the longest due first, and mark them as queued.

    ``of`` are further conditions.
    """
    jobs = Delivery.objects.filter(**of).order_by("next_attempt_at")
    return [job.pk for job in claims.mark_queued(jobs, after=REQUEUE_AFTER, at_most=at_most)]


def deliver(delivery_id: UUID) -> Delivery | None:
    """Attempt a delivery if it can be claimed, else return None.

    1. Claim the row, by one guarded UPDATE.
    2. Post the message, outside any transaction.
    3. Settle the row. If the worker dies before that, the message is sent again.

    A permanent error of our own before there is an outcome fails the delivery; a passing one puts
    it off. Either way the exception is re-raised.
    """
    delivery = claim(delivery_id)
    if delivery is None:
        logger.info(
            "delivery %s: nothing to do, it is settled or another worker has it", delivery_id
        )
        return None
    lease = Lease(delivery, lease=LEASE)
    with FailureRecorded(lease, partial(_fail_held, lease)):
        settle(delivery, attempts.attempt(delivery))
    return delivery


def claim(delivery_id: UUID) -> Delivery | None:
    """Claim a delivery for one attempt; None if it cannot be claimed."""
    delivery = Delivery.objects.select_related("webhook", "report").filter(pk=delivery_id)
    return claims.claim(delivery, lease=LEASE, started_at=clock.now(), ended_at=None)


def settle(delivery: Delivery, outcome: Outcome) -> None:
    """Write the outcome of an attempt, unless a later one has begun."""
    now = clock.now()
    again = None
    if not outcome.delivered:
        again = _next_attempt(delivery, outcome, now)
    written = claims.held(delivery).update(
        status=_status_after(outcome, again),
        next_attempt_at=again,
        ended_at=now,
        status_code=outcome.status_code,
        error=outcome.error,
        response=outcome.response,
    )
    _log(delivery, outcome, again, written=bool(written))
    if outcome.gone:
        _switch_off(delivery.webhook, outcome.error)


def _next_attempt(delivery: Delivery, outcome: Outcome, now: datetime) -> datetime | None:
    wait = None if outcome.final else delivery.pause()
    return now + backoff.at_least(wait, outcome.retry_after) if wait else None


def _status_after(outcome: Outcome, again: datetime | None) -> Delivery.Status:
    if outcome.delivered:
        return Delivery.Status.DELIVERED
    return Delivery.Status.PENDING if again else Delivery.Status.FAILED


def _log(delivery: Delivery, outcome: Outcome, again: datetime | None, *, written: bool) -> None:
    what = f"{delivery} ({delivery.event}) to webhook {delivery.webhook_id}"
    if not written:
        logger.warning("%s: a later attempt has begun", what)
    elif outcome.delivered:
        logger.info("%s: delivered at attempt %d", what, delivery.attempts)
    elif again:
        logger.warning("%s: %s Trying again at %s", what, outcome.error, f"{again:%F %T} UTC.")
    else:
        logger.error("%s: gave up after attempt %d: %s", what, delivery.attempts, outcome.error)


def _switch_off(webhook: Webhook, reason: str) -> None:
    switched_off = Webhook.objects.filter(pk=webhook.pk, active=True).update(
        active=False, inactive_because=reason
    )
    if switched_off:
        logger.warning("webhook %s (%s): switched off. %s", webhook.pk, webhook.name, reason)


# Sent again.


def give_up() -> None:
    """Fail the deliveries whose worker died in the last attempt."""
    reason = "The worker died in the last attempt to send the message."
    failed = claims.exhausted(Delivery.objects.all()).update(**_failed(reason))
    if failed:
        logger.error("gave up %d deliveries whose worker died in the last attempt", failed)


def _fail_held(lease: Lease, _: Exception, reason: str) -> None:
    lease.update(**_failed(reason))


def _failed(reason: str) -> dict[str, object]:
    """Return the values of a delivery that failed for a reason other than its answer."""
    return {
        "status": Delivery.Status.FAILED,
        "next_attempt_at": None,
        "error": reason,
        "ended_at": clock.now(),
    }


def send_again(delivery: Delivery) -> None:
    """Queue a delivery again, whatever its outcome, with a full set of attempts.

    Raises InProgress while a worker has it.
    """
    under_way = Q(status=Delivery.Status.PENDING, started_at__isnull=False, ended_at__isnull=True)
    allowed = 1 if delivery.event == Event.PING else backoff.MAX_ATTEMPTS
    waiting = Delivery.objects.filter(~under_way, pk=delivery.pk)
    if not waiting.update(
        status=Delivery.Status.PENDING,
        next_attempt_at=clock.now(),
        announcements=0,
        attempts_allowed=F("attempts") + allowed,
    ):
        raise InProgress
