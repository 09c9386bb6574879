"""What ends an attempt of a report, and when it fails."""

from functools import partial

import pytest
from adbc_driver_manager import OperationalError as ArrowOperationalError
from django.db import OperationalError, connection
from django.utils import timezone

from api.errors.reasons import DATABASE, INTERNAL, STORAGE
from jobs import pauses
from reports.build import computing, services
from reports.kinds.uptime_of_stores import StoresMeasured
from reports.models import Report
from tests.database.reports.life.steps import broken, fresh, stored_files
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PASSING = [
    OperationalError("the database is away"),
    ArrowOperationalError("the database is away", status_code=3),
    OSError(28, "No space left on device"),
]


def end_backend(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


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

    monkeypatch.setattr(StoresMeasured, "printed", failing)

    with pytest.raises(OSError, match="No space left"):
        services.build_report(report.pk)

    assert stored_files() == []
    assert fresh(report).file.name == ""
