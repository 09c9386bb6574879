"""Old data is removed on request; other data stays."""

import os
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from fleet.models import Poll
from ingestion.models import Ingestion
from reports import maintenance_tasks
from reports.build.services import build_report
from reports.models import Report
from reports.request.requesting import request_report
from tests.database.clocks import standing_still
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2024, 6, 14, 12, tzinfo=UTC)  # a Friday


@pytest.fixture(autouse=True)
def _now():
    with standing_still(NOW):
        yield


def prune(*arguments: str) -> str:
    output = StringIO()
    call_command("prune", *arguments, stdout=output)
    return output.getvalue()


def polled() -> list[str]:
    instants = Poll.objects.order_by("polled_at").values_list("polled_at", flat=True)
    return [f"{at:%m-%d}" for at in instants]


def ingest_days(*days: str) -> None:
    ingest_polls(*(f"1,active,2024-{day} 12:00:00 UTC" for day in days))


def test_it_shows_and_keeps_everything_unless_told_to_apply():
    ingest_days("01-01", "06-14")
    assert "Nothing was removed" in prune("--keep", "30d")
    assert polled() == ["01-01", "06-14"]


def test_it_removes_polls_older_than_asked():
    ingest_days("01-01", "02-01", "06-14")
    prune("--keep", "30d", "--apply")
    assert polled() == ["06-14"]


def test_it_never_removes_a_poll_that_is_younger():
    # 30 days back is 15 May, a Wednesday; PostgreSQL keeps that week as a whole.
    ingest_days("05-12", "05-13", "05-15", "05-16")
    prune("--keep", "30d", "--apply")
    if connection.vendor == "postgresql":
        assert polled() == ["05-13", "05-15", "05-16"]
    else:
        assert polled() == ["05-15", "05-16"]


def test_it_removes_old_reports_with_their_files():
    ingest_days("06-01")
    old, young = (request_report(requested_by="a test").report for _ in range(2))
    for report in (old, young):
        build_report(report.pk)
    Report.objects.filter(pk=old.pk).update(finished_at=NOW - timedelta(days=31))
    old.refresh_from_db()
    prune("--keep", "30d", "--apply")
    assert list(Report.objects.values_list("pk", flat=True)) == [young.pk]
    assert not default_storage.exists(old.file.name)
    young.refresh_from_db()
    assert default_storage.exists(young.file.name)


@pytest.mark.parametrize("folder", ["reports", "rejects", "uploads"])
def test_it_removes_files_that_a_killed_process_left(folder):
    for name, age in (("old", 31), ("young", 29)):
        default_storage.save(f"{folder}/{name}.csv", ContentFile(b"half"))
        written = (NOW - timedelta(days=age)).timestamp()
        os.utime(default_storage.path(f"{folder}/{name}.csv"), (written, written))
    prune("--keep", "30d", "--apply")
    assert default_storage.listdir(folder)[1] == ["young.csv"]


@pytest.mark.parametrize("folder", ["reports", "rejects", "uploads"])
def test_it_goes_on_past_a_file_that_a_worker_removes_meanwhile(folder, monkeypatch):
    listdir = default_storage.listdir
    default_storage.save(f"{folder}/old.csv", ContentFile(b"half"))
    os.utime(default_storage.path(f"{folder}/old.csv"), (0, 0))

    def listed_before(path):
        folders, files = listdir(path)
        return folders, ["gone.csv", *files] if path == folder else files

    monkeypatch.setattr(default_storage, "listdir", listed_before)
    prune("--keep", "30d", "--apply")
    assert listdir(folder)[1] == []


def test_it_removes_old_records_of_ingestions_with_their_rejects():
    ingest_polls("1,active,2024-06-01 12:00:00 UTC", "1,perhaps,2024-06-01 13:00:00 UTC")
    rejects = Ingestion.objects.get().rejects.name
    Ingestion.objects.update(finished_at=NOW - timedelta(days=31))
    prune("--keep", "30d", "--apply")
    assert not Ingestion.objects.exists()
    assert not default_storage.exists(rejects)


@pytest.mark.parametrize("age", ["", "90", "90y", "-1d", "8d"])
def test_it_refuses_an_age_that_is_none_or_that_reports_need(age):
    with pytest.raises(CommandError):
        prune("--keep", age)


def test_it_needs_older_data_where_reports_look_further_back(settings):
    settings.UPTIME_LOOK_BACK = timedelta(days=3)
    with pytest.raises(CommandError, match="keep at least 11d"):
        prune("--keep", "10d")
    assert "Nothing was removed" in prune("--keep", "11d")


def test_it_removes_by_schedule_what_the_command_would_and_says_each(settings, caplog):
    ingest_polls(
        "1,active,2024-01-01 12:00:00 UTC",
        "1,perhaps,2024-06-01 13:00:00 UTC",
        "1,active,2024-06-14 12:00:00 UTC",
    )
    report = request_report(requested_by="a test").report
    build_report(report.pk)
    month_ago = NOW - timedelta(days=31)
    Report.objects.update(finished_at=month_ago)
    Ingestion.objects.update(finished_at=month_ago)
    settings.PRUNE_KEEP = timedelta(days=30)
    caplog.set_level("INFO")
    caplog.clear()

    maintenance_tasks.prune()

    assert polled() == ["06-14"]
    assert not Report.objects.exists()
    assert not Ingestion.objects.exists()
    said = [message for message in caplog.messages if message.startswith("removed ")]
    assert len(said) == 2
    assert "2024-01-01" in said[0]
    assert f"report {report.pk}: deleted" in caplog.messages


def test_it_removes_nothing_where_no_age_is_set(settings):
    ingest_days("01-01")
    settings.PRUNE_KEEP = None
    maintenance_tasks.prune()
    assert polled() == ["01-01"]
