"""What is measured inside a process; ``bench.run_probe`` runs one function of these.

Imports, connections and made-up input come before the clock starts. Every probe that repeats
what a server does all day is run once before it is measured.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection

from bench import bare_csv, bare_sql
from bench.history import add_history, save_hours, settle
from bench.measure import Run, timed
from ingestion.columns import snapshot
from ingestion.models import BusinessHours, Ingestion, Poll, Store
from ingestion.parsing import FeedReader
from ingestion.services import ingest
from ingestion.sources import from_folder, from_path
from reports import offline
from reports.instants import from_microseconds, to_microseconds
from reports.models import Report
from reports.selectors import load_fleet
from reports.services import build_report, newest_poll, request_report
from reports.uptime import classic_windows

_REQUESTED_BY = "bench"


def poll_file(folder: str) -> str:
    """Return the path of the poll file in a folder."""
    for source in from_folder(Path(folder)):
        with source.open() as stream:
            if FeedReader(stream, name=source.name).feed == "status":
                return str(Path(folder) / source.name)
    raise SystemExit(f"{folder} has no file of polls.")


def load(folder: str) -> Run:
    """Fill an empty database with all files of a folder, as a server has it at work."""
    call_command("migrate", interactive=False, verbosity=0)
    _empty()
    run = timed(lambda: sum(_ingested(source).rows_new for source in from_folder(Path(folder))))
    settle()
    return run


def prepare() -> Run:
    """Make the tables, empty."""
    call_command("migrate", interactive=False, verbosity=0)
    _empty()
    return Run(seconds=0)


def load_rest(folder: str) -> Run:
    """Ingest what a folder holds beside its polls, which are there already."""
    polls = Path(poll_file(folder)).name
    sources = [source for source in from_folder(Path(folder)) if source.name != polls]
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
        write = bare_sql.copy if _is_postgresql() else bare_sql.executemany
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
            raise SystemExit("The file was not known: this is no second time.")
        return record.rows_read

    return timed(work)


def bare_read(order: str) -> Run:
    """Read the polls of a report over one connection; ``order`` "" or "ordered"."""
    start, end = (from_microseconds(instant) for instant in _span())
    sql = bare_sql.select(start, end, ordered=bool(order), zone="+00" if _is_postgresql() else "")
    with (
        bare_sql.arrow_read(os.environ["DATABASE_URL"], sql)
        if _is_postgresql()
        else bare_sql.tuples_read(str(connection.settings_dict["NAME"]), sql)
    ) as read:
        read()
        return timed(read)


def compute() -> Run:
    """Summarise a fleet that is in memory."""
    start, end = _span()
    fleet = load_fleet(start=start, end=end)

    def work() -> int:
        fleet.summarise(as_of=end, windows=classic_windows(end), look_back=_look_back())
        return len(fleet.polls.at)

    work()
    return timed(work)


def offline_report(folder: str, output: str) -> Run:
    """Make a report without a database."""

    def work() -> int:
        return offline.main([folder, "--output", output])

    work()
    return timed(work)


def bare_csv_read(path: str) -> Run:
    """Read a poll file into Arrow."""
    bare_csv.read(path)
    return timed(lambda: int(bare_csv.read(path).num_rows))


def report_in_process() -> Run:
    """Make a report of the newest poll as a worker does, without queue and HTTP."""

    def work() -> int:
        report = build_report(request_report(as_of=None, requested_by=_REQUESTED_BY).pk)
        if report is None or report.status != Report.Status.COMPLETE:
            raise SystemExit(f"The report came out as {report}.")
        return report.row_count or 0

    work()
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


PROBES: dict[str, Callable[..., Run | str]] = {
    work.__name__: work
    for work in (
        poll_file,
        load,
        prepare,
        load_rest,
        add_history,
        save_hours,
        report_in_process,
        ingest_hour,
        ingest_hour_alone,
        save_polls,
        bare_write,
        ingest_first,
        ingest_again,
        bare_read,
        compute,
        offline_report,
        bare_csv_read,
    )
}


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _ingested(source: Any) -> Ingestion:
    return ingest(source, requested_by=_REQUESTED_BY)


def _ingested_polls(path: str) -> Ingestion:
    (source,) = from_path(Path(path))
    return ingest(source, requested_by=_REQUESTED_BY, feed="status")


def _empty() -> None:
    """Leave no data and no trace of it: on SQLite not even free pages."""
    tables = [model._meta.db_table for model in (Poll, BusinessHours, Store, Ingestion)]
    connection.ops.execute_sql_flush(
        connection.ops.sql_flush(no_style(), tables, reset_sequences=True)
    )
    if not _is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _look_back() -> int:
    microseconds: int = settings.UPTIME_LOOK_BACK // timedelta(microseconds=1)
    return microseconds


def _span() -> tuple[int, int]:
    """Return from when to when a report of the newest poll reads, both included."""
    newest = newest_poll()
    if newest is None:
        raise SystemExit("There are no polls.")
    end = to_microseconds(newest)
    return min(window.start for window in classic_windows(end)) - _look_back(), end
