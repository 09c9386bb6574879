"""Changing and deleting stores: one after another with the ingestions, and nothing else touched."""

from datetime import time
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction

from feeds.values import BadValue
from fleet import editing
from fleet.editing import Changed, Deleted, Opening, delete_stores, edit_store, put_store, state
from fleet.models import BusinessHours, Poll, Store
from fleet.polls.database import database
from fleet.versions import current_version
from tests.database.files import ingest_hours, ingest_polls, ingest_stores, ingest_time_zones
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

NINE_TO_FIVE = Opening(0, time(9), time(17))
NIGHT = Opening(5, time(20), time(2))


@pytest.fixture
def store():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "b,active,2024-01-15 09:00:00 UTC")
    ingest_hours("a,0,09:00,17:00", "b,0,09:00,17:00")
    ingest_stores("a,Mill,x;y", "b,Pier,x")
    ingest_time_zones("a,Asia/Tokyo", "b,Asia/Tokyo")
    return Store.objects.get(store_id="a")


def settings(store_id):
    store = Store.objects.prefetch_related("tags", "business_hours").get(store_id=store_id)
    hours = {Opening(row.weekday, row.opens, row.closes) for row in store.business_hours.all()}
    return store.name, sorted(tag.name for tag in store.tags.all()), store.time_zone_id, hours


def test_it_changes_what_is_said_and_nothing_else(store):
    before = settings("b")

    edit_store("a", {"name": " Old Mill "})
    assert settings("a") == ("Old Mill", ["x", "y"], "Asia/Tokyo", {NINE_TO_FIVE})
    edit_store("a", {"tags": ["z", "x", "z"]})
    assert settings("a") == ("Old Mill", ["x", "z"], "Asia/Tokyo", {NINE_TO_FIVE})
    edit_store("a", {"time_zone": None})
    assert settings("a") == ("Old Mill", ["x", "z"], None, {NINE_TO_FIVE})
    edit_store("a", {"business_hours": [NIGHT, NINE_TO_FIVE, NIGHT]})
    assert settings("a") == ("Old Mill", ["x", "z"], None, {NINE_TO_FIVE, NIGHT})
    edit_store("a", {"business_hours": []})
    assert settings("a") == ("Old Mill", ["x", "z"], None, set())
    assert settings("b") == before


def test_it_raises_the_version_of_the_data_only_where_something_changed(store):
    version = current_version()
    edit_store(
        "a",
        {
            "name": "Mill",
            "tags": ["y", "x"],
            "time_zone": "Asia/Tokyo",
            "business_hours": [NINE_TO_FIVE],
        },
    )
    assert current_version() == version
    edit_store("a", {"tags": []})
    assert current_version() > version


@pytest.mark.parametrize("bad", [{"name": "a\x00b"}, {"tags": [" "]}, {"tags": ["a;b"]}])
def test_it_refuses_what_the_feed_would_reject(store, bad):
    before = settings("a")
    with pytest.raises(BadValue):
        edit_store("a", bad)
    assert settings("a") == before


def test_it_changes_no_store_that_somebody_else_changed_meanwhile(store):
    seen = [state(store)]
    edit_store("a", {"name": "Mine"}, seen=seen)
    with pytest.raises(Changed):
        edit_store("a", {"name": "Yours"}, seen=seen)
    assert settings("a")[0] == "Mine"


def test_it_knows_a_store_again_after_more_polls(store):
    seen = state(store)
    ingest_polls("a,inactive,2024-01-15 10:00:00 UTC")
    assert state(Store.objects.get(store_id="a")) == seen


def test_it_makes_a_store_that_is_not_there():
    made, new = put_store("c", {"name": "Inn", "tags": ["x"], "business_hours": [NIGHT]})
    assert new
    assert settings("c") == ("Inn", ["x"], None, {NIGHT})
    assert put_store("c", {"name": "Tavern"}) == (made, False)


def test_it_makes_no_store_where_one_was_seen_and_none_where_there_is_one():
    with pytest.raises(Changed):
        put_store("c", {}, seen=["0" * 32])
    put_store("c", {})
    with pytest.raises(Changed):
        put_store("c", {}, must_be_new=True)


def test_it_loses_no_change_of_several_at_once(store):
    seen = [state(store)]
    outcomes = at_once(
        *(partial(edit_store, "a", {"name": f"Name {number}"}, seen=seen) for number in range(4))
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["Changed"] * 3 + ["Store"]


def test_it_neither_overtakes_nor_splits_an_ingestion(store):
    rows = [f"a,{day},0{n}:00,1{n}:00" for n in range(5) for day in range(7)]
    week = {Opening(day, time(n), time(10 + n)) for n in range(5) for day in range(7)}

    at_once(
        partial(ingest_hours, *rows),
        partial(edit_store, "a", {"business_hours": [NIGHT]}),
        partial(ingest_stores, "a,Feed,f"),
        partial(edit_store, "a", {"name": "Person", "tags": ["p"]}),
    )

    name, tags, _, hours = settings("a")
    assert hours in (week, {NIGHT})
    assert (name, tags) in (("Feed", ["f"]), ("Person", ["p"]))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has its own time-out")
def test_it_gives_up_when_an_ingestion_takes_too_long(store, monkeypatch):
    monkeypatch.setattr(editing, "WAIT_SECONDS", 0.05)
    with transaction.atomic():
        database().serialise()
        [refused] = at_once(partial(edit_store, "a", {"name": "Late"}))
    assert isinstance(refused, OperationalError)
    assert settings("a")[0] == "Mill"


def test_it_deletes_a_store_with_all_that_is_known_of_it(store):
    ingest_polls(*(f"a,active,2024-0{month}-15 09:00:00 UTC" for month in range(1, 9)))
    other = settings("b")

    assert delete_stores([store.key, 0]) == Deleted(stores=1, business_hours=1, polls=8)

    assert list(Store.objects.values_list("store_id", flat=True)) == ["b"]
    assert set(Poll.objects.values_list("store__store_id", flat=True)) == {"b"}
    assert BusinessHours.objects.count() == 1
    assert settings("b") == other


def test_it_deletes_many_stores_some_at_a_time(store, monkeypatch):
    monkeypatch.setattr(editing, "_AT_ONCE", 1)
    keys = list(Store.objects.values_list("key", flat=True))
    assert delete_stores(keys) == Deleted(stores=2, business_hours=2, polls=2)
    assert not Store.objects.exists()


def test_it_raises_the_version_of_the_data_when_a_store_goes(store):
    version = current_version()
    delete_stores([0])
    assert current_version() == version
    delete_stores([store.key])
    assert current_version() > version


def test_it_makes_a_deleted_store_anew_when_a_feed_names_it(store):
    delete_stores([store.key])
    ingest_polls("a,inactive,2024-01-16 09:00:00 UTC")
    assert settings("a") == ("", [], None, set())
    assert Poll.objects.filter(store__store_id="a").count() == 1
