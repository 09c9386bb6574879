"""Broken on purpose: the tables. The doctor names each fault, and its command mends it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from fleet.extent import note_pruned
from fleet.models import Poll, Store, TimeZone
from fleet.polls import partitions
from fleet.polls.store_indexes import index_by_store
from tests.database.files import ingest_polls
from tests.database.storemonitor.doctor.asking import do, execute, is_clean, told

pytestmark = pytest.mark.django_db(transaction=True)

needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has none of it"
)
MEND = "./run manage mend_tables"
WEEK = "ingestion_poll_20240115"
ROWS = ("a,active,2024-01-16 09:00:00 UTC", "a,active,2024-01-17 09:00:00 UTC")


def part():
    """Return the table of store a in that week; keys go on counting from test to test."""
    key = Store.objects.values_list("key", flat=True).get(store_id="a")
    return f"{WEEK}_{key // partitions.STORES_IN_BLOCK}"


@pytest.fixture(autouse=True)
def _healthy(healthy):
    return healthy


@pytest.fixture
def week():
    """A week with two polls, indexed as beat would have done."""
    ingest_polls(*ROWS)
    index_by_store()
    assert is_clean("partitions")
    return partitions.leaf_of(f"{part()}").week


def polls_of_week():
    end = datetime(2024, 1, 22, tzinfo=UTC)
    return Poll.objects.filter(polled_at__lt=end).count()


def test_an_index_is_gone():
    execute("DROP INDEX report_ended")
    level, reason, remedy = told("tables")
    assert (level, reason, remedy) == ("FAIL", "missing: index report_ended", MEND)
    do(remedy)
    assert is_clean("tables")


def test_a_unique_constraint_is_gone():
    execute("DROP INDEX snapshot_one_queued")
    level, reason, remedy = told("tables")
    assert (level, reason, remedy) == ("FAIL", "missing: constraint snapshot_one_queued", MEND)
    do(remedy)
    assert is_clean("tables")


@needs_postgresql
def test_constraints_are_gone():
    execute("ALTER TABLE ingestion_poll DROP CONSTRAINT poll_status_known")
    execute("ALTER TABLE reports_report DROP CONSTRAINT report_failed_has_error")
    level, reason, remedy = told("tables")
    assert (level, remedy) == ("FAIL", MEND)
    assert reason == "missing: constraint poll_status_known, constraint report_failed_has_error"
    do(remedy)
    assert is_clean("tables")


@needs_postgresql
def test_rows_came_in_that_a_lost_constraint_would_have_refused(capsys):
    execute("ALTER TABLE ingestion_tag DROP CONSTRAINT tag_not_blank")
    execute("INSERT INTO ingestion_tag (name) VALUES ('')")
    call_command("mend_tables")
    assert "constraint tag_not_blank cannot be made: correct the rows" in capsys.readouterr().err
    assert told("tables")[1] == "missing: constraint tag_not_blank"
    execute("DELETE FROM ingestion_tag")
    do(MEND)
    assert is_clean("tables")


@needs_postgresql
def test_a_foreign_key_is_gone():
    [(name, definition)] = foreign_keys()
    execute(f"ALTER TABLE reports_shard DROP CONSTRAINT {name}")
    level, reason, remedy = told("tables")
    assert (level, reason) == ("FAIL", "missing: foreign key reports_shard.report_id")
    assert remedy.startswith("restore the last backup")
    execute(f"ALTER TABLE reports_shard ADD CONSTRAINT {name} {definition}")
    assert is_clean("tables")


def foreign_keys():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'reports_shard'::regclass AND contype = 'f'"
        )
        return cursor.fetchall()


@needs_postgresql
def test_the_building_of_an_index_was_cut_short():
    execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'report_unfinished'::regclass"
    )
    level, reason, remedy = told("tables")
    assert (level, remedy) == ("WARN", MEND)
    assert reason == "invalid, so queries cannot use them: report_unfinished"
    do(remedy)
    assert is_clean("tables")


@needs_postgresql
def test_a_week_was_detached(week):
    execute(f"ALTER TABLE ingestion_poll DETACH PARTITION {WEEK}")
    assert polls_of_week() == 0
    level, reason, remedy = told("partitions")
    assert (level, remedy) == ("FAIL", MEND)
    assert reason == f"detached, so reports do not see their polls: {WEEK}"
    do(remedy)
    assert is_clean("partitions")
    assert polls_of_week() == 2


@needs_postgresql
def test_a_part_of_a_week_was_detached(week):
    execute(f"ALTER TABLE {WEEK} DETACH PARTITION {part()}")
    level, reason, remedy = told("partitions")
    assert (level, remedy) == ("FAIL", MEND)
    assert reason == f"detached, so reports do not see their polls: {part()}"
    do(remedy)
    assert is_clean("partitions")
    assert polls_of_week() == 2
    ingest_polls("a,active,2024-01-18 09:00:00 UTC")
    assert polls_of_week() == 3


@needs_postgresql
def test_a_prune_was_cut_short(week):
    note_pruned(week.end)
    execute(f"ALTER TABLE ingestion_poll DETACH PARTITION {WEEK}")
    level, reason, remedy = told("partitions")
    assert (level, remedy) == ("WARN", MEND)
    assert reason == f"left over by a prune that was cut short: {WEEK}"
    do(remedy)
    assert is_clean("partitions")
    assert week not in partitions.existing_weeks()


@needs_postgresql
def test_a_part_of_a_week_was_dropped(week):
    ingest_polls("b,active,2024-01-18 09:00:00 UTC")
    execute(f"DROP TABLE {part()}")
    level, reason, remedy = told("partitions")
    assert level == "FAIL"
    assert reason == f"stores have polls there, but the table is gone: {part()}"
    assert remedy.startswith("ingest the polls of that week again")
    ingest_polls(*ROWS, "b,active,2024-01-18 09:00:00 UTC")
    index_by_store()
    assert is_clean("partitions")


@needs_postgresql
def test_nothing_indexes_past_weeks(week):
    execute(f"DROP INDEX {part()}_store")
    applied = MigrationRecorder.Migration.objects
    applied.update(applied=timezone.now())
    assert is_clean("partitions")
    applied.update(applied=timezone.now() - timedelta(days=3))
    level, reason, remedy = told("partitions")
    assert (level, remedy) == ("WARN", MEND)
    assert "1 part of past weeks without index by store" in reason
    do(remedy)
    assert is_clean("partitions")


def test_a_migration_is_not_applied():
    call_command("migrate", "storemonitor", "0002", verbosity=0)
    level, reason, remedy = told("migrations")
    assert (level, remedy) == ("FAIL", "./run manage migrate")
    assert reason == "1 migration is not applied: storemonitor 0003_worker_code"
    do(remedy)
    assert is_clean("migrations")


def test_the_database_belongs_to_a_newer_version():
    execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES"
        " ('reports', '0099_of_the_future', CURRENT_TIMESTAMP)"
    )
    level, reason, remedy = told("migrations")
    assert level == "FAIL"
    assert reason == "1 migration of a newer version: reports 0099_of_the_future"
    assert "roll back" in remedy
    execute("DELETE FROM django_migrations WHERE name = '0099_of_the_future'")
    assert is_clean("migrations")


def test_time_zones_are_missing():
    TimeZone.objects.filter(name="Africa/Abidjan").delete()
    level, reason, remedy = told("zones")
    assert (level, remedy) == ("WARN", "./run manage migrate")
    assert reason == "1 time zone of tzdata cannot be used: Africa/Abidjan"
    do(remedy)
    assert is_clean("zones")


def test_the_clock_of_this_machine_is_off():
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=1)):
        level, reason, remedy = told("clock")
    assert level == "WARN"
    assert "s ahead of the database's" in reason
    assert "timedatectl set-ntp true" in remedy


@needs_postgresql
def test_the_database_is_read_only():
    name = connection.settings_dict["NAME"]
    execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        level, reason, remedy = told("rights")
    finally:
        execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    assert (level, reason) == ("FAIL", "transactions are read-only by default")
    assert remedy.endswith("SET default_transaction_read_only = off' | ./run manage dbshell")
    assert is_clean("rights")
