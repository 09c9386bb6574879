"""Fixtures of these tests."""

from pathlib import Path

import pytest

from fleet.models import Store
from reports import tasks
from reports.build.services import build_report
from reports.models import Status
from reports.request.starting import start_report
from tests.database.files import (
    ingest,
)
from tests.database.ingestion.sample_stores.arriving import FILES


@pytest.fixture
def sample():
    """Two stores of a sample."""
    for name, text in FILES.items():
        ingest(text, name, is_sample=True)
    assert set(Store.objects.values_list("store_id", "is_sample")) == {("one", True), ("two", True)}


@pytest.fixture
def report(sample, monkeypatch):
    """A report of the sample, complete, with its file."""
    monkeypatch.setattr(tasks, "enqueue", lambda report: build_report(report.pk))
    report = start_report(requested_by="a test")
    report.refresh_from_db()
    assert report.status == Status.COMPLETE
    assert Path(report.file.path).exists()
    return report
