"""Fixtures of these tests."""

import pytest

from reports import tasks


@pytest.fixture
def told(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "enqueue", lambda report: calls.append(report.pk))
    return calls
