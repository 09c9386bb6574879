"""The sample is replaced or kept by command, API and admin."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from fleet.models import Store
from ingestion import tasks as ingestion_tasks
from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.files import (
    STATUS,
    csv,
    write,
)
from tests.database.ingestion.sample_stores.arriving import OLDER, run, store_ids

pytestmark = pytest.mark.django_db(transaction=True)


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
