"""Time zones: one a store, the last one said."""

import pytest

from fleet.models import Store
from ingestion.storing import spool
from tests.database.files import counts, ingest_polls, ingest_time_zones

pytestmark = pytest.mark.django_db(transaction=True)


def zones():
    return dict(Store.objects.values_list("store_id", "time_zone_id"))


def test_it_sets_the_zone_of_new_and_of_known_stores():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "c,active,2024-01-15 09:00:00 UTC")

    record = ingest_time_zones("b,Asia/Tokyo", "a,America/New_York")

    assert counts(record) == {"read": 2, "new": 2}
    assert zones() == {"a": "America/New_York", "b": "Asia/Tokyo", "c": None}
    assert Store.objects.get(store_id="a").last_status == 1


def test_it_counts_what_was_changed_and_what_was_known():
    ingest_time_zones("a,Asia/Tokyo", "b,Asia/Tokyo")

    record = ingest_time_zones("a,Asia/Tokyo", "b,Asia/Beirut", "c,Asia/Kolkata")

    assert counts(record) == {"read": 3, "new": 1, "changed": 1, "repeated": 1}
    assert zones() == {"a": "Asia/Tokyo", "b": "Asia/Beirut", "c": "Asia/Kolkata"}


@pytest.mark.parametrize("group_rows", [1, 2, 1000])
def test_it_lets_the_last_row_of_a_file_win(monkeypatch, group_rows):
    monkeypatch.setattr(spool, "GROUP_ROWS", group_rows)
    ingest_time_zones("b,Asia/Tokyo")

    record = ingest_time_zones(
        "a,Asia/Tokyo",
        "b,Asia/Beirut",
        "a,Asia/Kolkata",
        "b,Asia/Tokyo",
        "a,Asia/Kolkata",
        "c,UTC",
    )

    assert counts(record) == {"read": 6, "new": 2, "repeated": 2, "superseded": 2}
    assert zones() == {"a": "Asia/Kolkata", "b": "Asia/Tokyo", "c": "UTC"}


def test_it_changes_nothing_when_the_same_file_comes_again():
    rows = ["a,Asia/Tokyo", "b,America/Chicago"]
    ingest_time_zones(*rows)

    assert counts(ingest_time_zones(*rows)) == {"read": 2, "repeated": 2}


def test_it_keeps_the_zone_of_a_store_whose_row_is_rejected():
    ingest_time_zones("a,Asia/Tokyo")

    record = ingest_time_zones("a,Mars/Olympus", "b,UTC")

    assert counts(record) == {"read": 2, "new": 1, "rejected": 1}
    assert zones() == {"a": "Asia/Tokyo", "b": "UTC"}


def test_it_writes_a_zone_by_the_name_of_the_iana_database():
    ingest_time_zones("a,america/new_york", "b, US/Central ")

    assert zones() == {"a": "America/New_York", "b": "US/Central"}
