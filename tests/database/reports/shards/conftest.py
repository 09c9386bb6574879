"""Fixtures of these tests."""

import random
from datetime import timedelta

import pytest

from tests.database.files import ingest_hours, ingest_polls, ingest_time_zones
from tests.database.reports.shards.parting import NOON, STORES, request


@pytest.fixture(autouse=True)
def _fleet(settings):
    """Some stores in no order of their ids, the later known by their hours or zone only."""
    chance = random.Random(1)
    names = [f"store {number}" for number in range(STORES)]
    chance.shuffle(names)
    ingest_polls(
        *(
            f"{name},{chance.choice(['active', 'inactive'])},{NOON - timedelta(hours=hours):%F %T}"
            for name in names[:-3]
            for hours in chance.sample(range(200), 40)
        )
    )
    ingest_hours(*(f"{name},{day},09:00,17:30" for name in names[5:-1] for day in range(5)))
    ingest_time_zones(*(f"{name},Asia/Kolkata" for name in names[8:]))
    settings.REPORT_SHARD_POLLS = 200


@pytest.fixture
def report():
    return request()
