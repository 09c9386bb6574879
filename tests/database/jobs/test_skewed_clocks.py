"""A worker whose clock is off does the same as others: only the database's clock counts."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as project
from django.db import connection
from django.utils import timezone

from ingestion import services as ingesting
from ingestion.lease import READING_LEASE
from ingestion.models import Ingestion
from ingestion.queue import queued
from jobs import clock
from jobs.lease import Lease
from reports.build import services as reporting
from reports.models import Report
from reports.request.requesting import request_report
from schedules import runs, tasks
from schedules.models import Schedule, ScheduledRun
from schedules.services import create_schedule
from storemonitor import celery
from tests.database.answers import complete
from tests.database.waiting import waiting
from tests.database.webhooks.deliveries.making import make
from webhooks import deliveries

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
SKEWS = [timedelta(hours=1), timedelta(hours=-1), timedelta(seconds=20), timedelta(minutes=-2)]
CLOSE = timedelta(seconds=15)


@pytest.fixture(params=SKEWS, ids=str)
def off(request):
    """Make this process's clock wrong, and not the database's."""

    def travelling():
        return time_machine.travel(timezone.now() + request.param)

    return travelling


def is_close(instant, expected):
    return abs(instant - expected) < CLOSE


def test_it_tells_the_databases_time_whatever_the_process_takes_for_it(off):
    before = clock.now()
    with off():
        told = clock.now()
    assert timedelta(0) <= told - before < CLOSE
    assert told.utcoffset() == timedelta(0)


def test_it_moves_on_within_a_transaction():
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        first = clock.now()
        while clock.now() == first:
            pass
        cursor.execute("ROLLBACK")
        assert clock.now() > first


def test_a_report_is_held_against_a_worker_whose_clock_is_off(off):
    report = request_report(as_of=NOON, requested_by="a test").report
    held = reporting.claim(report.pk)
    with off():
        assert reporting.claim(report.pk) is None
        assert reporting.sweep() == []
        Lease(held, lease=project.REPORT_LEASE).update(stores_done=1)
    report.refresh_from_db()
    assert is_close(report.lease_expires_at, clock.now() + project.REPORT_LEASE)


def test_a_report_is_leased_no_longer_by_a_worker_whose_clock_is_off(off):
    with off():
        report = request_report(as_of=NOON, requested_by="a test").report
        held = reporting.claim(report.pk)
    assert is_close(held.lease_expires_at, clock.now() + project.REPORT_LEASE)
    assert is_close(held.created_at, clock.now())
    with off():
        reporting.build_report(held.pk)
        Report.objects.update(lease_expires_at=clock.now() - timedelta(milliseconds=2))
        done = reporting.build_report(held.pk)
    assert done.status == "Complete"
    assert is_close(done.finished_at, clock.now())


def test_a_file_is_held_against_a_worker_whose_clock_is_off(off):
    record = waiting()
    with off():
        held = queued.claim(record.pk)
        assert queued.claim(record.pk) is None
    assert queued.claim(record.pk) is None
    with off():
        assert (queued.sweep(), ingesting.sweep()) == ([], 0)
    assert is_close(held.lease_expires_at, clock.now() + READING_LEASE)


def test_a_file_that_came_with_its_request_is_not_failed_by_a_clock_that_is_off(off):
    lease = clock.now() + READING_LEASE
    Ingestion.objects.create(name="a.csv", requested_by="a test", lease_expires_at=lease)
    with off():
        assert ingesting.sweep() == 0


def test_a_delivery_is_recorded_and_held_by_the_databases_clock(off):
    with off():
        make()
    report = complete(finished_at=clock.now())
    with off():
        [delivery_id] = deliveries.record_report(report.pk)
        held = deliveries.claim(delivery_id)
        assert deliveries.claim(delivery_id) is None
    assert deliveries.claim(delivery_id) is None
    assert is_close(held.next_attempt_at, clock.now() + deliveries.LEASE)


def test_an_e_mail_is_held_by_the_databases_clock(off):
    schedule = create_schedule(
        created_by="a test", name="Daily", cadence="daily", hour=6, recipients=["a@example.com"]
    )
    run = ScheduledRun.objects.create(
        schedule=schedule, report=complete(), period="a day", due_at=NOON, created_at=NOON
    )
    with off():
        runs.settle_ended()
        held = runs.claim(run.pk)
        assert runs.claim(run.pk) is None
    assert runs.claim(run.pk) is None
    assert is_close(held.next_attempt_at, clock.now() + runs.LEASE)


def test_a_schedule_is_started_neither_early_nor_late(off, monkeypatch):
    monkeypatch.setattr(tasks.queue, "send", lambda *_, **__: None)
    with off():
        schedule = create_schedule(created_by="a test", name="Hourly", cadence="hourly")
    assert timedelta(0) <= schedule.next_due_at - clock.now() <= timedelta(hours=1)
    # Not while the test runs.
    Schedule.objects.update(next_due_at=clock.now() + timedelta(minutes=5))
    with off():
        assert tasks.sweep() == 0
        due = clock.now() - timedelta(milliseconds=2)
        Schedule.objects.update(next_due_at=due, active_since=due - timedelta(hours=2))
        assert tasks.sweep() == 1


def test_no_message_expires_by_a_clock():
    entries = celery.app.conf.beat_schedule.values()
    assert [entry for entry in entries if "expires" in entry.get("options", {})] == []
