"""Pruning of old runs."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from fleet.polls.retention import Removable
from schedules.models import ScheduledRun

logger = logging.getLogger(__name__)


def removable(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove`` would remove."""
    yield Removable(what="runs of schedules", count=_old(before).count())


def remove(before: datetime) -> None:
    """Remove runs that ended before an instant. A schedule never returns to their periods."""
    count, _ = _old(before).delete()
    if count:
        logger.info("removed %d runs of schedules", count)


def _old(before: datetime) -> QuerySet[ScheduledRun]:
    return ScheduledRun.objects.filter(ended_at__lt=before)
