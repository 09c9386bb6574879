"""The sweep finds what was lost; without a queue a report ends."""

from datetime import timedelta
from functools import partial

import kombu.exceptions
import pytest
from django.db import OperationalError
from django.utils import timezone
from kombu import Connection

from api.errors.reasons import DATABASE
from reports import tasks
from reports.build import services
from reports.models import Report
from reports.request.requesting import request_report
from tests.database.reports.life.steps import NOON, broken, fresh
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_told_of_again_once_for_each_time_its_worker_died(report, clock, settings):
    for attempt in (1, 2):
        assert services.claim(report.pk).attempts == attempt
        assert services.sweep() == []
        clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))

        assert services.sweep() == [report.pk]
        assert services.sweep() == []


def test_it_is_told_of_again_until_somebody_takes_it(report, clock, settings):
    services.claim(report.pk)
    clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))
    services.sweep()

    clock.shift(settings.REPORT_REQUEUE_AFTER + timedelta(seconds=1))

    assert services.sweep() == [report.pk]


def test_it_is_told_of_again_when_it_was_queued_too_long(report, clock, settings):
    clock.shift(settings.REPORT_REQUEUE_AFTER - timedelta(seconds=1))
    assert services.sweep() == []

    clock.shift(timedelta(seconds=2))

    assert services.sweep() == [report.pk]
    assert services.sweep() == []
    clock.shift(settings.REPORT_REQUEUE_AFTER + timedelta(seconds=1))
    assert services.sweep() == []
    clock.shift(settings.REPORT_REQUEUE_AFTER)
    assert services.sweep() == [report.pk]


def test_it_is_told_of_by_one_of_many_sweeps(report, settings):
    Report.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))

    assert sorted(at_once(*[services.sweep] * 3)) == [[], [], [report.pk]]


def test_it_is_given_up_after_too_many_dead_workers(report, clock, settings):
    for _ in range(settings.MAX_ATTEMPTS):
        services.claim(report.pk)
        clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))

    assert services.sweep() == []

    failed = fresh(report)
    assert failed.status == "Failed"
    assert failed.error.startswith("Gave up after 3 attempts: the worker died (out of memory?)")
    assert failed.finished_at is not None


def test_it_is_given_up_with_the_reason_of_the_last_attempt(report, monkeypatch, clock):
    for number in range(1, 8):
        broken(monkeypatch, OperationalError(f"away for the {number}. time"))
        with pytest.raises(OperationalError):
            services.build_report(report.pk)
        clock.shift(timedelta(minutes=10))

    assert fresh(report).status == "Failed"
    assert "Gave up after 7 attempts" in fresh(report).error
    assert DATABASE in fresh(report).error


def test_it_does_not_blame_an_earlier_attempt_for_the_death_of_the_last(
    report, monkeypatch, clock, settings
):
    broken(monkeypatch, OperationalError("away"))
    with pytest.raises(OperationalError):
        services.build_report(report.pk)
    for _ in range(settings.MAX_ATTEMPTS):
        clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))
        services.claim(report.pk)
    clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))

    services.sweep()

    assert "the worker died" in fresh(report).error


def test_it_leaves_finished_and_running_reports_alone(report, clock, settings):
    running = request_report(as_of=NOON, requested_by="a test").report
    services.build_report(report.pk)
    clock.shift(settings.REPORT_REQUEUE_AFTER * 2)
    services.claim(running.pk)
    before = list(Report.objects.values())

    assert services.sweep() == []
    assert list(Report.objects.values()) == before


def test_it_is_sent_under_its_own_id(report, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.build_report, "apply_async", lambda **options: sent.append(options))

    tasks.enqueue(report)
    Report.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    assert tasks.sweep() == 1

    assert sent == [{"args": [str(report.pk)], "task_id": str(report.pk)}] * 2


def test_it_fails_when_the_queue_cannot_be_reached(report, monkeypatch):
    # Nothing listens on port 1.
    closed = Connection("redis://127.0.0.1:1/0", connect_timeout=1)
    send = tasks.build_report.apply_async
    monkeypatch.setattr(
        tasks.build_report, "apply_async", partial(send, connection=closed, retry=False)
    )

    with pytest.raises(kombu.exceptions.OperationalError):
        tasks.enqueue(report)

    failed = fresh(report)
    assert failed.status == "Failed"
    assert failed.error == "The queue could not be reached. Request it again."
    assert failed.finished_at is not None
    assert services.build_report(report.pk) is None


def test_it_fails_when_the_folder_of_the_queue_has_no_room(report, monkeypatch):
    def full(**_):
        raise kombu.exceptions.ChannelError("no room")

    monkeypatch.setattr(tasks.build_report, "apply_async", full)

    with pytest.raises(kombu.exceptions.ChannelError):
        tasks.enqueue(report)

    assert fresh(report).error == "The queue could not be reached. Request it again."


def test_it_is_told_of_again_later_when_the_sweep_cannot_reach_the_queue(
    report, monkeypatch, clock, settings
):
    def unreachable(**_):
        raise kombu.exceptions.OperationalError("connection refused")

    clock.shift(settings.REPORT_REQUEUE_AFTER + timedelta(seconds=1))
    with monkeypatch.context() as patched:
        patched.setattr(tasks.build_report, "apply_async", unreachable)
        with pytest.raises(kombu.exceptions.OperationalError):
            tasks.sweep()

    assert fresh(report).status == "Queued"
    clock.shift(2 * settings.REPORT_REQUEUE_AFTER)
    assert services.sweep() == [report.pk]
