"""Webhooks and deliveries made for tests."""

from django.utils import timezone

from tests.database.answers import queued
from webhooks import deliveries, services
from webhooks.models import Delivery


def make(receiver=None, **values):
    url = receiver.url if receiver else "http://127.0.0.1:1/"
    webhook, secret = services.create_webhook(
        created_by="a test", **{"name": "BI", "url": url, **values}
    )
    webhook.secret = secret
    return webhook


def delivered(report, webhook):
    """Record and attempt the delivery of a report; return it."""
    deliveries.record_report(report.pk)
    delivery = Delivery.objects.get(report=report, webhook=webhook)
    deliveries.deliver(delivery.pk)
    return fresh(delivery)


def fresh(delivery):
    return Delivery.objects.get(pk=delivery.pk)


def cancelled():
    return queued(status="Cancelled", finished_at=timezone.now())


def delivered_only(report):
    delivery = Delivery.objects.get(report=report)
    deliveries.deliver(delivery.pk)
    return fresh(delivery)
