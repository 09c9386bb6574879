"""What old data there is, and how it goes.

On PostgreSQL polls go by whole weeks, which takes no time; a week stays until its last poll may
go. On SQLite they go a day at a time, so that no transaction is long.
"""

import logging
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Min, QuerySet

from api.storage_faults import storage_faults
from ingestion import partition_sizes, partitions
from ingestion.dropping import drop_week
from ingestion.extent import correct_last_polls, note_pruned
from ingestion.models import Ingestion, Poll

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Removable:
    """Something that may go: what it is, how many of it, and its bytes where they are known."""

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
    yield Removable(
        what="records of ingestions, with their rejects", count=_records(before).count()
    )
    yield Removable(
        what="rejects and uploads that belong to no ingestion", count=len(_leftovers(before))
    )


def remove(before: datetime) -> None:
    """Remove the polls, and the records of ingestions with their rejects, from before an instant.

    Not inside a transaction.
    """
    if connection.vendor == "postgresql":
        for week in _weeks(before):
            drop_week(week)
            logger.info("removed the polls of the week from %s", week.start.date())
    else:
        _remove_by_day(before)
    for record in _records(before).iterator():
        if record.rejects:
            record.rejects.delete(save=False)
        name = f"{record.pk} ({record.name})"
        record.delete()
        logger.info("removed the record of ingestion %s", name)
    remove_leftovers(before)


def remove_leftovers(before: datetime) -> None:
    """Remove rejects and uploads from before an instant that no ingestion names."""
    for name in _leftovers(before):
        default_storage.delete(name)
        logger.info("removed %s, which belonged to no ingestion", name)


def strays(folder: str, known: Container[str], before: datetime) -> list[str]:
    """Return the names of old files in a folder of media storage that are not among the known."""
    try:
        names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        # Only a disk has folders that may be missing; a bucket has none at all.
        return []
    return [name for name in names if name not in known and _is_older(name, before)]


def _is_older(name: str, before: datetime) -> bool:
    """Return whether a file is from before an instant; one that is gone by now is not."""
    try:
        return default_storage.get_modified_time(name) < before
    except storage_faults():
        # A worker has removed it since it was listed: an upload it stored, a part it used.
        if default_storage.exists(name):
            raise
        return False


def _leftovers(before: datetime) -> list[str]:
    """Return the names of old files that a killed process left behind."""
    kept = (("rejects", "rejects"), ("uploads", "upload"))
    return [
        name
        for folder, field in kept
        for name in strays(folder, set(Ingestion.objects.values_list(field, flat=True)), before)
    ]


def _weeks(before: datetime) -> list[partitions.Week]:
    return [week for week in partitions.existing_weeks() if week.end <= before]


def _polls(before: datetime) -> QuerySet[Poll]:
    return Poll.objects.filter(polled_at__lt=before)


def _records(before: datetime) -> QuerySet[Ingestion]:
    return Ingestion.objects.filter(finished_at__lt=before)


def _remove_by_day(before: datetime) -> None:
    while oldest := _polls(before).aggregate(oldest=Min("polled_at"))["oldest"]:
        end = min(oldest + timedelta(days=1), before)
        with transaction.atomic():
            note_pruned(end)
            count, _ = _polls(end).delete()
            correct_last_polls(oldest, end)
        logger.info("removed %d polls of the day from %s", count, oldest)
