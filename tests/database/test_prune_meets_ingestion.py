"""A prune that was killed, or goes on, while an ingestion needs the week that it drops."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from ingestion import loader, partitions
from ingestion.columns import conninfo
from ingestion.dropping import drop_week
from ingestion.models import Poll
from tests.database.files import ingest_polls

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


def other_session(**options) -> psycopg.Connection:
    """A session of its own, as another process has one."""
    return psycopg.connect(conninfo(connection.get_connection_params()), **options)


def half_cut_off() -> None:
    """As a prune leaves the week that was killed while it waited for a report to be read."""
    with other_session() as reader, other_session(autocommit=True) as prune:
        reader.execute("SELECT count(*) FROM ingestion_poll")
        prune.execute("SET statement_timeout = '500ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            prune.execute(f"ALTER TABLE ingestion_poll DETACH PARTITION {WEEK.table} CONCURRENTLY")
    assert partitions.link(WEEK) == "pending"


def test_it_takes_back_a_week_that_a_killed_prune_had_half_cut_off():
    ingest_polls("1,active,2024-03-11 12:00:00 UTC", "1,active,2024-03-18 12:00:00 UTC")
    half_cut_off()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20s'")
    ingest_polls("1,active,2024-03-11 13:00:00 UTC")
    assert Poll.objects.count() == 3


def test_it_leaves_a_half_cut_off_week_to_the_prune_where_no_poll_lies_in_it():
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    half_cut_off()
    ingest_polls("1,active,2024-03-18 12:00:00 UTC")
    assert partitions.link(WEEK) == "pending"
    drop_week(WEEK)
    assert Poll.objects.count() == 1


def test_it_keeps_a_week_that_polls_come_in_for_between_cutting_off_and_dropping(monkeypatch):
    ingest_polls("1,active,2024-03-11 12:00:00 UTC")
    detach = partitions.detach

    def detach_and_ingest(week, manner):
        detach(week, manner)
        ingest_polls("1,active,2024-03-11 13:00:00 UTC")

    monkeypatch.setattr(partitions, "detach", detach_and_ingest)
    drop_week(WEEK)

    assert Poll.objects.count() == 2


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
