"""The sample makes way for the first real data, whatever way they come in, and leaves no trace."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from unittest.mock import patch

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from feeds.errors import UnusableFile
from fleet.models import BusinessHours, Poll, Store, Tag
from fleet.polls import partitions
from fleet.versions import current_version
from ingestion import tasks as ingestion_tasks
from ingestion.models import Ingestion
from ingestion.queue import queued
from ingestion.signals import sample_removed
from jobs.lease import LeaseLost
from reports import tasks
from reports.build.computing import compute
from reports.build.services import build_report
from reports.models import Report, Status
from reports.request.starting import start_report
from schedules import runs
from schedules.models import Schedule, ScheduledRun
from tests.database.files import (
    HOURS,
    STATUS,
    csv,
    ingest,
    ingest_hours,
    ingest_polls,
    ingest_stores,
    ingest_time_zones,
    write,
)
from webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db(transaction=True)

NEWER = "2024-03-13 18:00:00 UTC"
OLDER = csv(STATUS, "real,active,2023-01-25 18:00:00 UTC")
FILES = {
    "polls.csv": csv(STATUS, f"one,active,{NEWER}", f"two,inactive,{NEWER}"),
    "hours.csv": csv(HOURS, "one,0,09:00,17:00"),
    "zones.csv": csv("store_id,timezone_str", "one,Asia/Tokyo"),
    "stores.csv": csv("store_id,name,tags", "one,First,made-up"),
}


@pytest.fixture
def sample():
    """Two stores of a sample."""
    for name, text in FILES.items():
        ingest(text, name, is_sample=True)
    assert set(Store.objects.values_list("store_id", "is_sample")) == {("one", True), ("two", True)}


@pytest.fixture
def report(sample, monkeypatch):
    """A report of the sample, complete, with its file."""
    monkeypatch.setattr(tasks, "enqueue", lambda report: build_report(report.pk))
    report = start_report(requested_by="a test")
    report.refresh_from_db()
    assert report.status == Status.COMPLETE
    assert Path(report.file.path).exists()
    return report


def store_ids():
    return set(Store.objects.values_list("store_id", flat=True))


@pytest.mark.parametrize(
    "arrives",
    [
        lambda: ingest_polls("real,active,2023-01-25 18:00:00 UTC"),
        lambda: ingest_polls("real,active,2025-01-25 18:00:00 UTC"),
        lambda: ingest_hours("real,0,09:00,17:00"),
        lambda: ingest_time_zones("real,Asia/Tokyo"),
        lambda: ingest_stores("real,A name,a tag"),
    ],
    ids=["older polls", "newer polls", "hours", "time zones", "names"],
)
def test_it_makes_way_for_real_data_of_any_feed(report, arrives):
    version = current_version()
    record = arrives()

    assert record.sample_stores_removed == 2
    assert Ingestion.objects.get(pk=record.pk).sample_stores_removed == 2
    assert set(Store.objects.values_list("store_id", "is_sample")) == {("real", False)}
    assert not Poll.objects.exclude(store__store_id="real").exists()
    assert not BusinessHours.objects.exclude(store__store_id="real").exists()
    assert not Tag.objects.filter(name="made-up").exists()
    assert not Report.objects.exists()
    assert not Path(report.file.path).exists()
    assert current_version() > version


def test_it_makes_way_once(sample):
    assert ingest(OLDER).sample_stores_removed == 2
    assert ingest_polls("more,active,2023-01-25 18:00:00 UTC").sample_stores_removed == 0
    assert store_ids() == {"real", "more"}


def test_a_report_is_as_of_the_real_data_that_are_older(report, client):
    ingest(OLDER)
    answer = client.post("/trigger_report").json()
    told = client.get("/get_report", {"report_id": answer["report_id"]}).json()
    assert told["as_of"].startswith("2023-01-25T18:00:00")
    assert "real,60.00,24.00," in told["report"]


def test_it_stays_where_nothing_could_be_stored(report):
    for bad in ("name,age", csv(STATUS), csv(STATUS, "real,asleep,yesterday")):
        with pytest.raises(UnusableFile):
            ingest(bad)
    assert store_ids() == {"one", "two"}
    assert Poll.objects.count() == 2
    assert Report.objects.get() == report
    assert Path(report.file.path).exists()


@pytest.mark.parametrize("broken", ["ingestion.services._load", "reports.build.ending._parts"])
def test_it_stays_whole_when_an_ingestion_fails_midway(report, broken):
    version = current_version()
    with patch(broken, side_effect=ValueError("midway")), pytest.raises(ValueError, match="midway"):
        ingest(OLDER)
    failed = Ingestion.objects.first()
    assert (failed.status, failed.sample_stores_removed) == (Ingestion.Status.FAILED, 0)
    assert set(Store.objects.values_list("store_id", "is_sample")) == {("one", True), ("two", True)}
    assert (Poll.objects.count(), BusinessHours.objects.count()) == (2, 1)
    assert Report.objects.get() == report
    assert Path(report.file.path).exists()
    assert current_version() == version


def test_a_real_store_may_have_the_id_of_a_sample_store(sample):
    before = Store.objects.get(store_id="one").key
    ingest_polls("one,inactive,2023-01-25 18:00:00 UTC", f"one,inactive,{NEWER}")

    store = Store.objects.get()
    assert (store.store_id, store.is_sample, store.name) == ("one", False, "")
    assert (store.time_zone_id, store.last_status) == (None, 0)
    assert store.key != before
    assert Poll.objects.count() == 2
    assert not BusinessHours.objects.exists()


def test_a_sample_store_that_somebody_edited_is_still_of_the_sample(sample, client):
    body = {"name": "Mine"}
    client.patch("/api/v1/stores/one/", body, content_type="application/json")
    body = {"name": "Made", "tags": ["by hand"], "time_zone": None, "business_hours": []}
    client.put("/api/v1/stores/made/", body, content_type="application/json")
    ingest(OLDER)
    assert store_ids() == {"made", "real"}
    assert Tag.objects.get().name == "by hand"


def test_its_own_files_may_come_in_again(report):
    record = ingest(FILES["polls.csv"], "again.csv")
    assert (record.rows_repeated, record.sample_stores_removed, record.is_sample) == (2, 0, True)
    assert Report.objects.get() == report
    Store.objects.get(store_id="two").delete()
    ingest(FILES["polls.csv"], "again.csv")
    assert Store.objects.get(store_id="two").is_sample


def test_it_does_not_come_in_beside_real_stores():
    ingest(OLDER)
    with pytest.raises(UnusableFile, match=r"polls\.csv: there are real stores"):
        ingest(FILES["polls.csv"], "polls.csv", is_sample=True)
    assert store_ids() == {"real"}


def test_it_becomes_ordinary_stores_where_it_is_to_be_kept(report):
    ingest(OLDER, keep_sample=True)
    record = ingest_polls("more,active,2023-01-25 18:00:00 UTC")
    assert record.sample_stores_removed == 0
    assert store_ids() == {"one", "two", "real", "more"}
    assert not Store.objects.filter(is_sample=True).exists()
    assert Report.objects.get() == report


def run(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("ingest", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_says_once_what_came_in_and_what_went(sample, tmp_path, caplog):
    caplog.set_level("INFO")
    folder = write(tmp_path / "feeds", a=OLDER, b=csv(STATUS, "b,active,2023-01-25 18:00:00 UTC"))
    out, err = run(folder)
    lines = out.splitlines()
    assert lines[1] == "a.csv replaced the sample (2 stores) and its reports."
    assert [line.split(" ")[0] for line in lines] == ["a.csv", "a.csv", "b.csv"]
    assert err == ""
    assert not [one for one in caplog.records if one.name.startswith("ingestion")]


def test_the_command_says_a_fault_once(tmp_path, caplog):
    caplog.set_level("INFO")
    (tmp_path / "bad.csv").write_text("name,age\n")
    (tmp_path / "good.csv").write_text(OLDER)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command("ingest", str(tmp_path), stdout=out, stderr=err)
    assert err.getvalue().count("bad.csv") == 1
    assert not [one for one in caplog.records if one.name.startswith("ingestion")]


def test_the_command_keeps_the_sample_when_told_to(sample, tmp_path):
    out, _ = run("--keep-sample", write(tmp_path / "feeds", a=OLDER))
    assert "sample" not in out
    assert store_ids() == {"one", "two", "real"}


# Over HTTP


def send(client, path, **options):
    body = SimpleUploadedFile("real.csv", OLDER.encode())
    return client.post(path, {"file": body}, **options)


@pytest.mark.parametrize("path", ["/trigger_report", "/api/v1/polls/", "/api/v1/ingestions/"])
def test_every_way_over_http_replaces_or_keeps_it(report, client, path):
    kept = send(client, f"{path}?keep_sample=true").json()
    assert ingestion_of(kept)["sample_stores_removed"] == 0
    assert store_ids() == {"one", "two", "real"}
    Store.objects.update(is_sample=True)

    replaced = send(client, path).json()
    assert ingestion_of(replaced)["sample_stores_removed"] == 3
    assert store_ids() == {"real"}
    assert "real.csv replaced the sample (3 stores) and its reports." in replaced["message"]


def ingestion_of(answer):
    return answer["ingestion"] if "ingestion" in answer else answer["ingestions"][0]


@pytest.mark.parametrize("keep", [True, False])
def test_a_queued_file_replaces_or_keeps_it(report, client, monkeypatch, keep):
    monkeypatch.setattr(ingestion_tasks, "enqueue", lambda _: None)
    address = f"/api/v1/polls/?keep_sample={str(keep).lower()}"
    answer = send(client, address, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert store_ids() == {"one", "two"}

    queued.ingest_upload(answer.json()["ingestion"]["id"])
    told = client.get(answer["Location"]).json()
    assert told["sample_stores_removed"] == (0 if keep else 2)
    assert store_ids() == ({"one", "two", "real"} if keep else {"real"})


def test_a_file_sent_in_the_admin_replaces_it(report, admin_client, monkeypatch):
    monkeypatch.setattr(ingestion_tasks, "enqueue", lambda _: None)
    upload = SimpleUploadedFile("real.csv", OLDER.encode())
    address = reverse("admin:ingestion_ingestion_add")
    admin_client.post(address, {"uploads": [upload], "whole": "True"})
    record = Ingestion.objects.get(status=Ingestion.Status.QUEUED)
    queued.ingest_upload(record.pk)
    assert store_ids() == {"real"}
    page = admin_client.get(reverse("admin:ingestion_ingestion_change", args=[record.pk]))
    assert "real.csv replaced the sample (2 stores) and its reports." in page.content.decode()
    assert 'name="keep_sample"' not in admin_client.get(address).content.decode()


def test_a_file_sent_in_the_admin_keeps_it_where_that_is_ticked(report, admin_client, monkeypatch):
    monkeypatch.setattr(ingestion_tasks, "enqueue", lambda _: None)
    address = reverse("admin:ingestion_ingestion_add")
    assert 'name="keep_sample"' in admin_client.get(address).content.decode()
    upload = SimpleUploadedFile("real.csv", OLDER.encode())
    admin_client.post(address, {"uploads": [upload], "keep_sample": "on", "whole": "True"})
    queued.ingest_upload(Ingestion.objects.get(status=Ingestion.Status.QUEUED).pk)
    assert store_ids() == {"one", "two", "real"}


# What was made of it


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
