"""A store's last poll, and the cost of keeping it."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from fleet.extent import newest_poll
from fleet.models import Poll, Store
from fleet.polls.dropping import drop_empty_weeks
from fleet.polls.retention import remove
from reports.request.requesting import NoPolls, request_report
from tests.database.admin_pages import polled
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = datetime(2024, 1, 15, 9, tzinfo=UTC), datetime(2024, 2, 15, 9, tzinfo=UTC)
FAR = datetime(2100, 12, 31, tzinfo=UTC)
PRUNED = datetime(2024, 2, 1, tzinfo=UTC)


def last() -> dict[str, tuple[datetime | None, int | None]]:
    rows = Store.objects.values_list("store_id", "last_polled_at", "last_status")
    return {store_id: (at, status) for store_id, at, status in rows}


def test_a_prune_leaves_no_store_with_a_poll_that_is_gone():
    ingest_polls(
        "a,active,2024-01-15 09:00:00 UTC",
        "b,inactive,2024-01-15 09:00:00 UTC",
        "b,active,2024-02-15 09:00:00 UTC",
    )
    remove(PRUNED)
    assert last() == {"a": (None, None), "b": (NEW, 1)}


def test_a_report_of_polls_that_are_all_gone_is_as_of_none():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC")
    remove(PRUNED)
    with pytest.raises(NoPolls):
        request_report(requested_by="a test")


def test_the_newest_poll_is_not_one_that_was_deleted():
    store = polled("a", OLD, NEW)
    Poll.objects.filter(store=store, polled_at=NEW).delete()
    assert newest_poll() == OLD


@pytest.mark.parametrize(("hours", "found"), [(24, OLD), (10**6, FAR)])
def test_the_newest_poll_is_not_farther_ahead_than_one_may_be(settings, hours, found):
    settings.POLL_MAX_AHEAD_HOURS = hours
    polled("a", OLD, FAR)
    assert newest_poll() == found


def test_it_is_one_look_at_an_index_however_long_the_history_is():
    # Other tests leave weeks without a poll, and each costs one look.
    drop_empty_weeks()
    instants = [NEW + timedelta(weeks=week) for week in range(20)]
    polled("a", *instants)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert newest_poll() == instants[-1]
    assert len(queries) <= 3  # Among them which weeks there are, on PostgreSQL.
    with connection.cursor() as cursor:
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {queries[-1]['sql']}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "index" in plan.lower()
    assert plan.count("ingestion_poll_2") <= 2


def test_the_migration_takes_the_far_future_from_stores():
    polled("a", OLD, FAR, status=0)
    polled("b", FAR)
    polled("c", timezone.now() + timedelta(hours=1))
    ahead = last()["c"]
    migration = import_module("ingestion.migrations.0011_last_polls_in_place")
    with connection.schema_editor() as editor:
        migration.forget_far_future(None, editor)
    assert last() == {"a": (OLD, 0), "b": (None, None), "c": ahead}


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite writes rows in place")
def test_deliveries_write_stores_in_place():
    def deliver(minute):
        ingest_polls(*(f"s{n},active,2024-01-15 09:{minute:02}:00 UTC" for n in range(500)))

    def size_and_updates():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute(
                "SELECT pg_table_size('ingestion_store'), n_tup_upd, n_tup_hot_upd"
                " FROM pg_stat_user_tables WHERE relname = 'ingestion_store'"
            )
            return cursor.fetchone()

    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL ingestion_store")
    deliver(0)
    size, updates, in_place = size_and_updates()
    for minute in range(1, 6):
        deliver(minute)
    then = size_and_updates()
    assert then[1] - updates == 2_500
    # Not all: other readers meanwhile, such as autovacuum, keep old rows alive.
    assert then[2] - in_place > 1_000
    assert then[0] < 3 * size
