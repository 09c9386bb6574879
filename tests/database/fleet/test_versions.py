"""Every change of the data raises its version; anything else leaves it."""

from datetime import UTC, datetime, time

import pytest
from django.core.serializers import deserialize, serialize
from django.db import connection, transaction

from fleet.models import BusinessHours, Poll, Store, Tag, TimeZone
from fleet.versions import current_version
from tests.database.files import ingest_hours, ingest_polls, ingest_time_zones

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2024, 1, 15, 9, tzinfo=UTC)


@pytest.fixture
def store():
    return Store.objects.create(store_id="a")


def hours(store, **values):
    span = {"weekday": 0, "opens": time(9), "closes": time(17), **values}
    return BusinessHours(store=store, **span)


def other():
    return Store.objects.get_or_create(store_id="other")[0]


def utc():
    return TimeZone.objects.get(name="UTC")


def saved(row):
    row.save()
    return row


def tagged(store):
    return saved(Store.tags.through(store=store, tag=Tag.objects.create(name="airport")))


def loaded(fixture):
    for row in deserialize("json", fixture):
        row.save()


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
    "hours of another store": lambda store: other().business_hours.add(BusinessHours.objects.get()),
    "a store of a time zone": lambda store: utc().store_set.add(*[store]),
    "no store of a time zone": lambda store: utc().store_set.set([]),
    "a row between stores and tags": tagged,
    "rows between them in bulk": lambda store: Store.tags.through.objects.bulk_create(
        [Store.tags.through(store=store, tag=Tag.objects.create(name="airport"))]
    ),
    "such rows updated": lambda store: Store.tags.through.objects.update(store=other()),
    "such rows deleted": lambda store: Store.tags.through.objects.all().delete(),
    "tags taken away": lambda store: store.tags.clear(),
    "a tag's stores": lambda store: Tag.objects.get().stores.remove(*[store]),
    "a tag's name": lambda store: Tag.objects.update(name="harbour"),
    "a deleted tag": lambda store: Tag.objects.get().delete(),
    "made or updated": lambda store: Store.objects.update_or_create(
        store_id="a", defaults={"name": "Mill"}
    ),
    "upserted in bulk": lambda store: Store.objects.bulk_create(
        [Store(store_id="a", name="Mill")],
        update_conflicts=True,
        update_fields=["name"],
        unique_fields=["store_id"],
    ),
    "base manager": lambda store: Store._base_manager.update(name="Mill"),
    "hours updated": lambda store: BusinessHours.objects.update(weekday=2),
    "hours deleted": lambda store: store.business_hours.all().delete(),
    "a fixture": lambda store: loaded(serialize("json", [store])),
    "ingested polls": lambda store: ingest_polls("a,active,2024-01-15 09:00:00 UTC"),
    "ingested hours": lambda store: ingest_hours("a,0,09:00,17:00"),
    "an ingested zone": lambda store: ingest_time_zones("a,UTC"),
}


# The other rows that each of these finds, so that there is something to change.
FOUND = {
    "no store of a time zone": lambda store: Store.objects.update(time_zone="UTC"),
    "hours of another store": lambda store: (hours(store).save(), other()),
    "such rows updated": lambda store: (tagged(store), other()),
    "such rows deleted": tagged,
    "tags taken away": tagged,
    "a tag's stores": tagged,
    "a tag's name": tagged,
    "a deleted tag": tagged,
    "hours updated": lambda store: hours(store).save(),
    "hours deleted": lambda store: hours(store).save(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_rises_with_each_change(store, name):
    FOUND.get(name, lambda _: None)(store)
    before = current_version()
    CHANGES[name](store)
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


def test_it_stays_with_sql_by_hand(store):
    before = current_version()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ingestion_store SET name = 'Mill'")
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
