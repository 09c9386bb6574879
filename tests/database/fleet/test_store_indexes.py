"""Weeks that are over get an index by store."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from fleet.editing import delete_stores
from fleet.models import Poll, Store
from fleet.polls.store_indexes import index_weeks_before
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = datetime(2024, 1, 15, tzinfo=UTC)
needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="there are no partitions on SQLite"
)


@pytest.fixture(autouse=True)
def _no_other_weeks():
    _drop_weeks()
    yield
    _drop_weeks()


def _drop_weeks():
    """Drop the partitions that this test made, and those that others left."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
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
        cursor.execute(
            "SELECT c.relname, x.indisvalid FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid"
            " WHERE c.relname ~ '^ingestion_poll_2024.*_store$' ORDER BY 1"
        )
        return cursor.fetchall()


@needs_postgresql
def test_it_indexes_weeks_that_are_over_and_no_other():
    weeks()
    assert index_weeks_before(MONDAY) == 1
    assert [sound for _, sound in indexes()] == [True]
    assert "20240108" in indexes()[0][0]
    assert index_weeks_before(MONDAY) == 0


@needs_postgresql
def test_it_mends_an_index_that_a_killed_call_left_unfinished():
    weeks()
    index_weeks_before(MONDAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass",
            [indexes()[0][0]],
        )
    assert index_weeks_before(MONDAY) == 1
    assert [sound for _, sound in indexes()] == [True]


def test_it_takes_late_polls_and_deletions_as_before():
    weeks()
    index_weeks_before(MONDAY)
    ingest_polls("a,inactive,2024-01-10 09:00:00 UTC", "b,active,2024-01-11 09:00:00 UTC")
    assert Poll.objects.filter(store__store_id="a", status=0).count() == 1
    delete_stores([Store.objects.get(store_id="a").key])
    assert list(Poll.objects.values_list("store__store_id", flat=True)) == ["b"]
