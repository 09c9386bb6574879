"""Fixtures of these tests."""

import pytest

from tests.database.files import ingest
from tests.database.reports.kinds.asking import FEEDS


@pytest.fixture(autouse=True)
def _fleet(monkeypatch):
    monkeypatch.setattr("reports.tasks.enqueue", lambda _: None)
    for name, text in FEEDS.items():
        ingest(text, f"{name}.csv")
