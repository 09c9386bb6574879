"""Measurements and preparations inside a process for the load; see ``bench.probes``."""

import uuid
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.db import connection
from django.utils import timezone

from access import tokens
from bench.ingestion_probes import REQUESTED_BY, is_postgresql
from bench.measure import Run
from reports.models import Report

_LINE = b"%019d,60.00,24.00,168.00,0.00,0.00,0.00\n"


def size_on_disk() -> Run:
    """Return the bytes of the database, as the peak of the run."""
    if not is_postgresql():
        return Run(seconds=0, peak=Path(settings.DATABASES["default"]["NAME"]).stat().st_size)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return Run(seconds=0, peak=int(cursor.fetchone()[0]))


def dead_rows() -> Run:
    """Count rows that updates left behind, in all tables; VACUUM has not removed them yet."""
    if not is_postgresql():
        return Run(seconds=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(n_dead_tup), 0)::bigint FROM pg_stat_user_tables")
        return Run(seconds=0, rows=int(cursor.fetchone()[0]))


def issue_tokens(path: str, count: str) -> Run:
    """Write the secrets of new tokens, which may read and start reports, one per line."""
    issued = [
        tokens.issue(name=f"bench {number}", scopes=["read"], created_by=REQUESTED_BY)
        for number in range(int(count))
    ]
    Path(path).write_text("".join(f"{one.secret}\n" for one in issued))
    return Run(seconds=0, rows=len(issued))


def store_large_report(path: str, megabytes: str) -> Run:
    """Store a complete report of so many millions of bytes; its id goes into the file at ``path``.

    The file is made up: what is measured is how it is sent.
    """
    lines = int(megabytes) * 1_000_000 // len(_LINE % 0)
    scratch = Path(f"{path}.csv")
    with scratch.open("wb") as file:
        for first in range(0, lines, 10_000):
            file.write(b"".join(_LINE % n for n in range(first, min(first + 10_000, lines))))
    content = scratch.read_bytes()
    report = Report(
        pk=uuid.uuid4(),
        as_of=datetime(2024, 3, 13, tzinfo=UTC),
        status=Report.Status.COMPLETE,
        started_at=timezone.now(),
        finished_at=timezone.now(),
        row_count=lines,
        size=len(content),
        sha256=sha256(content).hexdigest(),
    )
    with scratch.open("rb") as file:
        report.file.save(f"{report.pk}.csv", File(file), save=False)
    report.save()
    scratch.unlink()
    Path(path).write_text(str(report.pk))
    return Run(seconds=0, rows=lines)
