"""Celery tasks of webhooks. They take an id and read everything else from the database."""

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

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
    deliveries.deliver(UUID(delivery_id))
    status = Delivery.objects.filter(pk=delivery_id).values_list("status", flat=True).first()
    return status or ""


@shared_task(name="webhooks.sweep")
def sweep() -> int:
    """Record deliveries of ended reports and queue the due ones; return how many."""
    deliveries.give_up()
    deliveries.record_all_ended()
    found = deliveries.to_tell(at_most=MAX_AT_ONCE)
    for delivery_id in found:
        _send(delivery_id)
    return len(found)


def hurry(report_id: UUID, **_: Any) -> None:
    """Announce the end of a report at once; if that fails, the sweep does it later."""
    if Webhook.objects.filter(active=True).exists():
        _quickly(announce, report_id)


def enqueue(delivery: Delivery) -> None:
    """Queue a delivery at once; call it after its row is committed."""
    _quickly(deliver, delivery.pk)


def _quickly(task: Any, key: UUID) -> None:
    try:
        task.apply_async(args=[str(key)])
    except OperationalError as error:
        logger.warning("%s %s waits for the sweep: no broker: %s", task.name, key, error)


def _send(delivery_id: UUID) -> None:
    # No expiry: it would be an instant of this machine's clock, judged by another's.
    deliver.apply_async(args=[str(delivery_id)])
