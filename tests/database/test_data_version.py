"""Whatever changes the data raises its version; what changes nothing leaves it."""

from datetime import UTC, datetime, time

import pytest
from django.db import transaction

from ingestion.models import BusinessHours, Poll, Store, Tag
from ingestion.versions import current_version
from tests.database.files import ingest_hours, ingest_polls, ingest_time_zones

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2024, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def store():
    return Store.objects.create(store_id="a")


def hours(store, **values):
    span = {"weekday": 0, "opens": time(9), "closes": time(17), **values}
    return BusinessHours(store=store, **span)


CHANGES = {
    "a new store": lambda store: Store.objects.create(store_id="b"),
    "a saved store": lambda store: store.save(),
    "an updated store": lambda store: Store.objects.update(time_zone="UTC"),
    "stores made in bulk": lambda store: Store.objects.bulk_create([Store(store_id="b")]),
    "stores updated in bulk": lambda store: Store.objects.bulk_update([store], ["name"]),
    "a deleted store": lambda store: store.delete(),
    "deleted stores": lambda store: Store.objects.all().delete(),
    "a poll": lambda store: Poll.objects.create(store=store, polled_at=NINE, status=1),
    "polls in bulk": lambda store: Poll.objects.bulk_create(
        [Poll(store=store, polled_at=NINE, status=1)]
    ),
    "hours": lambda store: hours(store).save(),
    "hours of the store": lambda store: store.business_hours.add(hours(store), bulk=False),
    "a tag": lambda store: store.tags.create(name="airport"),
    "tags": lambda store: store.tags.set([Tag.objects.create(name="airport")]),
    "ingested polls": lambda store: ingest_polls("a,active,2024-01-15 09:00:00 UTC"),
    "ingested hours": lambda store: ingest_hours("a,0,09:00,17:00"),
    "an ingested zone": lambda store: ingest_time_zones("a,UTC"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_rises_with_each_change(store, change):
    before = current_version()
    change(store)
    assert current_version() > before


def test_it_rises_with_a_corrected_poll():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC")
    before = current_version()
    ingest_polls("a,inactive,2024-01-15 09:00:00 UTC")
    assert current_version() > before


def test_it_stays_with_a_file_that_changes_nothing():
    for _ in range(2):
        before = current_version()
        ingest_polls("a,active,2024-01-15 09:00:00 UTC")
        ingest_hours("a,0,09:00,17:00")
        ingest_time_zones("a,UTC")
    assert current_version() == before


def test_it_stays_with_a_change_that_is_taken_back(store):
    before = current_version()
    with transaction.atomic():
        store.save()
        transaction.set_rollback(True)
    assert current_version() == before


def test_reading_does_not_raise_it(store):
    before = current_version()
    list(Store.objects.filter(tags__name="airport"))
    assert current_version() == before
