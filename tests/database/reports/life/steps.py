"""A report's life: requested, claimed by one worker, kept alive, finished once, or given up."""

from datetime import UTC, datetime
from pathlib import Path

from django.core.files.storage import default_storage

from reports.build import computing
from reports.models import Report

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)


def stored_files():
    root = Path(default_storage.path("reports"))
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def fresh(report):
    return Report.objects.get(pk=report.pk)


def broken(monkeypatch, error):
    """Make loading fail."""

    def load_fleet(**_):
        raise error

    monkeypatch.setattr(computing, "load_fleet", load_fleet)
