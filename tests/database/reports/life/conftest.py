"""Fixtures of these tests."""

import pytest

from reports.request.requesting import request_report
from tests.database.files import ingest_polls
from tests.database.reports.life.steps import NOON


@pytest.fixture
def report():
    ingest_polls("a,active,2024-01-15 11:00:00 UTC")
    return request_report(as_of=NOON, requested_by="a test").report
