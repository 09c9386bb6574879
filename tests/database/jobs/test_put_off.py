"""Passing errors are retried after growing pauses; errors that kill workers are not."""

import errno
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage

from ingestion.queue import queued
from jobs import claims, pauses
from reports import tasks as report_tasks
from reports.build import computing, parts, services, shards
from reports.models import Report, Shard
from reports.request.requesting import request_report
from tests.database.files import ingest_polls
from tests.database.waiting import waiting

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch):
    monkeypatch.setattr(pauses, "JITTER", 0)


def fail_with(error):
    def failing(*_, **__):
        raise error

    return failing


class Work:
    """A report, a shard or a file as this test uses it: attempted, and inspected."""

    def __init__(self, kind):
        if kind == "file":
            self.row = waiting()
            return
        ingest_polls("a,active,2024-01-15 11:00:00 UTC")
        self.row = self.report = request_report(as_of=NOON, requested_by="a test").report
        if kind == "shard":
            Report.objects.update(
                status="Running", lease_expires_at=NOON, attempts=1, announcements=0
            )
            self.row = Shard.objects.create(report=self.report, number=0, first_key=1, last_key=9)

    def attempt(self):
        if isinstance(self.row, Shard):
            return shards.build_shard(self.row.pk)
        if isinstance(self.row, Report):
            return services.build_report(self.row.pk)
        return queued.ingest_upload(self.row.pk)

    def sweep(self):
        told = [*shards.sweep(), *services.sweep(), *queued.sweep()]
        return bool(told)

    def now(self):
        self.row.refresh_from_db()
        return self.row


@pytest.fixture(params=["report", "shard", "file"])
def work(request, clock):
    return Work(request.param)


@pytest.fixture
def full(monkeypatch):
    """A disk that is full, until it is not."""
    with monkeypatch.context() as patched:
        patched.setattr(computing, "load_fleet", fail_with(FULL))
        patched.setattr(default_storage._wrapped, "open", fail_with(FULL))
        yield patched


def test_it_survives_a_disk_that_is_full_for_ten_minutes(work, clock, full):
    for wait in pauses.PASSING[:5]:
        with pytest.raises(OSError, match="No space left"):
            work.attempt()
        assert work.now().status == "Running"
        assert "is full" in work.row.error
        clock.shift(wait - timedelta(seconds=1))
        work.attempt()  # Not due: nothing happens.
        assert not work.sweep()
        clock.shift(timedelta(seconds=1))
        assert work.sweep()
    full.undo()

    work.attempt()

    assert (work.now().status, work.row.attempts, work.row.error) == ("Complete", 6, "")


def test_it_is_given_up_after_a_quarter_of_an_hour(work, clock, full):
    for wait in (*pauses.PASSING, timedelta(0)):
        with pytest.raises(OSError, match="No space left"):
            work.attempt()
        clock.shift(wait)

    work.sweep()

    ended = work.now() if not isinstance(work.row, Shard) else Report.objects.get()
    assert ended.status == "Failed"
    assert ended.error.startswith("Gave up after 7 attempts: Media storage could not")
    assert timedelta(minutes=14) < sum(pauses.PASSING, timedelta(0)) < timedelta(minutes=17)


def test_it_may_lose_as_many_workers_after_faults_as_before(work, clock, full, settings):
    for wait in pauses.PASSING[:2]:
        with pytest.raises(OSError, match="No space left"):
            work.attempt()
        clock.shift(wait)
    for _ in range(settings.MAX_ATTEMPTS):
        assert _claimed(work)
        clock.shift(timedelta(minutes=2))
    assert not _claimed(work)

    work.sweep()

    ended = work.now() if not isinstance(work.row, Shard) else Report.objects.get()
    assert ended.status == "Failed"
    assert "Gave up after 5 attempts: the worker died" in ended.error


def _claimed(work):
    """Claim it for a worker that then dies."""
    if isinstance(work.row, Shard):
        return shards.claim(work.row.pk)
    if isinstance(work.row, Report):
        return services.claim(work.row.pk)
    return queued.claim(work.row.pk)


def test_it_is_not_failed_when_its_worker_renews_just_before(work, clock, monkeypatch, settings):
    """The sweep has found it exhausted; its worker was only slow."""
    for _ in range(settings.MAX_ATTEMPTS):
        clock.shift(timedelta(minutes=2))
        _claimed(work)
    clock.shift(timedelta(minutes=2))
    real = claims.give_up

    def renew_first(*arguments, **ended):
        renewed = type(work.row).objects.filter(pk=work.row.pk)
        renewed.update(lease_expires_at=work.now().lease_expires_at + timedelta(hours=1))
        return real(*arguments, **ended)

    monkeypatch.setattr(claims, "give_up", renew_first)

    work.sweep()

    assert (work.now().status, work.row.error) == ("Running", "")
    assert not Report.objects.filter(status="Failed").exists()


def test_it_does_not_flood_a_queue_that_is_only_long(clock, settings, monkeypatch):
    sent = []
    monkeypatch.setattr(report_tasks.build_report, "apply_async", lambda **o: sent.append(o))
    for _ in range(15):
        request_report(as_of=NOON, requested_by="a test")

    for _ in range(12 * 60 // 10):
        clock.shift(timedelta(seconds=10))
        report_tasks.sweep()

    assert len(sent) == 15 * 3  # After 1, 3 and 7 minutes; the next after 15.


def test_a_file_that_is_given_to_the_workers_again_counts_on_from_its_last_attempt(settings):
    """If the count started again, a worker that slept through it all would pass for the new one."""
    record = waiting()
    late = queued.claim(record.pk)
    assert queued.fail(record.pk, "a test") is False
    record.refresh_from_db()
    type(record).objects.update(status="Failed", error="a test", finished_at=NOON)

    assert queued.queue_again(record.pk)
    claimed = queued.claim(record.pk)

    assert claimed.attempts == late.attempts + 1
    assert claimed.attempts_allowed == late.attempts + settings.MAX_ATTEMPTS


def test_parts_are_there_for_the_assembly_after_a_fault(clock, monkeypatch):
    """An assembly is queued again when it is due, like any other job."""
    work = Work("shard")
    work.attempt()
    Report.objects.update(lease_expires_at=NOON)
    with monkeypatch.context() as patched:
        patched.setattr(parts, "assemble", fail_with(FULL))
        with pytest.raises(OSError, match="No space left"):
            services.build_report(work.report.pk)
    assert services.sweep() == []
    clock.shift(pauses.PASSING[0])
    assert services.sweep() == [work.report.pk]
    assert services.build_report(work.report.pk).status == "Complete"
