"""Polls get an index by store after a load, and keep it while hours come in."""

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models import Q

from fleet.editing import delete_stores
from fleet.models import Poll, Store
from fleet.polls.columns import conninfo
from fleet.polls.database import database
from fleet.polls.store_indexes import index_by_store
from ingestion.maintenance_tasks import index_stores
from ingestion.models import Ingestion
from jobs import clock
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

POSTGRESQL = connection.vendor == "postgresql"
needs_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="there are no partitions on SQLite")
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)
INDEX = re.compile(r"ingestion_poll(_\d+)*_store\b")


@pytest.fixture(autouse=True)
def _no_other_weeks():
    _drop_weeks()
    yield
    _drop_weeks()


def _drop_weeks():
    """Drop the partitions and indexes that this test made, and those that others left."""
    with connection.cursor() as cursor:
        if not POSTGRESQL:
            cursor.execute("DROP INDEX IF EXISTS ingestion_poll_store")
            return
        cursor.execute(
            "SELECT inhrelid::regclass FROM pg_inherits"
            " WHERE inhparent = 'ingestion_poll'::regclass"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")


def weeks():
    ingest_polls("a,active,2024-01-10 09:00:00 UTC", "a,active,2024-01-17 09:00:00 UTC")


def indexes():
    with connection.cursor() as cursor:
        if not POSTGRESQL:
            cursor.execute("SELECT name FROM sqlite_master WHERE name = 'ingestion_poll_store'")
            return [(name, True) for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT c.relname, x.indisvalid FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid"
            " WHERE c.relname ~ '^ingestion_poll_2024.*_store$' ORDER BY 1"
        )
        return cursor.fetchall()


def test_it_indexes_what_lacks_an_index_once():
    weeks()
    made = 2 if POSTGRESQL else 1
    assert index_by_store() == made
    assert [sound for _, sound in indexes()] == [True] * made
    assert index_by_store() == 0


def test_it_waits_while_anything_is_ingested():
    weeks()
    lease = clock.now() + timedelta(minutes=1)
    running = Ingestion.objects.create(requested_by="a test", lease_expires_at=lease)
    assert (index_stores(), indexes()) == (0, [])
    running.delete()
    assert index_stores() == len(indexes()) > 0


@needs_postgresql
def test_it_mends_an_index_that_a_killed_call_left_unfinished():
    weeks()
    index_by_store()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass",
            [indexes()[0][0]],
        )
    assert index_by_store() == 1
    assert [sound for _, sound in indexes()] == [True, True]


@needs_postgresql
def test_it_leaves_them_to_another_process_that_builds_them():
    weeks()
    with psycopg.connect(conninfo(connection.get_connection_params())) as other:
        other.execute("SELECT pg_advisory_lock(7283491067)")
        assert index_by_store() == 0
        # The server learns of a closed connection only after a while.
        other.execute("SELECT pg_advisory_unlock(7283491067)")
        assert index_by_store() == 2


def test_a_large_load_drops_it_on_sqlite_and_an_hourly_file_keeps_it():
    hours = [f"a,active,2024-01-10 {hour:02}:00:00 UTC" for hour in range(20)]
    ingest_polls(*hours)
    index_by_store()
    ingest_polls("a,active,2024-01-10 20:00:00 UTC")
    assert indexes()
    ingest_polls(*hours)  # All are known: nothing is written.
    assert indexes()
    ingest_polls(*[hour.replace("01-10", "01-11") for hour in hours])
    assert bool(indexes()) == POSTGRESQL


def test_one_store_is_read_by_it_and_a_range_of_stores_by_time():
    """The planner takes the index where it is quicker, and nowhere else."""
    ingest_polls(*[f"s{n},active,2024-01-10 0{n % 9}:00:00 UTC" for n in range(900)])
    index_by_store()
    keys = sorted(Store.objects.values_list("key", flat=True))
    polls = Poll.objects.filter(polled_at__range=(START, END))
    every = Q(database().is_between("store_key", keys[0], keys[-1]))
    assert INDEX.search(polls.filter(store=keys[0]).explain())
    assert not INDEX.search(polls.filter(every).explain())
    assert polls.filter(every).count() == len(keys)


def test_it_takes_late_polls_and_deletions_as_before():
    weeks()
    index_by_store()
    ingest_polls("a,inactive,2024-01-10 09:00:00 UTC", "b,active,2024-01-11 09:00:00 UTC")
    assert Poll.objects.filter(store__store_id="a", status=0).count() == 1
    delete_stores([Store.objects.get(store_id="a").key])
    assert list(Poll.objects.values_list("store__store_id", flat=True)) == ["b"]
