"""Business hours: a file makes the hours of the stores it names, and of no others."""

import random
from datetime import time

import pytest

from fleet.models import BusinessHours, Store
from ingestion.storing import loader, spool
from tests.database.files import counts, ingest_hours, ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)


def hours():
    """Every opening, as "store weekday opens-closes"."""
    rows = BusinessHours.objects.values_list("store__store_id", "weekday", "opens", "closes")
    return sorted(f"{store} {day} {opens}-{closes}" for store, day, opens, closes in rows)


def test_it_stores_the_hours_of_a_new_file():
    record = ingest_hours("a,0,09:00:00,12:00:00", "a,0,13:00:00,17:00:00", "b,6,00:00:00,00:00:00")

    assert counts(record) == {"read": 3, "new": 3}
    assert hours() == [
        "a 0 09:00:00-12:00:00",
        "a 0 13:00:00-17:00:00",
        "b 6 00:00:00-00:00:00",
    ]


def test_it_stores_ends_of_the_day_as_they_are_given():
    ingest_hours(
        "a,0,09:00,24:00",
        "a,1,09:00,23:59",
        "a,2,09:00,23:59:59",
        "a,3,09:00:00.000001,23:59:59.999999",
        "a,4,22:00,02:00",
    )

    stored = BusinessHours.objects.order_by("weekday").values_list("opens", "closes")
    assert list(stored) == [
        (time(9), time(0)),
        (time(9), time(23, 59)),
        (time(9), time(23, 59, 59)),
        (time(9, 0, 0, 1), time(23, 59, 59, 999_999)),
        (time(22), time(2)),
    ]


def test_it_replaces_the_hours_of_the_stores_it_names_and_of_no_others():
    ingest_hours("a,0,09:00,17:00", "a,1,09:00,17:00", "b,0,09:00,17:00")

    record = ingest_hours("a,0,09:00,17:00", "a,2,10:00,16:00", "c,5,08:00,09:00")

    assert counts(record) == {"read": 3, "new": 2, "repeated": 1, "removed": 1}
    assert hours() == [
        "a 0 09:00:00-17:00:00",
        "a 2 10:00:00-16:00:00",
        "b 0 09:00:00-17:00:00",
        "c 5 08:00:00-09:00:00",
    ]


def test_it_counts_a_changed_closing_time_as_one_new_and_one_removed():
    ingest_hours("a,0,09:00,17:00")

    record = ingest_hours("a,0,09:00,18:00")

    assert counts(record) == {"read": 1, "new": 1, "removed": 1}
    assert hours() == ["a 0 09:00:00-18:00:00"]


def test_it_changes_nothing_when_the_same_set_comes_again():
    rows = ["a,0,09:00,17:00", "b,0,09:00,17:00", "a,0,18:00,23:59:59.5", "a,1,00:00,24:00"]
    ingest_hours(*rows)
    before = list(BusinessHours.objects.order_by("pk").values())

    record = ingest_hours(*reversed(rows))

    assert counts(record) == {"read": 4, "repeated": 4}
    assert list(BusinessHours.objects.order_by("pk").values()) == before


def test_it_takes_a_row_twice_in_a_file_once():
    record = ingest_hours(
        "a,0,09:00,17:00", "a,0,9:00:00,17:00:00", "a,0,09:00,24:00", "a,0,09:00,00:00"
    )

    assert counts(record) == {"read": 4, "new": 2, "repeated": 2}


def test_it_keeps_the_hours_of_a_store_whose_rows_are_all_rejected():
    ingest_hours("a,0,09:00,17:00", "b,0,09:00,17:00")

    record = ingest_hours("a,7,09:00,17:00", "b,1,09:00,17:00")

    assert counts(record) == {"read": 2, "new": 1, "removed": 1, "rejected": 1}
    assert hours() == ["a 0 09:00:00-17:00:00", "b 1 09:00:00-17:00:00"]


@pytest.mark.parametrize("group_rows", [1, 2, 5])
@pytest.mark.parametrize("seed", range(2))
def test_it_does_not_care_about_the_order_of_rows_nor_the_size_of_groups(
    monkeypatch, group_rows, seed
):
    monkeypatch.setattr(spool, "GROUP_ROWS", group_rows)
    # Stores known in another order than that of the file, others between them.
    ingest_hours(*(f"{store},0,01:00,02:00" for store in "ebxadc"))
    rows = [f"{store},{day},09:00,1{day}:00" for store in "abcde" for day in range(4)]
    expected = sorted(f"{row[0]} {row[2]} 09:00:00-1{row[2]}:00:00" for row in rows)
    random.Random(seed).shuffle(rows)

    record = ingest_hours(*rows)

    assert counts(record) == {"read": 20, "new": 20, "removed": 5}
    assert hours() == [*expected, "x 0 01:00:00-02:00:00"]


def test_it_removes_more_rows_than_one_statement_takes(monkeypatch):
    monkeypatch.setattr(loader, "_DELETED_AT_ONCE", 3)
    ingest_hours(*(f"a,{day},09:00,1{day}:00" for day in range(7)), "b,0,09:00,17:00")

    record = ingest_hours("a,0,01:00,02:00")

    assert counts(record) == {"read": 1, "new": 1, "removed": 7}
    assert hours() == ["a 0 01:00:00-02:00:00", "b 0 09:00:00-17:00:00"]


def test_it_makes_a_store_that_only_has_hours():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC")

    ingest_hours("b,0,09:00,17:00")

    store = Store.objects.get(store_id="b")
    assert (store.last_polled_at, store.last_status, store.time_zone) == (None, None, None)
