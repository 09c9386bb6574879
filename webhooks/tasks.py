"""Celery tasks of webhooks. They take an id and read everything else from the database."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task

from jobs import queue
from jobs.lease import LeaseLost
from webhooks import deliveries
from webhooks.models import Delivery, Webhook

logger = logging.getLogger(__name__)

# A sweep queues at most this many; the next one goes on.
MAX_AT_ONCE = 200


@shared_task(name="webhooks.announce")
def announce(report_id: str) -> int:
    """Queue the deliveries of a report that ended; return how many."""
    due = deliveries.record_report(UUID(report_id))
    for delivery_id in due:
        _send(delivery_id)
    return len(due)


@shared_task(name="webhooks.deliver")
def deliver(delivery_id: str) -> str:
    """Attempt a delivery and return its status."""
    try:
        deliveries.deliver(UUID(delivery_id))
    except LeaseLost as loss:
        logger.info("stopped: %s", loss)
    status = Delivery.objects.filter(pk=delivery_id).values_list("status", flat=True).first()
    return status or ""


@shared_task(name="webhooks.sweep")
def sweep() -> int:
    """Record deliveries of ended reports and queue the due ones; return how many."""
    deliveries.give_up()
    deliveries.record_all_ended()
    found = deliveries.mark_queued(at_most=MAX_AT_ONCE)
    for delivery_id in found:
        _send(delivery_id)
    return len(found)


def hurry(report_id: UUID, **_: Any) -> None:
    """Announce the end of a report at once; if that fails, the sweep does it later."""
    if Webhook.objects.filter(active=True).exists():
        with queue.left_to_the_sweep(f"the end of report {report_id}"):
            queue.send(announce, str(report_id))


def enqueue(delivery: Delivery) -> None:
    """Queue a delivery at once; call it after its row is committed."""
    with queue.left_to_the_sweep(delivery):
        _send(delivery.pk)


def _send(delivery_id: UUID) -> None:
    queue.send(deliver, str(delivery_id))
