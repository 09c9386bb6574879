"""Reports, webhooks and partitions of the sample."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep
from unittest.mock import patch

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.utils import timezone

from fleet.models import Poll
from fleet.polls import partitions
from ingestion.models import Ingestion
from ingestion.signals import sample_removed
from jobs.lease import LeaseLost
from reports import tasks
from reports.build.computing import compute
from reports.build.services import build_report
from reports.models import Report
from reports.request.starting import start_report
from schedules import runs
from schedules.models import Schedule, ScheduledRun
from tests.database.files import (
    ingest,
    ingest_polls,
)
from tests.database.ingestion.sample_stores.arriving import NEWER, OLDER
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)


def test_unfinished_reports_go_too_and_their_workers_store_nothing(sample):
    report = Report.objects.create(as_of=timezone.now(), requested_by="a test")

    def computed(report):
        result = compute(report)
        ingest(OLDER)
        return result

    with patch("reports.build.services.compute", computed), pytest.raises(LeaseLost):
        build_report(report.pk)
    assert not Report.objects.exists()
    assert not default_storage.exists("reports") or default_storage.listdir("reports")[1] == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite begins one after the other")
def test_a_report_asked_for_as_it_goes_is_as_of_the_real_data(report, monkeypatch):
    """Between the deletion of its reports and the commit, others still see its polls."""
    monkeypatch.setattr(tasks, "enqueue", lambda report: None)
    asked = []

    def ask():
        try:
            return start_report(requested_by="a test").as_of
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:

        def ask_meanwhile(**_):
            asked.append(pool.submit(ask))
            while not asked[0].done() and not somebody_waits_for_a_lock():
                sleep(0.01)

        sample_removed.connect(ask_meanwhile)
        try:
            ingest(OLDER)
        finally:
            sample_removed.disconnect(ask_meanwhile)
    assert f"{asked[0].result():%F %H:%M}" == "2023-01-25 18:00"
    assert Report.objects.count() == 1


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database AS here ON here.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
        )
        return cursor.fetchone()[0] > 0


def test_webhooks_and_schedules_outlive_its_reports(report):
    now = timezone.now()
    webhook = Webhook.objects.create(
        name="BI",
        url="https://example.com/",
        created_at=now,
        secret_seed="seed",
        watching_since=now,
        watched_to=now,
    )
    Delivery.objects.create(
        webhook=webhook,
        report=report,
        event="report.complete",
        attempts_allowed=8,
        next_attempt_at=now,
        created_at=now,
    )
    schedule = Schedule.objects.create(
        name="Hourly", cadence="hourly", created_at=now, active_since=now, next_due_at=now
    )
    run = ScheduledRun.objects.create(
        schedule=schedule, period="now", due_at=now, report=report, created_at=now
    )
    ingest(OLDER)

    assert not Delivery.objects.exists()
    assert Webhook.objects.get() == webhook
    runs.settle_ended()
    run.refresh_from_db()
    assert (run.status, run.error) == (ScheduledRun.Status.FAILED, "The report was deleted.")


def test_a_file_that_storage_does_not_give_up_stops_nothing(report):
    with patch.object(FileSystemStorage, "delete", side_effect=OSError("away")):
        assert ingest(OLDER).status == Ingestion.Status.COMPLETE
    assert not Report.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no partitions")
def test_its_partitions_go_where_nothing_else_is_in_them(sample):
    assert ingest(OLDER).sample_stores_removed == 2
    assert [f"{week.start:%F}" for week in partitions.existing_weeks()] == ["2023-01-23"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no partitions")
def test_its_partitions_stay_where_real_polls_share_them(sample):
    ingest_polls(f"real,active,{NEWER}")
    assert Poll.objects.get().store.store_id == "real"
    assert [f"{week.start:%F}" for week in partitions.existing_weeks()] == ["2024-03-11"]
