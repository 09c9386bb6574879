"""Rows change first, files are removed after the commit: an unreachable storage misleads no one."""

import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from ingestion import retention as ingestion_retention
from reports import maintenance_tasks, retention, tasks
from reports.build import ending, parts, services, shards
from reports.build.ending import cancel, delete_reports, fail
from reports.models import Report, Shard
from reports.request.requesting import request_report
from tests.database.answers import AS_OF, complete, queued, running
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

AGED = timedelta(days=2)


def files():
    return default_storage.listdir("reports")[1] if default_storage.exists("reports") else []


def grow_old(name):
    at = (timezone.now() - AGED).timestamp()
    os.utime(default_storage.path(name), (at, at))


@pytest.fixture
def away(monkeypatch):
    """Media storage that removes nothing."""

    def fails(_):
        raise OSError("Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "delete", fails)
        yield patched


@pytest.fixture
def cut(settings):
    """A running report in three shards, of which one is done."""
    ingest_polls(*(f"{store},active,2023-01-25 11:00:00 UTC" for store in "abc"))
    settings.REPORT_SHARD_POLLS = 1
    report = request_report(as_of=AS_OF, requested_by="a test").report
    services.build_report(report.pk)
    shards.build_shard(report.shards.first().pk)
    assert len(files()) == 1
    return report


def test_it_is_cancelled_with_its_shards_while_the_storage_is_away(client, cut, away, caplog):
    answer = client.post(f"/api/v1/reports/{cut.pk}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "Cancelled")
    assert not Shard.objects.exists()
    assert "could not remove reports/" in caplog.text


def test_it_fails_and_says_why_while_the_storage_is_away(cut, away):
    fail(cut.pk, "no such zone")
    cut.refresh_from_db()
    assert (cut.status, cut.error) == ("Failed", "no such zone")
    assert shards.build_shard(cut.shards.last().pk) is None


def test_it_is_complete_though_its_parts_cannot_be_removed(cut, away):
    for shard in cut.shards.all():
        tasks.build_shard(shard.pk)
    cut.refresh_from_db()
    assert cut.status == "Complete"
    assert len(files()) == 4


def test_it_keeps_no_parts_that_could_not_be_put_together(cut, monkeypatch):
    def broken(*_, **__):
        raise ValueError("no such column")

    monkeypatch.setattr(parts, "assemble", broken)
    rest = list(cut.shards.filter(status="Queued"))
    shards.build_shard(rest[0].pk)
    with pytest.raises(ValueError, match="no such column"):
        tasks.build_shard(rest[1].pk)
    cut.refresh_from_db()
    assert (cut.status, files()) == ("Failed", [])


def test_it_is_deleted_while_the_storage_is_away(client, away, caplog):
    report = complete(requested_by="API from 127.0.0.1")
    assert client.delete(f"/api/v1/reports/{report.pk}/").status_code == 204
    assert not Report.objects.exists()
    assert "could not remove reports/" in caplog.text


def test_nothing_is_gone_where_deleting_or_cancelling_is_undone(cut):
    ended = complete()
    before = sorted(files())
    with transaction.atomic():
        assert cancel(cut.pk)
        assert delete_reports(Report.objects.all()) == 2
        transaction.set_rollback(True)
    assert sorted(files()) == before
    assert set(Report.objects.values_list("status", flat=True)) == {"Running", "Complete"}
    assert default_storage.exists(ended.file.name)


def test_deleting_takes_reports_of_every_status_with_files_and_parts(cut):
    for make in (complete, queued, running):
        make()
    assert delete_reports(Report.objects.all()) == 4
    assert not Report.objects.exists()
    assert not Shard.objects.exists()
    assert files() == []


def test_a_report_whose_removal_was_cut_short_is_never_one_without_its_file(monkeypatch):
    report = complete()
    Report.objects.update(finished_at=timezone.now() - AGED)

    class Killed(BaseException):
        pass

    def killed(_):
        raise Killed

    monkeypatch.setattr(ending, "remove_files", killed)
    with pytest.raises(Killed):
        retention.remove(timezone.now() - timedelta(days=1))
    assert not Report.objects.exists()
    assert default_storage.exists(report.file.name)


def test_what_no_row_names_goes_once_it_is_a_day_old(cut):
    kept = complete().file.name
    young = default_storage.save("reports/young.csv", ContentFile(b"half"))
    left = [
        default_storage.save(f"{folder}/left.csv", ContentFile(b"half"))
        for folder in ("reports", "rejects", "uploads")
    ]
    part = cut.shards.first().part
    for name in (kept, part, *left):
        grow_old(name)
    maintenance_tasks.remove_orphans()
    assert all(default_storage.exists(name) for name in (kept, part, young))
    assert not any(default_storage.exists(name) for name in left)


def test_a_part_of_a_report_that_has_ended_is_an_orphan(cut, away):
    fail(cut.pk, "no such zone")
    part = cut.shards.first().part
    grow_old(part)
    away.undo()
    maintenance_tasks.remove_orphans()
    assert not default_storage.exists(part)


def test_what_may_still_be_named_waits_longer_where_tasks_may_take_longer(settings):
    settings.CELERY_TASK_TIME_LIMIT = 3 * 24 * 60 * 60
    name = default_storage.save("reports/left.csv", ContentFile(b"half"))
    grow_old(name)
    maintenance_tasks.remove_orphans()
    assert default_storage.exists(name)
    assert ingestion_retention.strays("reports", (), timezone.now()) == [name]
