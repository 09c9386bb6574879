"""A report is requested, claimed and built."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from django.utils import timezone

from jobs.lease import LeaseLost
from reports import tasks
from reports.build import computing, services
from reports.models import Report
from reports.request.requesting import NoPolls, request_report
from tests.database.files import ingest_polls
from tests.database.reports.life.steps import NOON, fresh, stored_files
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


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
