"""Reading columns past the ORM, and writing rows that the ORM takes for its own."""

import os
import subprocess
import sys
import time as clock
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta, timezone

import numpy as np
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from fleet.models import BusinessHours, Poll, PollStatus, Store
from fleet.polls import columns
from fleet.polls.columns import snapshot
from fleet.polls.database import database
from tests.database.files import counts, ingest_hours, ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NINE = datetime(2024, 1, 15, 9, tzinfo=UTC)
INSTANTS = [
    NINE,
    NINE + timedelta(microseconds=1),
    NINE + timedelta(microseconds=100_000),
    NINE + timedelta(microseconds=999_999),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2024, 1, 1, tzinfo=UTC),
]


def microseconds(instant):
    return (instant - EPOCH) // timedelta(microseconds=1)


def raw(table, *names):
    """The rows as the database has them, before Django makes values of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(names)}")
        return cursor.fetchall()


def insert_polls(store, instants):
    size = len(instants)
    database().insert(
        Poll,
        {
            "polled_at": np.array([microseconds(at) for at in instants], np.int64),
            "store": np.full(size, store.pk, np.int32),
            "status": np.ones(size, np.int8),
        },
    )


def count_stores_in_another_process():
    """What another connection in another process sees."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{settings['NAME']}"
    else:
        login = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
        url = f"postgres://{login}/{settings['NAME']}"
    program = "import django; django.setup()\nfrom fleet.models import Store\n"
    seen = subprocess.run(
        [sys.executable, "-c", f"{program}print(Store.objects.count())"],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "storemonitor.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(seen.stdout)


def read_store_ids(read):
    return read(Store.objects.order_by("key").values_list("store_id"), {"store_id": "text"})[
        "store_id"
    ].tolist()


def create_elsewhere(store_id):
    """Create a store over another connection: that of another thread."""

    def create():
        Store.objects.create(store_id=store_id)
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(create).result()


@pytest.mark.parametrize("few", [False, True])
def test_it_sees_the_database_at_one_moment(few):
    Store.objects.create(store_id="a")
    with snapshot(few=few) as read:
        assert read_store_ids(read) == ["a"]
        create_elsewhere("b")
        assert read_store_ids(read) == ["a"]

    with snapshot() as read:
        assert read_store_ids(read) == ["a", "b"]


def test_it_leaves_what_django_writes_meanwhile_to_be_seen_by_others():
    with transaction.atomic():
        Store.objects.create(store_id="a")
        with snapshot() as read:
            assert read_store_ids(read) == []
    Store.objects.create(store_id="b")

    assert count_stores_in_another_process() == 2


def test_few_rows_are_read_inside_a_transaction_too():
    Store.objects.create(store_id="a")
    with transaction.atomic(), snapshot(few=True) as read:
        assert read_store_ids(read) == ["a"]


@pytest.mark.parametrize(("rows_at_once", "few"), [(1, False), (2, False), (100, False), (9, True)])
def test_it_reads_every_kind_of_column_exactly(monkeypatch, rows_at_once, few):
    monkeypatch.setattr(columns, "_ROWS_AT_ONCE", rows_at_once)
    store = Store.objects.create(store_id="0012")
    Store.objects.create(store_id="Café 店 🍕")
    Poll.objects.bulk_create(
        [Poll(store=store, polled_at=at, status=n % 2) for n, at in enumerate(INSTANTS)]
    )
    times = [time(9), time(9, 0, 0, 1), time(0), time(23, 59, 59, 999_999)]
    BusinessHours.objects.bulk_create(
        [BusinessHours(store=store, weekday=6, opens=at, closes=time(0)) for at in times]
    )

    with snapshot(few=few) as read:
        ids = read_store_ids(read)
        polls = read(
            Poll.objects.order_by("polled_at").values_list("polled_at", "store_id", "status"),
            {"at": "instant", "store": "int32", "status": "int8"},
        )
        hours = read(
            BusinessHours.objects.order_by("pk").values_list("opens", "weekday", "pk"),
            {"opens": "time", "weekday": "int8", "pk": "int64"},
        )

    assert ids == ["0012", "Café 店 🍕"]
    assert polls["at"].tolist() == sorted(microseconds(at) for at in INSTANTS)
    assert polls["store"].tolist() == [store.pk] * len(INSTANTS)
    assert polls["status"].sum() == len(INSTANTS) // 2
    assert hours["opens"].tolist() == [32_400_000_000, 32_400_000_001, 0, 86_399_999_999]
    assert {name: column.dtype.name for name, column in (polls | hours).items()} == {
        "at": "int64",
        "store": "int32",
        "status": "int8",
        "opens": "int64",
        "weekday": "int8",
        "pk": "int64",
    }


@pytest.mark.parametrize("few", [False, True])
def test_it_reads_no_rows_as_empty_columns_of_their_kind(few):
    with snapshot(few=few) as read:
        polls = read(
            Poll.objects.values_list("polled_at", "store_id", "status"),
            {"at": "instant", "store": "int32", "status": "int8"},
        )
        hours = read(
            BusinessHours.objects.values_list("opens", "pk"), {"at": "time", "pk": "int64"}
        )
        assert read_store_ids(read) == []

    for column in (*polls.values(), *hours.values()):
        assert len(column) == 0
        assert column.dtype.kind == "i"


@pytest.mark.parametrize("ahead", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_it_filters_by_instants_to_the_microsecond(ahead):
    store = Store.objects.create(store_id="a")
    insert_polls(store, INSTANTS)
    low, high = NINE.astimezone(ahead), (NINE + timedelta(microseconds=100_000)).astimezone(ahead)

    with snapshot() as read:
        found = read(
            Poll.objects.filter(polled_at__gte=low, polled_at__lte=high).values_list("polled_at"),
            {"at": "instant"},
        )

    assert sorted(found["at"]) == [microseconds(at) for at in INSTANTS[:3]]


def test_it_writes_instants_in_the_form_of_the_orm():
    ours, theirs = Store.objects.create(store_id="a"), Store.objects.create(store_id="b")
    insert_polls(ours, INSTANTS)
    Poll.objects.bulk_create([Poll(store=theirs, polled_at=at, status=1) for at in INSTANTS])

    rows = raw("ingestion_poll", "store_key", "polled_at", "status")

    assert [row[1:] for row in rows if row[0] == ours.pk] == [
        row[1:] for row in rows if row[0] == theirs.pk
    ]
    for at in INSTANTS:
        assert Poll.objects.filter(store=ours, polled_at=at).exists()
        assert Poll.objects.get(pk=(at, ours.pk)).polled_at == at


def test_it_writes_times_of_day_in_the_form_of_the_orm():
    ingest_hours("a,0,09:00,17:00:00.5", "a,1,00:00:00.000001,23:59:59.999999")
    theirs = Store.objects.create(store_id="b")
    for day, opens, closes in BusinessHours.objects.values_list("weekday", "opens", "closes"):
        BusinessHours.objects.create(store=theirs, weekday=day, opens=opens, closes=closes)

    rows = raw("ingestion_businesshours", "store_key", "weekday", "opens", "closes")

    assert [row[1:] for row in rows if row[0] != theirs.pk] == [
        row[1:] for row in rows if row[0] == theirs.pk
    ]


def test_it_takes_rows_of_the_orm_for_known(settings):
    settings.POLL_MAX_AHEAD_HOURS = 1_000_000  # One of the instants is in 2100.
    store = Store.objects.create(store_id="a")
    for at in INSTANTS:
        Poll.objects.create(store=store, polled_at=at, status=PollStatus.ACTIVE)
    BusinessHours.objects.create(store=store, weekday=0, opens=time(9), closes=time(17, 0, 0, 5))

    polls = ingest_polls(*(f"a,active,{at:%Y-%m-%d %H:%M:%S.%f} UTC" for at in INSTANTS))
    hours = ingest_hours("a,0,09:00,17:00:00.000005")

    assert counts(polls) == {"read": len(INSTANTS), "repeated": len(INSTANTS)}
    assert counts(hours) == {"read": 1, "repeated": 1}


def test_it_writes_last_polls_in_the_form_of_the_orm():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "b,active,2024-01-15 09:00:00.1 UTC")
    written = raw("ingestion_store", "store_id", "last_polled_at")

    for store in Store.objects.all():
        store.save()

    assert raw("ingestion_store", "store_id", "last_polled_at") == written
    assert Store.objects.filter(last_polled_at=NINE).get().store_id == "a"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_it_does_not_care_about_the_time_zone_of_process_or_database(monkeypatch, zone):
    for name in ("TZ", "PGTZ"):
        monkeypatch.setenv(name, zone)
    clock.tzset()
    connection.close()
    try:
        rows = ("a,active,2024-03-10 02:30:00 UTC", "a,active,2024-03-10 07:30:00.5 UTC")
        ingest_polls(*rows)
        again = ingest_polls(*rows)
        with snapshot() as read:
            found = read(Poll.objects.values_list("polled_at"), {"at": "instant"})
    finally:
        monkeypatch.undo()
        clock.tzset()
        connection.close()

    assert counts(again) == {"read": 2, "repeated": 2}
    assert sorted(found["at"]) == [
        microseconds(datetime(2024, 3, 10, 2, 30, tzinfo=UTC)),
        microseconds(datetime(2024, 3, 10, 7, 30, 0, 500_000, tzinfo=UTC)),
    ]
    assert Store.objects.get().last_polled_at.isoformat() == "2024-03-10T07:30:00.500000+00:00"


@given(
    st.lists(
        st.integers(946_684_800_000_000, 4_133_980_799_999_999),
        min_size=1,
        max_size=20,
        unique=True,
    )
)
def test_it_reads_back_any_instant_it_wrote(instants):
    with transaction.atomic():
        store = Store.objects.create(store_id="a")
        insert_polls(store, [EPOCH + timedelta(microseconds=at) for at in instants])
        stored = list(Poll.objects.order_by("polled_at").values_list("polled_at", flat=True))
        assert [microseconds(at) for at in stored] == sorted(instants)
        transaction.set_rollback(True)
