"""Prune, ingestions, readers and reports at once, with prunes killed at any point of theirs."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Max

from fleet.extent import newest_poll, pruned_before
from fleet.models import Poll, Store
from fleet.polls import partitions
from fleet.polls.retention import remove
from ingestion.models import Ingestion
from reports.build.services import build_report
from reports.models import Report
from reports.request.kept import PollsGone
from reports.request.parameters import parameters
from reports.request.requesting import request_report
from reports.request.unusable import UnusableParameter
from tests.database.files import ingest_polls
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
WEEKS = [START + timedelta(weeks=week) for week in range(6)]
BEFORE = WEEKS[3]
# How long each killed prune lives after it has begun.
LIVES = (0.0, 0.1)
# The process, as a worker is one, removes what is old until it is killed.
PRUNE = """
import sys
import django
django.setup()
from datetime import datetime
from fleet.polls.retention import remove
print("begun", flush=True)
remove(datetime.fromisoformat(sys.argv[1]))
"""


def rows(week: datetime) -> list[str]:
    """A poll of two stores every six hours."""
    instants = (week + timedelta(hours=6 * n) for n in range(28))
    return [f"{s},active,{at:%Y-%m-%d %H:%M:%S} UTC" for at in instants for s in "ab"]


def prune_process() -> "subprocess.Popen[bytes]":
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        user, host, port = (database[name] for name in ("USER", "HOST", "PORT"))
        login = f"{user}:{database['PASSWORD']}" if database["PASSWORD"] else user
        url = f"postgres://{login}@{host}:{port}/{database['NAME']}"
    more = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "storemonitor.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", PRUNE, BEFORE.isoformat()],
        env={**os.environ, **more},
        cwd=Path(settings.BASE_DIR),
        stdout=subprocess.PIPE,
    )


def until(ended: Event, step):
    while not ended.wait(0.05):
        step()
    # Again, after the prune has ended.
    step()


def kill_two_prunes_and_end_one(ended: Event) -> None:
    """Kill prunes while they are about to begin and on their way; the last gets to its end."""
    try:
        for life in LIVES:
            with prune_process() as process:
                process.stdout.readline()
                time.sleep(life)
                process.kill()
        remove(BEFORE)
    finally:
        ended.set()


def report_is_whole_or_refused() -> None:
    """A report of a week has 168 hours of uptime, or there is none: nothing is lost silently."""
    for week in WEEKS[2:]:
        as_of = week + timedelta(days=7, hours=-3)
        wanted = parameters(as_of=as_of, windows=["5d"], max_gap=timedelta(hours=4))
        try:
            report = request_report(wanted=wanted, requested_by="a test").report
            build_report(report.pk)
        except (UnusableParameter, PollsGone):
            continue
        report.refresh_from_db()
        with report.file.open("rb") as file:
            assert file.read().decode().split()[-2:] == ["a,120.00,0.00", "b,120.00,0.00"]


def test_nothing_is_lost_or_counted_wrongly():
    for week in WEEKS:
        ingest_polls(*rows(week))
    ended = Event()
    results = at_once(
        lambda: kill_two_prunes_and_end_one(ended),
        lambda: until(ended, lambda: ingest_polls(*rows(WEEKS[1]), *rows(WEEKS[4]))),
        lambda: until(ended, report_is_whole_or_refused),
        lambda: until(ended, newest_poll),
    )
    assert results == [None] * 4
    remove(BEFORE)
    assert pruned_before() <= BEFORE
    assert not Poll.objects.filter(polled_at__lt=BEFORE).exists()
    assert Poll.objects.count() == 3 * 56
    assert not Ingestion.objects.exclude(status=Ingestion.Status.COMPLETE).exists()
    assert not Report.objects.filter(status=Report.Status.RUNNING).exists()
    newest = Poll.objects.aggregate(newest=Max("polled_at"))["newest"]
    assert set(Store.objects.values_list("last_polled_at", flat=True)) == {newest}
    if connection.vendor == "postgresql":
        assert partitions.existing_weeks() == partitions.attached_weeks()
