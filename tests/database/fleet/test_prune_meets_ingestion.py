"""A prune that was killed, or goes on, while an ingestion needs the week that it drops."""

import time
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from fleet import extent
from fleet.models import Poll, Store
from fleet.polls import partitions
from fleet.polls.columns import conninfo
from fleet.polls.dropping import drop_week
from ingestion.models import Ingestion
from ingestion.storing import loader
from tests.database.files import ingest_polls
from tests.database.threads import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="partitions are PostgreSQL's"),
]

WEEK = partitions.Week((datetime(2024, 3, 11, tzinfo=UTC) - partitions._FIRST_MONDAY).days // 7)


@pytest.fixture(autouse=True)
def _no_weeks():
    """Tables survive the emptying of their rows between tests."""
    for week in partitions.existing_weeks():
        drop_week(week)
    extent.note_restored()


def other_session(**options) -> psycopg.Connection:
    """A session like that of another process."""
    return psycopg.connect(conninfo(connection.get_connection_params()), **options)


def half_cut_off() -> None:
    """As a prune leaves the week that was killed while it waited for a report to be read."""
    with other_session() as reader, other_session(autocommit=True) as prune:
        reader.execute("SELECT count(*) FROM ingestion_poll")
        prune.execute("SET statement_timeout = '500ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            prune.execute(f"ALTER TABLE ingestion_poll DETACH PARTITION {WEEK.table} CONCURRENTLY")
    assert partitions.link(WEEK) == "pending"


@pytest.mark.parametrize("how_far", ["half", "wholly"])
def test_it_stores_polls_of_a_week_that_a_killed_prune_had_cut_off(how_far):
    ingest_polls("1,active,2024-03-11 12:00:00 UTC", "2,active,2024-03-11 14:00:00 UTC")
    extent.note_pruned(WEEK.end)
    half_cut_off()
    if how_far == "wholly":
        partitions.detach(WEEK, "FINALIZE")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20s'")
    # One poll comes in again: it must meet nothing of what was cut off.
    record = ingest_polls("1,active,2024-03-11 12:00:00 UTC", "1,active,2024-03-11 13:00:00 UTC")
    assert record.rows_new == 2
    assert [poll.polled_at.hour for poll in Poll.objects.order_by("polled_at")] == [12, 13]
    last = dict(Store.objects.values_list("store_id", "last_polled_at__hour"))
    assert last == {"1": 13, "2": None}


def test_it_attaches_a_week_that_was_cut_off_by_hand():
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    partitions.detach(WEEK, "CONCURRENTLY")
    ingest_polls("1,active,2024-03-11 13:00:00 UTC")
    assert Poll.objects.count() == 2


def test_an_ordinary_prune_that_waits_for_a_reader_fails_no_ingestion():
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    with other_session() as reader:
        reader.execute("SELECT count(*) FROM ingestion_poll")

        def read_to_the_end():
            # The prune waits for this reader, and the ingestion for the prune.
            until(lambda: waiting_for_locks() == 2)
            reader.rollback()

        pruned, ingested, _ = at_once(
            lambda: drop_week(WEEK),
            lambda: (
                until(lambda: partitions.link(WEEK) == "pending")
                or ingest_polls("1,active,2024-03-11 12:00:00 UTC")
            ),
            read_to_the_end,
        )
    assert (pruned, ingested.status) == (None, Ingestion.Status.COMPLETE)
    assert Poll.objects.count() == 1


def until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def waiting_for_locks() -> int:
    """How many sessions wait for another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def test_it_leaves_a_half_cut_off_week_to_the_prune_where_no_poll_lies_in_it():
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    half_cut_off()
    ingest_polls("1,active,2024-03-18 12:00:00 UTC")
    assert partitions.link(WEEK) == "pending"
    drop_week(WEEK)
    assert Poll.objects.count() == 1


def test_it_keeps_polls_that_come_in_between_cutting_off_and_dropping(monkeypatch):
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    detach = partitions.detach

    def detach_and_ingest(week, manner):
        detach(week, manner)
        ingest_polls("1,active,2024-03-11 13:00:00 UTC")

    monkeypatch.setattr(partitions, "detach", detach_and_ingest)
    drop_week(WEEK)

    assert [poll.polled_at.hour for poll in Poll.objects.all()] == [13]
    assert Store.objects.get().last_polled_at.hour == 13


def test_it_drops_no_week_while_an_ingestion_stores(monkeypatch):
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    merge = loader._merge_polls

    def prune_then_merge(*args):
        with other_session(autocommit=True) as prune:
            prune.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                prune.execute(
                    f"ALTER TABLE ingestion_poll DETACH PARTITION {WEEK.table} CONCURRENTLY"
                )
        merge(*args)

    monkeypatch.setattr(loader, "_merge_polls", prune_then_merge)
    ingest_polls("1,active,2024-03-11 13:00:00 UTC")

    assert partitions.link(WEEK) == "attached"
    assert Poll.objects.count() == 2
