"""Fixtures of these tests."""

import pytest

from tests.database.reports.stamp.making import ingest_feeds


@pytest.fixture(autouse=True)
def _feeds(db):
    ingest_feeds()
