"""The measured ingestions, and the bare writes they are compared with; see ``bench.probes``."""

from pathlib import Path
from typing import Any

import numpy as np
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection

from bench import bare_sql
from bench.history import settle
from bench.measure import Run, timed
from feeds.files.sources import from_folder, from_path
from fleet.extent import note_restored
from fleet.models import BusinessHours, Exclusion, Poll, SpecialDay, Store, StoreTag
from fleet.polls import partitions
from fleet.polls.columns import snapshot
from fleet.polls.dropping import drop_week
from fleet.polls.sqlite import STORE_INDEX
from ingestion.models import Ingestion
from ingestion.services import ingest

REQUESTED_BY = "bench"


def migrate() -> Run:
    """Make the tables, empty."""
    call_command("migrate", interactive=False, verbosity=0)
    return Run(seconds=0)


def load(folder: str) -> Run:
    """Fill the emptied database with all files of a folder, as a server has it at work."""
    _empty()
    run = timed(lambda: sum(_ingested(source).rows_new for source in from_folder(Path(folder))))
    settle()
    return run


def load_rest(folder: str, polls: str) -> Run:
    """Ingest the files of a folder other than the polls, which are stored already."""
    sources = [one for one in from_folder(Path(folder)) if one.name != Path(polls).name]
    run = timed(lambda: sum(_ingested(source).rows_new for source in sources))
    settle()
    return run


def save_polls(path: str) -> Run:
    """Keep the polls of the database in a file, typed, and sorted as the table's key is."""
    with snapshot() as read:
        columns = read(
            Poll.objects.order_by("polled_at", "store_id").values_list(
                "polled_at", "store_id", "status"
            ),
            {"polled_at": "instant", "store": "int32", "status": "int8"},
        )
    np.savez(path, allow_pickle=False, **columns)
    return Run(seconds=0, rows=len(columns["polled_at"]))


def bare_write(path: str) -> Run:
    """Write kept polls into the empty table: COPY on PostgreSQL, executemany on SQLite."""
    _empty()
    connection.ensure_connection()
    with np.load(path) as polls:
        if is_postgresql():
            partitions.make_room(polls["polled_at"], polls["store"])
        write = bare_sql.copy if is_postgresql() else bare_sql.executemany
        return timed(write(connection.connection, polls))


def ingest_first(path: str) -> Run:
    """Ingest a poll file into an empty database."""
    _empty()
    return timed(lambda: _ingested_polls(path).rows_read)


def ingest_again(path: str) -> Run:
    """Ingest a poll file that the database knows already."""

    def work() -> int:
        record = _ingested_polls(path)
        if record.rows_new or record.rows_changed:
            raise SystemExit("The file had not been ingested before.")
        return record.rows_read

    return timed(work)


def ingest_hour(path: str) -> Run:
    """Ingest a poll file that is new to the last poll."""
    connection.ensure_connection()

    def work() -> int:
        record = _ingested_polls(path)
        if record.rows_new != record.rows_read:
            raise SystemExit(f"Only {record.rows_new} of {record.rows_read} polls were new.")
        return record.rows_read

    return timed(work)


def ingest_hour_alone(path: str) -> Run:
    """Ingest a poll file of known stores that have no poll yet; partitions stay."""
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), [Poll._meta.db_table], reset_sequences=False)
    )
    return ingest_hour(path)


def _ingested(source: Any) -> Ingestion:
    return ingest(source, requested_by=REQUESTED_BY)


def _ingested_polls(path: str) -> Ingestion:
    (source,) = from_path(Path(path))
    return ingest(source, requested_by=REQUESTED_BY, feed="status")


def _empty() -> None:
    """Leave no data and no trace of it: no partitions, and on SQLite not even free pages."""
    models = (Poll, BusinessHours, SpecialDay, Exclusion, StoreTag, Store, Ingestion)
    tables = [model._meta.db_table for model in models]
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), tables, reset_sequences=True)
    )
    if is_postgresql():
        for week in partitions.existing_weeks():
            drop_week(week)
        # The next ingestion brings all polls there are.
        note_restored()
    else:
        with connection.cursor() as cursor:
            # No load of many rows has it, and neither may the bare write.
            cursor.execute(f"DROP INDEX IF EXISTS {STORE_INDEX}")
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_postgresql() -> bool:
    """Tell which of the two databases this process uses."""
    return connection.vendor == "postgresql"
