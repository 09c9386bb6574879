"""The poll table on PostgreSQL is cut by week and by blocks of stores."""

from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from fleet.models import Poll, PollStatus, Store
from fleet.polls import partitions
from fleet.polls.dropping import drop_week
from ingestion.storing import spool
from tests.database.files import counts, ingest_polls
from tests.database.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="partitions are PostgreSQL's"),
]

MONDAY = datetime(2024, 3, 11, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def _no_weeks():
    """Tables survive the emptying of their rows between tests."""
    for week in partitions.existing_weeks():
        drop_week(week)


def tables() -> dict[str, int]:
    """Each leaf that holds polls, and how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM ingestion_poll GROUP BY 1")
        return dict(cursor.fetchall())


def poll(store: Store, at: datetime) -> Poll:
    return Poll(store=store, polled_at=at, status=PollStatus.ACTIVE)


def test_it_parts_weeks_at_monday_midnight():
    ingest_polls(
        "1,active,2024-03-10 23:59:59.999999 UTC",
        "1,active,2024-03-11 00:00:00 UTC",
        "1,active,2024-03-17 23:59:59.999999 UTC",
    )
    block = Store.objects.get().key // partitions.STORES_IN_BLOCK
    assert tables() == {
        f"ingestion_poll_20240304_{block}": 1,
        f"ingestion_poll_20240311_{block}": 2,
    }


def test_it_parts_stores_by_blocks_of_keys():
    low, high = (
        Store.objects.create(key=key, store_id=str(key))
        for key in (partitions.STORES_IN_BLOCK - 1, partitions.STORES_IN_BLOCK)
    )
    Poll.objects.bulk_create([poll(low, MONDAY), poll(high, MONDAY)])
    assert tables() == {"ingestion_poll_20240311_0": 1, "ingestion_poll_20240311_1": 1}


def test_it_makes_room_for_polls_that_the_orm_saves():
    store = Store.objects.create(store_id="1")
    poll(store, MONDAY - MICROSECOND).save()
    Poll.objects.create(store=store, polled_at=MONDAY, status=PollStatus.INACTIVE)
    assert [week.start for week in partitions.existing_weeks()] == [
        MONDAY - timedelta(weeks=1),
        MONDAY,
    ]


def test_it_takes_back_the_partitions_of_an_ingestion_that_fails(monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("after the rows were written")

    monkeypatch.setattr("ingestion.storing.loader._touch", broken)
    with pytest.raises(RuntimeError):
        ingest_polls("1,active,2024-03-11 00:00:00 UTC")
    assert partitions.existing_weeks() == []


def test_it_reads_only_the_weeks_that_are_asked_for():
    ingest_polls(
        *(f"1,active,{MONDAY + n * timedelta(weeks=1):%Y-%m-%d} 12:00:00" for n in range(9))
    )
    week = Poll.objects.filter(polled_at__gte=MONDAY, polled_at__lt=MONDAY + timedelta(weeks=1))
    plan = week.explain()
    assert "ingestion_poll_20240311_" in plan
    assert "ingestion_poll_20240318_" not in plan


def test_it_corrects_polls_in_their_week_alone():
    rows = [f"1,active,{MONDAY + n * timedelta(weeks=1):%Y-%m-%d} 12:00:00" for n in range(3)]
    ingest_polls(*rows)
    assert ingest_polls(rows[1].replace("active", "inactive")).rows_changed == 1
    assert list(Poll.objects.order_by("polled_at").values_list("status", flat=True)) == [1, 0, 1]


def test_it_moves_the_polls_when_the_table_is_cut_and_joined():
    ingest_polls("1,active,2024-03-10 12:00:00 UTC", "2,inactive,2024-03-11 12:00:00 UTC")
    before = list(Poll.objects.order_by("polled_at").values_list())
    try:
        call_command("migrate", "ingestion", "0003", verbosity=0, stdout=StringIO())
        assert partitions.existing_weeks() == []
        assert list(Poll.objects.order_by("polled_at").values_list()) == before
    finally:
        call_command("migrate", verbosity=0, stdout=StringIO())
    assert list(Poll.objects.order_by("polled_at").values_list()) == before
    assert len(partitions.existing_weeks()) == 2


def loose_week() -> None:
    """As a prune leaves it that was killed between its two statements."""
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ingestion_poll DETACH PARTITION ingestion_poll_20240311")


def test_it_drops_a_week_that_a_killed_prune_had_cut_off():
    loose_week()
    [week] = partitions.existing_weeks()
    drop_week(week)
    assert partitions.existing_weeks() == []


def test_it_takes_back_a_week_that_a_killed_prune_had_cut_off():
    loose_week()
    ingest_polls("1,active,2024-03-11 13:00:00 UTC")
    assert Poll.objects.count() == 2


def structure(table: str) -> set[tuple[str, ...]]:
    """PostgreSQL's view of a leaf: columns, constraints, indexes, its place; without its names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull::text"
            " FROM pg_attribute WHERE attrelid = %(t)s::regclass AND attnum > 0 UNION ALL"
            " SELECT replace(conname, %(t)s, ''), pg_get_constraintdef(oid),"
            " concat_ws(' ', contype, convalidated, conislocal, coninhcount, conparentid <> 0)"
            " FROM pg_constraint WHERE conrelid = %(t)s::regclass UNION ALL"
            " SELECT replace(c.relname, %(t)s, ''), replace(pg_get_indexdef(c.oid), %(t)s, ''),"
            " concat_ws(' ', indisunique, indisprimary, indisvalid, c.relispartition)"
            " FROM pg_index JOIN pg_class c ON c.oid = indexrelid"
            " WHERE indrelid = %(t)s::regclass UNION ALL"
            " SELECT relkind::text, pg_get_expr(relpartbound, oid), relpersistence::text"
            " FROM pg_class WHERE oid = %(t)s::regclass",
            {"t": table},
        )
        return {tuple(row) for row in cursor.fetchall()}


def partition_of(week: str) -> str:
    """A leaf of the week that starts on this day, made as PostgreSQL's manual does."""
    table = f"ingestion_poll_{week}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {table}_0 PARTITION OF {table} FOR VALUES FROM (0) TO (16384)"
        )
    return f"{table}_0"


def test_it_leaves_partitions_that_are_like_any_other():
    Store.objects.create(key=1, store_id="low")
    Store.objects.create(key=partitions.STORES_IN_BLOCK, store_id="high")
    ingest_polls("high,active,2024-03-11 12:00:00 UTC")
    plain = structure(partition_of("20240311"))

    ingest_polls("low,active,2024-03-18 12:00:00 UTC")
    poll(Store.objects.get(store_id="low"), MONDAY + timedelta(weeks=2)).save()

    assert ("_pkey", "PRIMARY KEY (polled_at, store_key)", "p t f 1 t") in plain
    assert structure("ingestion_poll_20240318_0") == plain
    assert structure("ingestion_poll_20240325_0") == plain


@pytest.mark.parametrize("group_rows", [1, 3, 1000])
def test_it_fills_new_and_old_partitions_by_one_file(monkeypatch, group_rows):
    monkeypatch.setattr(spool, "GROUP_ROWS", group_rows)
    high = partitions.STORES_IN_BLOCK
    Store.objects.bulk_create(Store(key=key, store_id=str(key)) for key in (1, high))
    days = [MONDAY + timedelta(days=day) for day in range(21)]
    rows = [f"{store},active,{day:%Y-%m-%d} 12:00:00 UTC" for day in days for store in (high, 1)]
    ingest_polls(rows[0], rows[7 * 2 + 1])

    assert counts(ingest_polls(*rows)) == {"read": 42, "new": 40, "repeated": 2}

    assert tables() == {
        f"ingestion_poll_{week}_{block}": 7
        for week in ("20240311", "20240318", "20240325")
        for block in (0, 1)
    }
    assert counts(ingest_polls(*rows)) == {"read": 42, "repeated": 42}


def test_it_takes_a_store_in_its_block_only():
    Store.objects.bulk_create(
        Store(key=key, store_id=str(key))
        for key in (partitions.STORES_IN_BLOCK - 1, partitions.STORES_IN_BLOCK)
    )
    ingest_polls(
        f"{partitions.STORES_IN_BLOCK - 1},active,2024-03-11 00:00:00 UTC",
        f"{partitions.STORES_IN_BLOCK},active,2024-03-17 23:59:59.999999 UTC",
    )
    assert tables() == {"ingestion_poll_20240311_0": 1, "ingestion_poll_20240311_1": 1}


def test_it_makes_a_partition_once_that_ingestions_and_the_orm_need_at_once():
    store = Store.objects.create(key=1, store_id="1")
    files = [[f"1,active,2024-03-11 {hour:02}:00:00 UTC"] for hour in range(4)]

    records = at_once(
        *(partial(ingest_polls, *rows) for rows in files),
        poll(store, MONDAY + timedelta(hours=5)).save,
    )

    assert [record.status for record in records[:-1]] == ["Complete"] * 4
    assert records[-1] is None
    assert tables() == {"ingestion_poll_20240311_0": 5}


def test_it_lets_others_read_while_partitions_are_made(monkeypatch):
    ingest_polls("1,active,2024-03-04 12:00:00 UTC")
    attach = partitions.attach
    seen = []

    def attach_and_look(leaf):
        attach(leaf)
        seen.extend(at_once(Poll.objects.count))

    monkeypatch.setattr(partitions, "attach", attach_and_look)

    ingest_polls("1,active,2024-03-11 12:00:00 UTC", "1,active,2024-03-18 12:00:00 UTC")

    assert seen == [1, 1]
    assert Poll.objects.count() == 3
