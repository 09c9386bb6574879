"""A report's life: requested, claimed by one worker, kept alive, finished once, or given up."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from uuid import uuid4

import kombu.exceptions
import pytest
from adbc_driver_manager import OperationalError as ArrowOperationalError
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone
from kombu import Connection

from api.errors.reasons import DATABASE, INTERNAL, STORAGE
from jobs import pauses
from jobs.lease import LeaseLost
from reports import tasks
from reports.build import computing, services
from reports.models import Report
from reports.request.requesting import NoPolls, request_report
from tests.database.clocks import standing_still
from tests.database.files import ingest_polls
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
PASSING = [
    OperationalError("the database is away"),
    ArrowOperationalError("the database is away", status_code=3),
    OSError(28, "No space left on device"),
]


@pytest.fixture
def report():
    ingest_polls("a,active,2024-01-15 11:00:00 UTC")
    return request_report(as_of=NOON, requested_by="a test").report


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with standing_still() as moved:
        yield moved


def stored_files():
    root = Path(default_storage.path("reports"))
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def fresh(report):
    return Report.objects.get(pk=report.pk)


def broken(monkeypatch, error):
    """Make loading fail."""

    def load_fleet(**_):
        raise error

    monkeypatch.setattr(computing, "load_fleet", load_fleet)


def end_backend(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


# Requested.


def test_it_is_as_of_the_newest_poll_unless_told():
    ingest_polls("a,active,2024-01-15 11:00:00.25 UTC", "b,active,2024-01-14 11:00:00 UTC")

    newest = request_report(requested_by="a test").report
    told = request_report(as_of=NOON, requested_by="a test").report

    assert fresh(newest).as_of == datetime(2024, 1, 15, 11, 0, 0, 250_000, tzinfo=UTC)
    assert fresh(told).as_of == NOON
    assert (told.status, told.attempts, told.requested_by) == ("Queued", 0, "a test")


def test_it_keeps_its_instant_when_newer_polls_come():
    ingest_polls("a,active,2024-01-15 11:00:00 UTC")
    report = request_report(requested_by="a test").report

    ingest_polls("a,inactive,2024-01-15 11:30:00 UTC")

    assert services.build_report(report.pk).as_of == datetime(2024, 1, 15, 11, tzinfo=UTC)


def test_it_cannot_be_as_of_the_newest_poll_where_there_is_none():
    with pytest.raises(NoPolls, match="no polls yet"):
        request_report(requested_by="a test")

    assert not Report.objects.exists()


# Claimed.


def test_it_is_claimed_by_one_of_many_workers(report):
    claims = at_once(*[partial(services.claim, report.pk)] * 4)

    [won] = [claim for claim in claims if claim is not None]
    assert (won.status, won.attempts) == ("Running", 1)
    assert fresh(report).attempts == 1


def test_it_is_built_once_by_workers_that_start_together(report):
    built = at_once(*[partial(services.build_report, report.pk)] * 3)

    assert len([one for one in built if one is not None]) == 1
    assert stored_files() == [f"{report.pk}-1.csv"]


def test_it_is_never_built_again_once_complete(report):
    done = services.build_report(report.pk)
    ingest_polls("b,active,2024-01-15 11:00:00 UTC")

    assert services.build_report(report.pk) is None
    assert tasks.build_report(str(report.pk)) == "Complete"
    assert fresh(report) == done
    assert (fresh(report).sha256, fresh(report).row_count) == (done.sha256, 1)


@pytest.mark.parametrize("status", ["Complete", "Failed"])
def test_it_cannot_be_claimed_once_finished(report, status):
    ended = {"status": status, "finished_at": NOON, "error": "-"}
    Report.objects.update(**ended, file="f", row_count=0, sha256="0")

    assert services.claim(report.pk) is None


def test_it_cannot_be_claimed_if_it_does_not_exist():
    assert services.build_report(uuid4()) is None


def test_it_can_be_claimed_again_once_its_lease_ran_out(report, clock, settings):
    services.claim(report.pk)
    clock.shift(settings.REPORT_LEASE - timedelta(seconds=1))
    assert services.claim(report.pk) is None

    clock.shift(timedelta(seconds=1))

    assert services.claim(report.pk).attempts == 2


def test_it_cannot_be_claimed_more_often_than_allowed(report, clock, settings):
    for _ in range(settings.MAX_ATTEMPTS):
        assert services.claim(report.pk) is not None
        clock.shift(settings.REPORT_LEASE + timedelta(seconds=1))

    assert services.claim(report.pk) is None


# Built.


def test_it_is_complete_with_size_and_checksum(report):
    services.build_report(report.pk)

    done = fresh(report)
    assert (done.status, done.row_count, done.error) == ("Complete", 1, "")
    assert done.progress == {"stores_done": 1, "stores_total": 1, "percent": 100}
    assert done.lease_expires_at is None
    assert done.started_at <= done.finished_at
    with done.file.open("rb") as file:
        content = file.read()
    assert done.size == len(content)
    assert content.endswith(b"a,60.00,24.00,168.00,0.00,0.00,0.00\n")
    assert stored_files() == [Path(done.file.name).name]


def test_it_renews_its_lease_while_a_slow_build_runs(report, settings, monkeypatch):
    settings.REPORT_LEASE = timedelta(seconds=0.6)
    leases, load_fleet = [], computing.load_fleet

    def slow(**window):
        for _ in range(8):
            Event().wait(0.15)
            leases.append(fresh(report).lease_expires_at)
            assert services.claim(report.pk) is None
            assert services.sweep() == []
        return load_fleet(**window)

    monkeypatch.setattr(computing, "load_fleet", slow)

    assert services.build_report(report.pk).attempts == 1
    assert len(set(leases)) > 3
    assert leases == sorted(leases)


@pytest.mark.parametrize(
    ("module", "moment"), [(computing, "load_fleet"), (services, "write_file")]
)
def test_it_is_left_alone_by_a_worker_that_comes_too_late(
    report, clock, monkeypatch, module, moment
):
    real = getattr(module, moment)
    winner = []

    def overtaken(*arguments, **options):
        result = real(*arguments, **options)
        if not winner:
            monkeypatch.setattr(module, moment, real)
            Report.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
            winner.append(services.build_report(report.pk))
        return result

    monkeypatch.setattr(module, moment, overtaken)

    with pytest.raises(LeaseLost):
        services.build_report(report.pk)

    [done] = winner
    assert Report.objects.values().get() == Report.objects.filter(pk=done.pk).values()[0]
    assert (fresh(report).status, fresh(report).attempts) == ("Complete", 2)
    assert stored_files() == [f"{report.pk}-2.csv"]
    assert fresh(report).sha256 == done.sha256


def test_it_is_not_failed_by_a_worker_that_comes_too_late(report, monkeypatch):
    def overtaken(**_):
        Report.objects.update(attempts=2)
        raise ValueError("bad hours")

    monkeypatch.setattr(computing, "load_fleet", overtaken)

    with pytest.raises(LeaseLost):
        services.build_report(report.pk)

    assert (fresh(report).status, fresh(report).error) == ("Running", "")


# Failed.


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to cut")
@pytest.mark.parametrize("is_noticed", [True, False])
def test_it_is_put_off_when_its_connection_was_cut(report, monkeypatch, is_noticed):
    def cut(**_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        at_once(partial(end_backend, pid))
        if is_noticed:
            Report.objects.exists()
        raise OperationalError("another connection was cut as well")

    monkeypatch.setattr(computing, "load_fleet", cut)
    with pytest.raises(OperationalError):
        services.build_report(report.pk)
    assert (fresh(report).faults, fresh(report).attempts_allowed) == (1, 4)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to cut")
def test_it_fails_when_its_connection_was_cut_once_too_often(report, monkeypatch):
    Report.objects.update(faults=len(pauses.PASSING))

    def cut(**_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        at_once(partial(end_backend, pid))
        Report.objects.exists()

    monkeypatch.setattr(computing, "load_fleet", cut)
    with pytest.raises(OperationalError):
        services.build_report(report.pk)
    assert fresh(report).status == "Failed"
    assert DATABASE.rstrip(".") in fresh(report).error


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__module__)
def test_it_is_given_back_when_what_failed_may_pass(report, monkeypatch, clock, error):
    with monkeypatch.context() as patched:
        broken(patched, error)
        with pytest.raises(type(error)):
            services.build_report(report.pk)

    waiting = fresh(report)
    assert (waiting.status, waiting.attempts) == ("Running", 1)
    assert waiting.error in {DATABASE, STORAGE}
    assert waiting.lease_expires_at <= timezone.now() < waiting.due_at
    assert services.sweep() == []
    clock.move_to(waiting.due_at)
    assert services.sweep() == [report.pk]
    done = services.build_report(report.pk)
    assert (done.status, done.attempts, done.error) == ("Complete", 2, "")


@pytest.mark.parametrize("error", [ValueError("no such zone"), MemoryError("too much")])
def test_it_fails_at_once_when_another_attempt_would_fare_no_better(report, monkeypatch, error):
    broken(monkeypatch, error)

    with pytest.raises(type(error)):
        services.build_report(report.pk)

    failed = fresh(report)
    assert (failed.status, failed.error) == ("Failed", INTERNAL)
    assert failed.finished_at is not None
    assert failed.lease_expires_at is None
    assert services.sweep() == []
    assert stored_files() == []


def test_it_leaves_no_file_when_writing_fails(report, monkeypatch):
    def failing(*_):
        yield b"half a report"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(services, "print_report", failing)

    with pytest.raises(OSError, match="No space left"):
        services.build_report(report.pk)

    assert stored_files() == []
    assert fresh(report).file.name == ""


# Swept.


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


# Sent.


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
