"""A schedule makes exactly one report per period."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import partial

import kombu.exceptions
import pytest
from django.conf import settings as project
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reports import tasks as report_tasks
from reports.build.services import build_report
from reports.models import Report
from schedules import services, tasks
from schedules.models import Schedule, ScheduledRun
from tests.database.files import ingest_polls
from tests.database.schedules.runs.beginning import BEGUN, fresh, make
from tests.database.threads import at_once
from tests.paths import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = """
import sys, time
import django
django.setup()
from datetime import datetime
from schedules import services
sys.stdin.readline()
print(len(services.start_due(datetime.fromisoformat(sys.argv[1]))))
"""


def test_it_makes_a_report_as_of_the_instant_of_the_period(clock, sent):
    wanted = {"windows": ["24h", "last-week"], "columns": "full", "poller_outages": "unknown"}
    schedule = make(**wanted, max_gap=timedelta(hours=3))
    assert tasks.sweep() == 0
    clock.move_to(datetime(2024, 3, 10, 11, 42, tzinfo=UTC))

    assert tasks.sweep() == 1

    report, run = Report.objects.get(), ScheduledRun.objects.get()
    assert report.as_of == run.due_at == datetime(2024, 3, 10, 11, 30, tzinfo=UTC)
    assert (report.windows, report.columns) == (["24h", "last-week"], "full")
    assert (report.max_gap, report.poller_outages) == (timedelta(hours=3), "unknown")
    assert report.requested_by == "schedule Every morning"
    assert (run.schedule, run.report, run.period) == (schedule, report, "2024-03-10")
    assert sent == [("reports.build_report", str(report.pk))]
    assert tasks.sweep() == 0
    assert fresh(schedule).next_due_at == datetime(2024, 3, 11, 11, 30, tzinfo=UTC)


def test_it_makes_the_same_report_of_a_period_however_late(clock):
    ingest_polls("a,active,2024-03-10 11:00:00 UTC", "a,inactive,2024-03-10 11:31:00 UTC")
    make()
    make(name="The same, found later")
    clock.move_to(datetime(2024, 3, 10, 11, 30, tzinfo=UTC))
    [first] = services.start_due(timezone.now())[:1]
    ScheduledRun.objects.exclude(report=first).delete()
    Schedule.objects.filter(name__startswith="The same").update(next_due_at=BEGUN)
    clock.shift(timedelta(hours=20))
    [late] = services.start_due(timezone.now())

    for report_id in (first, late):
        build_report(report_id)

    assert len(set(Report.objects.filter(pk__in=[first, late]).values_list("sha256"))) == 1


def test_it_makes_one_report_a_day_across_the_change_of_clocks(clock):
    schedule = make(hour=2)  # 02:30, which never happens on 10 March and twice on 3 November.
    for _ in range(60 * 24):
        clock.shift(timedelta(minutes=7))
        services.start_due(timezone.now())

    due = list(schedule.runs.order_by("due_at").values_list("period", "due_at"))
    assert [period for period, _ in due] == [f"2024-03-{day}" for day in range(10, 17)]
    assert due[0][1] == datetime(2024, 3, 10, 8, tzinfo=UTC)
    assert due[1][1] == datetime(2024, 3, 11, 7, 30, tzinfo=UTC)
    assert Report.objects.count() == 7


def test_it_makes_one_report_of_two_periods_that_are_due_at_one_instant(clock):
    """The day that Apia skipped has its midnight where the next one has it."""
    clock.move_to(datetime(2011, 12, 29, 12, tzinfo=UTC))
    schedule = make(hour=0, minute=0, time_zone_id="Pacific/Apia")
    for _ in range(36):
        clock.shift(timedelta(hours=1))
        services.start_due(timezone.now())

    due = list(schedule.runs.order_by("due_at").values_list("period", "due_at"))
    assert (
        due
        == [
            ("2011-12-31", datetime(2011, 12, 30, 10, tzinfo=UTC)),
            ("2012-01-01", datetime(2011, 12, 31, 10, tzinfo=UTC)),
        ][: len(due)]
    )
    assert len(due) == Report.objects.count() >= 1


def test_it_makes_one_report_by_many_that_look_at_once(clock):
    for number in range(3):
        make(name=f"No. {number}")
    clock.shift(timedelta(days=1))

    looks = at_once(*[partial(services.start_due, timezone.now())] * 4)

    assert [one for one in looks if isinstance(one, Exception)] == []
    assert sum(len(begun) for begun in looks) == 3
    assert Report.objects.count() == ScheduledRun.objects.count() == 3


def test_it_makes_one_report_by_two_beats_in_processes_of_their_own():
    for number in range(5):
        make(name=f"No. {number}")
    beats = [_beat() for _ in range(3)]
    outputs = [beat.communicate("go\n", timeout=120) for beat in beats]

    assert sum(int(output) for output, _ in outputs) == 5, outputs
    assert Report.objects.count() == ScheduledRun.objects.count() == 5


def _beat():
    """Start a process that looks for what is due, against the test's own database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    later = (timezone.now() + timedelta(days=1, hours=2)).isoformat()
    return subprocess.Popen(
        [sys.executable, "-c", LOOK, later],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "storemonitor.settings",
            "VAR_DIR": str(project.VAR_DIR),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_cannot_be_run_twice_for_a_period_even_by_hand(clock):
    schedule = make()
    clock.shift(timedelta(days=1))
    services.start_due(timezone.now())
    period = ScheduledRun.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledRun.objects.create(
            schedule=schedule, period=period.period, due_at=BEGUN, created_at=BEGUN
        )


def test_it_makes_up_for_the_latest_period_only_where_nothing_looked_for_long(clock, caplog):
    schedule = make()
    clock.shift(timedelta(days=30, hours=5))

    assert tasks.sweep() == 1
    assert tasks.sweep() == 0

    assert ScheduledRun.objects.get().period == "2024-04-08"
    assert "missed the periods from 2024-03-10 11:30:00 UTC on" in caplog.text
    assert fresh(schedule).next_due_at == datetime(2024, 4, 9, 11, 30, tzinfo=UTC)


def test_it_makes_neither_run_nor_report_where_the_process_dies_in_between(clock, monkeypatch):
    make()
    clock.shift(timedelta(days=1))
    before = list(Schedule.objects.values())

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ScheduledRun, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            services.start_due(timezone.now())

    assert not Report.objects.exists()
    assert list(Schedule.objects.values()) == before
    assert len(services.start_due(timezone.now())) == 1


def test_it_waits_for_the_sweep_of_reports_when_the_broker_is_away(clock, monkeypatch, settings):
    make()
    clock.shift(timedelta(days=1))

    def unreachable(**_):
        raise kombu.exceptions.OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(report_tasks.build_report, "apply_async", unreachable)
        assert tasks.sweep() == 1

    assert Report.objects.get().status == "Queued"
    clock.shift(settings.REPORT_REQUEUE_AFTER + timedelta(seconds=1))
    assert report_tasks.sweep() == 1
