"""Fixtures of these tests."""

import pytest

from fleet.models import Store
from reports import tasks
from tests.database.files import ingest_polls, ingest_time_zones


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued reports."""
    calls = []
    monkeypatch.setattr(tasks, "enqueue", lambda report: calls.append(report.pk))
    return calls


@pytest.fixture(autouse=True)
def _fleet():
    ingest_polls(
        *(f"{store},active,2024-01-{day:02}T11:00:00Z" for store in "abcd" for day in (14, 15))
    )
    ingest_time_zones("a,America/New_York", "b,America/New_York", "c,Asia/Kolkata")
    [b, c] = Store.objects.filter(store_id__in="bc").order_by("store_id")
    b.tags.create(name="airport")
    c.tags.set(b.tags.all())
