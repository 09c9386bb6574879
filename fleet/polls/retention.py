"""Pruning of old polls.

On PostgreSQL polls are removed by whole weeks, which takes no time; a week stays until its last
poll may go. On SQLite they are removed day by day, so that no transaction is long.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from fleet.extent import correct_last_polls, note_pruned
from fleet.models import Poll
from fleet.polls import partition_sizes, partitions
from fleet.polls.database import database
from fleet.polls.dropping import drop_empty_weeks, drop_week

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Removable:
    """Something that can be pruned: what it is, how many, and its bytes if known."""

    what: str
    count: int
    size: int | None = None


def removable(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove`` would remove."""
    if connection.vendor == "postgresql":
        for week in _weeks(before):
            rows, size = partition_sizes.size(week)
            what = f"polls (estimated) of the week from {week.start:%Y-%m-%d}"
            yield Removable(what=what, count=rows, size=size)
    else:
        yield Removable(what="polls", count=_polls(before).count())


def remove(before: datetime) -> None:
    """Remove the polls before an instant. Not inside a transaction."""
    if connection.vendor == "postgresql":
        for week in _weeks(before):
            drop_week(week)
            logger.info("removed the polls of the week from %s", week.start.date())
    else:
        _remove_by_day(before)


def count_after(instant: datetime) -> int:
    """Return how many polls are later than an instant."""
    return Poll.objects.filter(polled_at__gt=instant).count()


def remove_after(instant: datetime) -> None:
    """Remove the polls later than an instant. Not inside a transaction."""
    with transaction.atomic():
        database().serialise()
        late = Poll.objects.filter(polled_at__gt=instant)
        end = late.aggregate(end=Max("polled_at"))["end"]
        if end is None:
            return
        late.delete()
        correct_last_polls(instant, end + timedelta(microseconds=1))
    drop_empty_weeks()


def _weeks(before: datetime) -> list[partitions.Week]:
    return [week for week in partitions.existing_weeks() if week.end <= before]


def _polls(before: datetime) -> QuerySet[Poll]:
    return Poll.objects.filter(polled_at__lt=before)


def _remove_by_day(before: datetime) -> None:
    while oldest := _polls(before).aggregate(oldest=Min("polled_at"))["oldest"]:
        end = min(oldest + timedelta(days=1), before)
        with transaction.atomic():
            note_pruned(end)
            count, _ = _polls(end).delete()
            correct_last_polls(oldest, end)
        logger.info("removed %d polls of the day from %s", count, oldest)
