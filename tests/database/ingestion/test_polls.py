"""Polls: new, changed, repeated or superseded, and each store's last poll."""

import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from fleet.models import Poll, Store
from fleet.polls import columns
from ingestion.models import Ingestion
from ingestion.storing import loader, spool
from tests.database.files import STATUS, counts, csv, ingest, ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2024, 1, 15, 9, tzinfo=UTC)


def polls():
    """Every poll, as (store_id, ISO instant, status)."""
    rows = Poll.objects.values_list("store__store_id", "polled_at", "status")
    return sorted((store_id, at.isoformat(), status) for store_id, at, status in rows)


def last_polls():
    return {
        store.store_id: (store.last_polled_at, store.last_status) for store in Store.objects.all()
    }


def test_it_stores_every_poll_of_a_new_file():
    record = ingest_polls(
        "b,active,2024-01-15 09:00:00.123456 UTC",
        "a,inactive,2024-01-15 09:00:00 UTC",
        "b,inactive,2024-01-15 08:00:00.5 UTC",
    )

    assert counts(record) == {"read": 3, "new": 3}
    assert polls() == [
        ("a", "2024-01-15T09:00:00+00:00", 0),
        ("b", "2024-01-15T08:00:00.500000+00:00", 0),
        ("b", "2024-01-15T09:00:00.123456+00:00", 1),
    ]


def test_it_changes_nothing_when_the_same_file_comes_again():
    rows = [f"store {n % 3},active,2024-01-15 0{n}:00:00.{n} UTC" for n in range(1, 9)]
    first = ingest_polls(*rows)
    before = polls(), last_polls()

    again = ingest_polls(*rows)

    assert counts(again) == {"read": 8, "repeated": 8}
    assert (polls(), last_polls()) == before
    assert first.sha256 == again.sha256


def test_it_adds_what_is_new_in_an_overlapping_file():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "a,active,2024-01-15 10:00:00 UTC")

    record = ingest_polls("a,active,2024-01-15 10:00:00 UTC", "a,inactive,2024-01-15 11:00:00 UTC")

    assert counts(record) == {"read": 2, "new": 1, "repeated": 1}
    assert [status for _, _, status in polls()] == [1, 1, 0]


def test_it_lets_a_later_file_correct_a_poll():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "b,active,2024-01-15 09:00:00 UTC")

    record = ingest_polls("a,inactive,2024-01-15 09:00:00 UTC", "b,active,2024-01-15 09:00:00 UTC")

    assert counts(record) == {"read": 2, "changed": 1, "repeated": 1}
    assert [(store, status) for store, _, status in polls()] == [("a", 0), ("b", 1)]


@pytest.mark.parametrize(
    ("statuses", "expected", "stored"),
    [
        ("active inactive", {"new": 1, "superseded": 1}, 0),
        ("inactive active", {"new": 1, "superseded": 1}, 1),
        ("active active", {"new": 1, "repeated": 1}, 1),
        ("active inactive active", {"new": 1, "repeated": 1, "superseded": 1}, 1),
        ("inactive inactive active active", {"new": 1, "repeated": 1, "superseded": 2}, 1),
    ],
)
def test_it_lets_the_last_row_of_a_file_win(statuses, expected, stored):
    rows = [f"a,{status},2024-01-15 09:00:00 UTC" for status in statuses.split()]

    record = ingest_polls(*rows)

    assert counts(record) == {"read": len(rows), **expected}
    assert [status for _, _, status in polls()] == [stored]


def test_it_takes_one_instant_written_in_several_ways_for_one():
    record = ingest_polls(
        "a,active,2024-01-15 09:00:00 UTC",
        "a,active,2024-01-15T09:00:00Z",
        "a,active,2024-01-15 14:30:00.000000+05:30",
        "a,inactive,2024-01-15 09:00:00.000",
    )

    assert counts(record) == {"read": 4, "new": 1, "superseded": 3}


@pytest.mark.parametrize("group_rows", [1, 2, 3, 7])
def test_it_gives_the_same_rows_and_counts_however_small_the_groups(monkeypatch, group_rows):
    monkeypatch.setattr(spool, "GROUP_ROWS", group_rows)
    hours = [f"2024-01-15 {hour:02}:00:00 UTC" for hour in (9, 7, 23, 8, 9)]
    ingest_polls(f"a,active,{hours[0]}", f"b,active,{hours[1]}")

    record = ingest_polls(
        *(f"a,active,{hour}" for hour in hours),
        *(f"b,inactive,{hour}" for hour in hours),
        f"a,inactive,{hours[2]}",
    )

    assert counts(record) == {"read": 11, "new": 6, "changed": 1, "repeated": 3, "superseded": 1}
    assert [status for store, _, status in polls() if store == "a"] == [1, 1, 1, 0]
    assert [status for store, _, status in polls() if store == "b"] == [0, 0, 0, 0]
    at_night = NINE.replace(hour=23)
    assert last_polls() == {"a": (at_night, 0), "b": (at_night, 0)}


@pytest.mark.parametrize("seed", range(4))
def test_it_does_not_care_about_the_order_of_rows(monkeypatch, seed):
    monkeypatch.setattr(spool, "GROUP_ROWS", 5)
    rows = [
        f"store {store},{'active' if (store + hour) % 3 else 'inactive'},"
        f"2024-01-{10 + hour % 3} {hour:02}:{store:02}:00.{store}{hour % 7} UTC"
        for store in range(4)
        for hour in range(10)
    ]
    expected = sorted(rows)
    random.Random(seed).shuffle(rows)

    record = ingest_polls(*rows)

    assert counts(record) == {"read": 40, "new": 40}
    written = Poll.objects.values_list("store__store_id", "polled_at", "status")
    assert len(expected) == len(written)
    for row in expected:
        store_id, status, at = row.split(",")
        instant = datetime.strptime(at, "%Y-%m-%d %H:%M:%S.%f UTC").replace(tzinfo=UTC)
        assert (store_id, instant, int(status == "active")) in written
    for store in Store.objects.all():
        newest = store.poll_set.latest("polled_at")
        assert (store.last_polled_at, store.last_status) == (newest.polled_at, newest.status)


@pytest.mark.parametrize(
    ("later_file", "at", "status"),
    [
        ("a,inactive,2024-01-15 08:00:00 UTC", NINE, 1),  # A late poll.
        ("a,inactive,2024-01-15 09:00:00 UTC", NINE, 0),  # A correction of the newest.
        ("a,active,2024-01-15 09:00:00 UTC", NINE, 1),
        (
            "a,inactive,2024-01-15 09:00:00.000001 UTC",
            NINE + timedelta(microseconds=1),
            0,
        ),
        ("b,inactive,2024-01-15 12:00:00 UTC", NINE, 1),  # Another store's.
    ],
)
def test_it_keeps_each_stores_last_poll(later_file, at, status):
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "a,inactive,2024-01-14 09:00:00 UTC")

    ingest_polls(later_file)

    assert last_polls()["a"] == (at, status)


def test_it_makes_stores_as_the_file_names_them():
    ingest_polls(
        "8139926242460185114,active,2024-01-15 09:00:00 UTC",
        " 0012 ,active,2024-01-15 09:00:00 UTC",
        '"1,2",active,2024-01-15 09:00:00 UTC',
        "Café 店 🍕,active,2024-01-15 09:00:00 UTC",
    )

    names = set(Store.objects.values_list("store_id", flat=True))
    assert names == {"8139926242460185114", "0012", "1,2", "Café 店 🍕"}


def test_it_tells_ids_apart_that_differ_in_case_or_zeros_only():
    record = ingest_polls(*(f"{i},active,2024-01-15 09:00:00 UTC" for i in ("a", "A", "01", "1")))

    assert counts(record) == {"read": 4, "new": 4}
    assert Store.objects.count() == 4


def test_it_stores_the_first_and_the_last_instant_it_takes_to_the_microsecond(settings):
    settings.POLL_MAX_AHEAD_HOURS = 1_000_000
    rows = (
        "a,active,2000-01-01 00:00:00 UTC",
        "a,inactive,2000-01-01 00:00:00.000001 UTC",
        "a,inactive,2100-12-31 23:59:59.999999 UTC",
    )
    ingest_polls(*rows)

    assert counts(ingest_polls(*rows)) == {"read": 3, "repeated": 3}
    assert [at for _, at, _ in polls()] == [
        "2000-01-01T00:00:00+00:00",
        "2000-01-01T00:00:00.000001+00:00",
        "2100-12-31T23:59:59.999999+00:00",
    ]


def test_it_stores_more_stores_than_one_query_asks_for():
    many = [f"store {number},active,2024-01-15 09:00:00 UTC" for number in range(20_500)]
    ingest_polls(*many[:100])

    record = ingest_polls(*many)

    assert counts(record) == {"read": 20_500, "new": 20_400, "repeated": 100}
    assert Store.objects.filter(last_polled_at=NINE, last_status=1).count() == 20_500
    assert counts(ingest_polls(*many)) == {"read": 20_500, "repeated": 20_500}


def test_it_asks_no_more_queries_for_more_stores(django_assert_max_num_queries):
    few, many = (
        csv(STATUS, *(f"{n},active,2024-01-15 09:00:00 UTC" for n in range(size)))
        for size in (1, 500)
    )
    for rows in (few, many):
        # Some are for partitions that are not there yet, on PostgreSQL.
        with django_assert_max_num_queries(40):
            ingest(rows)


def test_it_does_not_read_what_lies_between_a_late_poll_and_the_others(monkeypatch):
    days = [NINE + timedelta(days=day) for day in range(100)]
    ingest_polls(*(f"a,active,{day:%Y-%m-%d %H:%M:%S} UTC" for day in days))
    rows_read = []

    @contextmanager
    def counted():
        with columns.snapshot() as read:

            def counting(*query):
                found = read(*query)
                rows_read.append(len(found["polled_at"]))
                return found

            yield counting

    monkeypatch.setattr(loader, "snapshot", counted)

    record = ingest_polls(
        *(f"a,inactive,{day:%Y-%m-%d %H:%M:%S} UTC" for day in (days[0], days[50], days[-1])),
        f"b,active,{days[-1]:%Y-%m-%d %H:%M:%S} UTC",
    )

    assert counts(record) == {"read": 4, "new": 1, "changed": 3}
    assert rows_read == [1, 1, 1]


def test_it_leaves_a_record_of_the_file():
    text = csv(STATUS, "a,active,2024-01-15 09:00:00 UTC")

    record = Ingestion.objects.get(pk=ingest(text, "polls of january.csv").pk)

    assert (record.name, record.feed, record.status) == (
        "polls of january.csv",
        "status",
        "Complete",
    )
    assert record.size == len(text)
    assert record.requested_by == "a test"
    assert record.started_at <= record.finished_at
    assert (record.error, record.rejects.name) == ("", "")


def test_it_keeps_the_last_row_of_a_new_stores_newest_instant(monkeypatch):
    monkeypatch.setattr(spool, "GROUP_ROWS", 2)

    ingest_polls(
        "a,active,2024-01-15 09:00:00 UTC",
        "a,inactive,2024-01-15 08:00:00 UTC",
        "b,inactive,2024-01-15 09:00:00 UTC",
        "b,active,2024-01-15 09:00:00 UTC",
        "a,inactive,2024-01-15 09:00:00 UTC",
    )

    assert last_polls() == {"a": (NINE, 0), "b": (NINE, 1)}


def test_it_leaves_keys_for_stores_that_others_make():
    ingest_polls("b,active,2024-01-15 09:00:00 UTC", "a,active,2024-01-15 09:00:00 UTC")
    made = Store.objects.create(store_id="made by hand")
    ingest_polls("c,active,2024-01-15 09:00:00 UTC")

    keys = dict(Store.objects.values_list("store_id", "key"))

    assert keys["a"] < keys["b"] < made.key < keys["c"]
    assert Poll.objects.filter(store__store_id="c").count() == 1
