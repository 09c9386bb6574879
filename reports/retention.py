"""Old reports, and files that no report knows any more."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from access import retention as access_retention
from ingestion import retention as ingestion_retention
from ingestion.retention import Removable
from reports.models import Report

logger = logging.getLogger(__name__)

_FOLDER = "reports"


class Pruned(Protocol):
    """A module of another app that has old things too."""

    def removable(self, before: datetime) -> Iterator[Removable]:
        """Yield what ``remove`` would remove."""

    def remove(self, before: datetime) -> None:
        """Remove what is from before an instant."""


_others: list[Pruned] = []


def also_prune(other: Pruned) -> None:
    """Have another app's old things go whenever ours do."""
    _others.append(other)


def removable_in_all(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove_all`` would remove."""
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
    """Remove everything from before an instant: polls, records, reports. Not in a transaction."""
    ingestion_retention.remove(before)
    access_retention.remove(before)
    remove(before)
    for other in _others:
        other.remove(before)


def remove(before: datetime) -> None:
    """Remove reports finished before an instant, and files as old that belong to none."""
    for report in _reports(before).iterator():
        if report.file:
            report.file.delete(save=False)
        name = str(report.pk)
        report.delete()
        logger.info("removed report %s as of %s", name, report.as_of)
    for name in _strays(before):
        default_storage.delete(name)
        logger.info("removed %s, which belonged to no report", name)


def _reports(before: datetime) -> QuerySet[Report]:
    return Report.objects.filter(finished_at__lt=before)


def _strays(before: datetime) -> list[str]:
    """Return the names of old files that a killed worker left behind."""
    known = Report.objects.exclude(file="").values_list("file", flat=True)
    return ingestion_retention.strays(_FOLDER, set(known), before)
