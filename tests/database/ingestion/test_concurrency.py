"""Ingestions at the same time: they wait for each other, and all arrive."""

from functools import partial

import pytest

from fleet.models import BusinessHours, Poll, Store
from ingestion.models import Ingestion
from tests.database.files import (
    counts,
    ingest_hours,
    ingest_polls,
    ingest_time_zones,
)
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def polls(hours, stores=range(40)):
    return [
        f"store {store},active,2024-01-15 {hour:02}:{store:02}:00.5 UTC"
        for hour in hours
        for store in stores
    ]


def test_it_stores_overlapping_files_ingested_at_once():
    files = [polls(range(start, start + 8)) for start in (0, 4, 8)]

    records = at_once(*(partial(ingest_polls, *rows) for rows in files))

    assert [record.status for record in records] == ["Complete"] * 3
    assert sum(record.rows_new for record in records) == 16 * 40
    assert sum(record.rows_repeated for record in records) == 8 * 40
    assert Poll.objects.count() == 16 * 40
    assert Store.objects.count() == 40
    newest = Store.objects.values_list("store_id", "last_polled_at")
    assert {at.hour for _, at in newest} == {15}


def test_it_stores_one_file_once_that_is_ingested_by_two_at_once():
    rows = polls(range(10))

    records = at_once(*[partial(ingest_polls, *rows)] * 2)

    assert sorted(counts(record).get("new", 0) for record in records) == [0, 400]
    assert Poll.objects.count() == 400


def test_it_keeps_one_whole_set_of_hours_where_two_files_replace_them():
    sets = [{f"a,{day},0{n}:00:00,1{n}:00:00" for day in range(7)} for n in range(3)]

    records = at_once(*(partial(ingest_hours, *rows) for rows in sets))

    assert sorted(counts(record).get("removed", 0) for record in records) == [0, 7, 7]
    rows = BusinessHours.objects.values_list("store__store_id", "weekday", "opens", "closes")
    assert {",".join(map(str, row)) for row in rows} in sets


def test_it_stores_all_three_feeds_at_once():
    names = [f"store {number}" for number in range(200)]

    records = at_once(
        partial(ingest_polls, *(f"{name},active,2024-01-15 09:00:00 UTC" for name in names)),
        partial(ingest_hours, *(f"{name},0,09:00,17:00" for name in names)),
        partial(ingest_time_zones, *(f"{name},Asia/Tokyo" for name in reversed(names))),
    )

    assert [counts(record) for record in records] == [{"read": 200, "new": 200}] * 3
    assert Store.objects.filter(time_zone_id="Asia/Tokyo", last_status=1).count() == 200
    assert BusinessHours.objects.count() == 200
    assert Ingestion.objects.filter(status="Complete").count() == 3
