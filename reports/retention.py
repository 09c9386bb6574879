"""Old reports, and files that no report knows any more."""

from collections.abc import Iterator
from datetime import datetime

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from ingestion.retention import Removable
from reports.models import Report

_FOLDER = "reports"


def removable(before: datetime) -> Iterator[Removable]:
    """Yield what ``remove`` would remove."""
    yield Removable(what="reports, with their files", count=_reports(before).count())
    yield Removable(what="report files that belong to no report", count=len(_strays(before)))


def remove(before: datetime) -> None:
    """Remove reports finished before an instant, and files as old that belong to none."""
    for report in _reports(before).iterator():
        if report.file:
            report.file.delete(save=False)
        report.delete()
    for name in _strays(before):
        default_storage.delete(name)


def _reports(before: datetime) -> QuerySet[Report]:
    return Report.objects.filter(finished_at__lt=before)


def _strays(before: datetime) -> list[str]:
    """Return the names of old files that a killed worker left behind."""
    if not default_storage.exists(_FOLDER):
        return []
    names = [f"{_FOLDER}/{name}" for name in default_storage.listdir(_FOLDER)[1]]
    known = set(Report.objects.exclude(file="").values_list("file", flat=True))
    return [
        name
        for name in names
        if name not in known and default_storage.get_modified_time(name) < before
    ]
