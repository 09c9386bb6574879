"""Fixtures of these tests."""

import pytest
from django.db import connection

from reports import tasks
from reports.models import Report
from tests.database.answers import POLLS
from tests.database.reports.trigger.sending import post


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued reports, and whether their rows were visible by then."""
    calls = []

    def enqueue(report):
        calls.append((report.pk, not connection.in_atomic_block))

    monkeypatch.setattr(tasks, "enqueue", enqueue)
    return calls


@pytest.fixture
def some_polls(client):
    post(client, POLLS.encode(), "text/csv")
    Report.objects.all().delete()
