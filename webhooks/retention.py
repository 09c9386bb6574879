"""Pruning of old pings; messages about a report are deleted with it."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from fleet.polls.retention import Removable
from webhooks.models import Delivery

logger = logging.getLogger(__name__)


def removable(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove`` would remove."""
    yield Removable(what="pings of webhooks", count=_pings(before).count())


def remove(before: datetime) -> None:
    """Remove pings that ended before an instant."""
    count, _ = _pings(before).delete()
    if count:
        logger.info("removed %d pings of webhooks", count)


def _pings(before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(report__isnull=True, ended_at__lt=before)
