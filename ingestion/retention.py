"""Pruning of old records of ingestions, rejects and uploads."""

import logging
from collections.abc import Container, Iterator
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from api.errors.storage_faults import storage_faults
from fleet.polls.retention import Removable
from ingestion.models import Ingestion

logger = logging.getLogger(__name__)


def removable(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove`` would remove."""
    yield Removable(
        what="records of ingestions, with their rejects", count=_records(before).count()
    )
    yield Removable(
        what="rejects and uploads that belong to no ingestion", count=len(leftovers(before))
    )


def remove(before: datetime) -> None:
    """Remove the records of ingestions, with their rejects, from before an instant."""
    for record in _records(before).iterator():
        if record.rejects:
            record.rejects.delete(save=False)
        name = f"{record.pk} ({record.name})"
        record.delete()
        logger.info("removed the record of ingestion %s", name)
    remove_leftovers(before)


def remove_leftovers(before: datetime) -> None:
    """Remove rejects and uploads from before an instant that belong to no ingestion."""
    for name in leftovers(before):
        default_storage.delete(name)
        logger.info("removed %s, which belonged to no ingestion", name)


def strays(folder: str, known: Container[str], before: datetime) -> list[str]:
    """Return the names of old files in a media storage folder that are not among the known."""
    try:
        names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    except FileNotFoundError:
        # On a disk a folder may be missing; a bucket has no folders.
        return []
    return [name for name in names if name not in known and _is_older(name, before)]


def _is_older(name: str, before: datetime) -> bool:
    """Return whether a file is from before an instant; False if it is already gone."""
    try:
        return default_storage.get_modified_time(name) < before
    except storage_faults():
        # A worker has removed it since it was listed: a stored upload, or a used part.
        if default_storage.exists(name):
            raise
        return False


def leftovers(before: datetime) -> list[str]:
    """Return the names of old files that a killed process left behind."""
    kept = (("rejects", "rejects"), ("uploads", "upload"))
    return [
        name
        for folder, field in kept
        for name in strays(folder, set(Ingestion.objects.values_list(field, flat=True)), before)
    ]


def _records(before: datetime) -> QuerySet[Ingestion]:
    return Ingestion.objects.filter(finished_at__lt=before)
