"""Measurements inside a process; ``bench.measure.probe`` runs one of these functions.

``bench.ingestion_probes`` and ``bench.history`` have more of them.

Imports, connections and made-up input come before the clock starts. Every probe that repeats
what a server does all day is run once before it is measured.
"""

import os

from django.conf import settings
from django.db import connection

from bench import bare_csv, bare_sql
from bench.ingestion_probes import REQUESTED_BY, is_postgresql
from bench.measure import Run, timed
from fleet.extent import newest_poll
from reports.build.planning import plan
from reports.build.selectors import load_fleet
from reports.build.services import build_report
from reports.models import Report
from reports.offline import command as offline
from reports.request.parameters import Parameters
from reports.request.requesting import request_report
from uptime import Question, summarise
from uptime.instants import from_microseconds


def bare_read(order: str) -> Run:
    """Read the polls of a report over one connection; ``order`` "" or "ordered"."""
    asked = _question()
    start, end = from_microseconds(asked.first_poll), from_microseconds(asked.as_of)
    sql = bare_sql.select(start, end, ordered=bool(order), zone="+00" if is_postgresql() else "")
    with (
        bare_sql.arrow_read(os.environ["DATABASE_URL"], sql)
        if is_postgresql()
        else bare_sql.tuples_read(str(connection.settings_dict["NAME"]), sql)
    ) as read:
        read()
        return timed(read)


def compute() -> Run:
    """Summarise a fleet that is in memory."""
    asked = _question()
    fleet = load_fleet(start=asked.first_poll, end=asked.as_of)

    def work() -> int:
        summarise(fleet, asked)
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
    # In one task, not in shards.
    settings.REPORT_SHARD_POLLS = 1 << 40

    def work() -> int:
        report = build_report(request_report(requested_by=REQUESTED_BY).report.pk)
        if report is None or report.status != Report.Status.COMPLETE:
            raise SystemExit(f"The report came out as {report}.")
        return report.row_count or 0

    work()
    return timed(work)


def estimated_polls() -> Run:
    """Return how many polls and days of stores a report is planned by, as its shards are."""
    asked = _question()
    return Run(seconds=0, rows=sum(keys.rows for keys in plan(asked.first_poll, asked.as_of)))


def shards() -> Run:
    """Count the shards of the newest report."""
    report = Report.objects.latest("created_at")
    return Run(seconds=0, rows=report.shards.count())


def _question() -> Question:
    """Return what a report of the newest poll asks the core."""
    newest = newest_poll()
    if newest is None:
        raise SystemExit("There are no polls.")
    return Parameters().question(newest)
