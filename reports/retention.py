"""Pruning of old reports, and of files that no row refers to."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db.models import QuerySet

from access.audit import retention as access_retention
from fleet.polls import retention as poll_retention
from fleet.polls.retention import Removable
from ingestion import retention as ingestion_retention
from jobs import clock
from jobs.models import UNFINISHED
from reports.build.ending import delete_reports
from reports.build.writers import remove_files
from reports.models import Report, Shard

logger = logging.getLogger(__name__)

_FOLDER = "reports"
_BATCH = 100
_ORPHAN_AGE = timedelta(days=1)


class Pruned(Protocol):
    """A module of another app that prunes too."""

    def removable(self, before: datetime) -> Iterator[Removable]:
        """Yield what ``remove`` would remove."""

    def remove(self, before: datetime) -> None:
        """Remove data older than an instant."""


_others: list[Pruned] = []
_orphans_of_others: list[Callable[[datetime], None]] = []


def also_prune(other: Pruned) -> None:
    """Register another app's module for pruning."""
    _others.append(other)


def also_remove_orphans(remove: Callable[[datetime], None]) -> None:
    """Register the removal of another app's files from before an instant that no row has."""
    _orphans_of_others.append(remove)


def removable_in_all(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove_all`` would remove."""
    yield from poll_retention.removable(before)
    yield from ingestion_retention.removable(before)
    yield Removable(what="audit entries", count=access_retention.count(before))
    yield from removable(before)
    for other in _others:
        yield from other.removable(before)


def removable(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove`` would remove."""
    yield Removable(what="reports, with their files", count=_reports(before).count())
    yield Removable(what="report files that belong to no report", count=len(_strays(before)))


def remove_all(before: datetime) -> None:
    """Remove all data older than an instant: polls, records, reports. Not in a transaction."""
    poll_retention.remove(before)
    ingestion_retention.remove(before)
    access_retention.remove(before)
    remove(before)
    for other in _others:
        other.remove(before)


def remove(before: datetime) -> None:
    """Remove reports that finished before an instant, and equally old files without a report."""
    while batch := list(_reports(before).values_list("pk", flat=True)[:_BATCH]):
        delete_reports(Report.objects.filter(pk__in=batch))
    _remove_strays(before)


def remove_orphans() -> None:
    """Remove files of all kinds that no row refers to, once no row can refer to them any more.

    They are left by killed processes, and by a storage that was unreachable when rows were deleted.
    """
    before = orphaned_before()
    ingestion_retention.remove_leftovers(before)
    _remove_strays(before)
    for remove_theirs in _orphans_of_others:
        remove_theirs(before)


def orphaned_before() -> datetime:
    """Return the instant before which no row can refer to a new file any more."""
    longest = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
    return clock.now() - max(_ORPHAN_AGE, 2 * longest)


def orphans(before: datetime) -> list[str]:
    """Return the names of files of reports and ingestions that no row refers to."""
    return [*_strays(before), *ingestion_retention.leftovers(before)]


def _reports(before: datetime) -> QuerySet[Report]:
    return Report.objects.filter(finished_at__lt=before)


def _remove_strays(before: datetime) -> None:
    names = _strays(before)
    remove_files(names)
    for name in names:
        logger.info("removed %s, which belonged to no report", name)


def _strays(before: datetime) -> list[str]:
    """Return the names of old files that a killed worker left behind."""
    complete = Report.objects.exclude(file="").values_list("file", flat=True)
    parts = Shard.objects.filter(report__status__in=UNFINISHED).exclude(part="")
    known = {*complete, *parts.values_list("part", flat=True)}
    return ingestion_retention.strays(_FOLDER, known, before)
