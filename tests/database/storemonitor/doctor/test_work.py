"""Broken on purpose: workers, beat, jobs, messages. The doctor names each, and how to mend it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_results.models import TaskResult

from dashboard.models import FleetSnapshot
from reports.models import Report
from schedules.models import Schedule, ScheduledRun
from storemonitor.models import Worker
from storemonitor.operations.heartbeats import Heartbeat
from tests.database.answers import failed, queued
from tests.database.schedules.runs.beginning import make as make_schedule
from tests.database.storemonitor.doctor.asking import do, is_clean, swept, told
from tests.database.webhooks.deliveries.making import make as make_webhook
from webhooks import deliveries
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _healthy(healthy):
    return healthy


def aged(rows, **ages):
    """Give columns of rows an instant in the past."""
    rows.update(**{name: timezone.now() - age for name, age in ages.items()})


def test_no_worker_is_alive():
    aged(Worker.objects, started_at=3 * HOUR, beat_at=2 * HOUR)
    level, reason, remedy = told("workers")
    assert (level, reason) == ("FAIL", "no worker is alive: reports and files wait")
    assert remedy.startswith(".venv/bin/celery -A storemonitor.celery worker")
    Heartbeat("celery@here", processes=1).beat()
    assert is_clean("workers")


def test_one_worker_is_silent():
    now = timezone.now()
    Worker.objects.create(
        name="celery@there", pid=7, processes=1, started_at=now - HOUR, beat_at=now - HOUR / 2
    )
    level, reason, remedy = told("workers")
    assert level == "WARN"
    assert "1 worker silent since" in reason
    assert "celery@there (7)" in reason
    assert "see its log" in remedy


def test_a_worker_runs_the_code_of_before():
    Worker.objects.update(code="0123456789ab")
    pid = Worker.objects.get().pid
    level, reason, remedy = told("worker code")
    assert level == "WARN"
    assert "1 worker runs other code than this: celery@here" in reason
    assert remedy.startswith(f"kill -TERM {pid}, on their machine")
    Heartbeat("celery@here", processes=1).beat()
    assert is_clean("worker code")


def test_the_clock_of_a_worker_is_off():
    Worker.objects.update(clock_ahead=-HOUR)
    level, reason, remedy = told("worker clocks")
    assert level == "WARN"
    assert "the clock of celery@here" in reason
    assert "3600 s behind the database's" in reason
    assert remedy.startswith("timedatectl set-ntp true")


def test_no_beat_runs():
    aged(Worker.objects, started_at=HOUR)
    aged(TaskResult.objects, date_done=HOUR / 6)
    level, reason, remedy = told("beat")
    assert level == "FAIL"
    assert "no sweep has finished since" in reason
    assert remedy.startswith(".venv/bin/celery -A storemonitor.celery beat, exactly one")
    swept(1)
    assert is_clean("beat")


def test_two_beats_run(settings):
    settings.SWEEP_SECONDS = 10
    swept(18)
    assert is_clean("beat")
    swept(18)
    level, reason, remedy = told("beat")
    assert level == "WARN"
    assert reason == "37 sweeps in 3 minutes instead of 19: more than one beat is running"
    assert remedy.startswith("end all but one: pgrep")


def test_a_report_waits_for_an_hour():
    report = queued()
    aged(Report.objects.filter(pk=report.pk), created_at=HOUR)
    level, reason, remedy = told("jobs")
    assert (level, reason) == ("WARN", "1 report waiting for over 15 minutes")
    assert "workers and beat" in remedy


def test_a_report_has_no_attempt_left(monkeypatch):
    report = queued(attempts=3)
    aged(Report.objects.filter(pk=report.pk), created_at=HOUR)
    level, reason, remedy = told("jobs")
    assert (level, reason) == ("FAIL", "1 report with no attempt left, and not ended")
    assert remedy.startswith("./run manage shell -c ")
    do(remedy)
    assert is_clean("jobs")


def test_a_report_has_failed():
    failed("RuntimeError: the disk is full")
    level, reason, remedy = told("failures")
    assert level == "WARN"
    assert reason == "1 report failed within a day; the last: RuntimeError: the disk is full"
    assert "/admin/reports/report/?status__exact=Failed" in remedy
    aged(Report.objects.filter(status="Failed"), finished_at=30 * HOUR)
    assert is_clean("failures")


def test_the_data_of_the_dashboard_could_not_be_made():
    FleetSnapshot.objects.create(
        status="Failed",
        error="RuntimeError: too little memory",
        data_version=1,
        finished_at=timezone.now(),
    )
    level, reason, remedy = told("snapshot")
    assert level == "FAIL"
    assert "too little memory" in reason
    assert "the sweep tries again" in remedy


def test_a_schedule_is_overdue():
    make_schedule()
    aged(Schedule.objects, next_due_at=HOUR)
    level, reason, remedy = told("schedules")
    assert level == "FAIL"
    assert "1 schedule overdue: Every morning (due " in reason
    assert "beat" in remedy


def test_a_schedule_was_switched_off():
    schedule = make_schedule()
    Schedule.objects.update(active=False, inactive_because="Its time zone is gone.")
    level, reason, remedy = told("schedules")
    assert level == "WARN"
    assert "Every morning was switched off: Its time zone is gone." in reason
    assert f"/admin/schedules/schedule/{schedule.pk}/change/" in remedy


def test_an_e_mail_was_given_up():
    now = timezone.now()
    ScheduledRun.objects.create(
        schedule=make_schedule(),
        period="2024-W10",
        due_at=now,
        created_at=now,
        status="Failed",
        error="No e-mail: refused",
        ended_at=now,
    )
    level, reason, remedy = told("schedules")
    assert level == "WARN"
    assert reason == "1 run of schedules failed; the last: No e-mail: refused"
    assert "EMAIL_URL" in remedy


def test_no_server_for_e_mail_is_set():
    make_schedule()
    Schedule.objects.update(recipients=["boss@example.com"])
    level, reason, remedy = told("messages")
    assert level == "FAIL"
    assert "schedules have recipients: Every morning" in reason
    assert remedy.startswith("set EMAIL_URL and SITE_URL")


def test_messages_to_a_webhook_were_given_up(settings):
    make_webhook()
    failed()
    deliveries.record_all_ended()
    Delivery.objects.update(
        status="Failed", error="refused", next_attempt_at=None, ended_at=timezone.now()
    )
    level, reason, remedy = told("webhooks")
    assert level == "WARN"
    assert "given up within a day, to BI; the last: refused" in reason
    assert "/admin/webhooks/delivery/?status__exact=Failed" in remedy


def test_a_webhook_was_switched_off():
    webhook = make_webhook()
    Webhook.objects.update(active=False, inactive_because="410 Gone")
    level, reason, remedy = told("webhooks")
    assert (level, reason) == ("WARN", "webhook BI was switched off: 410 Gone")
    assert f"/admin/webhooks/webhook/{webhook.pk}/change/" in remedy


def test_the_key_is_not_the_one_that_webhooks_were_created_with(settings):
    make_webhook()
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, as long as it has to be, 0123456789 abcdefgh"
    level, reason, remedy = told("messages")
    assert level == "FAIL"
    assert "1 webhook was created with (BI): nothing is sent to them" in reason
    assert remedy.startswith("set SECRET_KEY to the former one")
    settings.SECRET_KEY = before
    assert is_clean("messages")
