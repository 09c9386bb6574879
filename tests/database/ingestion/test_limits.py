"""Limits of one file or one request, however it is sent."""

import io
import json
import time
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from feeds.errors import UnusableFile
from fleet.models import Poll
from ingestion.http import uploads
from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.files import STATUS, csv, ingest, ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

POLL = "a,active,2024-01-15 09:00:00 UTC"
FAR = "2100-12-31 00:00:00"
AHEAD = "is more than 24 hours ahead of now"


def in_hours(hours):
    return f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%d %H:%M:%S} UTC"


def weekly(weeks):
    """One poll of each of so many weeks."""
    days = [datetime(2005, 1, 3, tzinfo=UTC) + timedelta(weeks=week) for week in range(weeks)]
    return [f"a,active,{day:%Y-%m-%d} 09:00:00" for day in days]


def packed_by(method):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("polls.csv", csv(STATUS, POLL))
    return file.getvalue()


def send(client, data, content_type="text/csv", address="/api/v1/polls/"):
    return client.post(address, data, content_type=content_type)


def by_worker(data):
    """The outcome of a file that waits for a worker."""
    upload = SimpleUploadedFile("sent.csv", data)
    record = queued.request_ingestion(upload, name="sent.csv", requested_by="a test")
    queued.ingest_upload(record.pk)
    record.refresh_from_db()
    return record


def rejected(record):
    with default_storage.open(record.rejects.name) as file:
        return file.read().decode().splitlines()


def test_it_rejects_polls_far_ahead_of_now():
    late = in_hours(25)
    record = ingest_polls(POLL, f"a,active,{in_hours(23)}", f"a,active,{late}")
    assert (record.rows_new, record.rows_rejected) == (2, 1)
    assert rejected(record)[1:] == [f"polls.csv,4,timestamp_utc,{late},{AHEAD}"]


def test_it_rejects_them_as_far_ahead_as_the_setting_says(settings):
    settings.POLL_MAX_AHEAD_HOURS = 2
    assert ingest_polls(POLL, f"a,active,{in_hours(3)}").rows_rejected == 1


@pytest.mark.parametrize("kind", ["text/csv", "application/x-ndjson"])
def test_it_rejects_polls_far_ahead_that_come_in_requests(client, kind):
    poll = {"store_id": "a", "status": "active", "timestamp_utc": FAR}
    text = csv(STATUS, f"a,active,{FAR}") if kind == "text/csv" else json.dumps(poll) + "\n"
    answer = send(client, text, kind)
    assert (answer.status_code, answer.json()["code"]) == (400, "unusable_file")
    assert AHEAD in answer.json()["detail"]
    assert not Poll.objects.exists()


def test_it_rejects_polls_far_ahead_that_a_worker_reads():
    record = by_worker(csv(STATUS, POLL, f"a,active,{FAR}").encode())
    assert (record.status, record.rows_new, record.rows_rejected) == ("Complete", 1, 1)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_it_refuses_archives_that_would_be_unpacked_whole(client, method, tmp_path):
    answer = send(client, packed_by(method), "application/zip")
    assert (answer.status_code, answer.json()["code"]) == (400, "unusable_file")
    assert "use deflate" in answer.json()["detail"]

    path = tmp_path / "polls.zip"
    path.write_bytes(packed_by(method))
    with pytest.raises(CommandError):
        call_command("ingest", str(path))

    record = by_worker(packed_by(method))
    assert record.status == "Failed"
    assert "use deflate" in record.error


DAMAGED = {
    "cut": packed_by(zipfile.ZIP_DEFLATED)[:-30],
    "zip, nothing else": b"PK\x03\x04",
    "gzip, nothing else": b"\x1f\x8b\x08",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_it_answers_400_to_a_damaged_archive(client, data):
    answer = send(client, data, "application/zip")
    assert (answer.status_code, answer.json()["code"]) == (400, "unusable_file")
    assert "damaged" in answer.json()["detail"]


def test_it_keeps_the_first_rejected_rows_of_a_file_and_counts_the_others(settings):
    settings.REJECTS_MAX_ROWS = 5
    record = ingest(csv(STATUS, POLL, *["b,up,never"] * 20), "polls.csv")
    assert record.rows_rejected == 20
    lines = rejected(record)
    assert [line.startswith("polls.csv,") for line in lines] == [False, True, *[False] * 5]
    assert lines[-1].startswith(",,,,15 more rows were rejected")


def test_it_refuses_a_file_that_would_fill_too_many_new_weeks(settings):
    settings.POLL_MAX_NEW_WEEKS = 5
    with pytest.raises(UnusableFile, match="polls in 6 weeks that had none, and 5 are allowed"):
        ingest_polls(*weekly(6))
    assert not Poll.objects.exists()


def test_it_takes_any_number_of_weeks_that_have_polls(settings):
    settings.POLL_MAX_NEW_WEEKS = 5
    assert ingest_polls(*weekly(5)).rows_new == 5
    assert ingest_polls(*weekly(10)).rows_new == 5


@pytest.fixture
def late(monkeypatch):
    """Has the clock of deadlines run an hour ahead whenever it is asked."""
    start, asked = time.monotonic(), iter(range(1_000_000))

    class Clock:
        monotonic = staticmethod(lambda: start + 3600 * next(asked))

    monkeypatch.setattr(uploads, "time", Clock)


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize("address", ["/api/v1/polls/", "/api/v1/ingestions/", "/trigger_report"])
def test_it_answers_413_where_reading_takes_longer_than_a_sender_may_wait(client, address):
    answer = send(client, csv(STATUS, POLL), address=address)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_takes_too_long")
    assert "respond-async" in answer.json()["detail"]
    assert not Poll.objects.exists()
    assert Ingestion.objects.get().status == "Failed"


def test_it_takes_large_bodies_only_from_who_may_ingest(client, settings):
    body = json.dumps({"file": csv(STATUS, *[POLL] * 3000)})
    settings.ANONYMOUS_SCOPES = ["read"]
    assert send(client, body, "application/json", "/trigger_report").status_code == 413
    settings.ANONYMOUS_SCOPES = ["read", "ingest"]
    assert send(client, body, "application/json", "/trigger_report").status_code == 202


@pytest.mark.parametrize("item", ["[]", '""', "1", '{"a":1}'])
def test_it_refuses_json_that_is_large_by_anything_but_text(client, item):
    body = f"[{','.join([item] * 70_000)}]"
    answer = send(client, body, "application/json", "/trigger_report")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_it_reads_an_endless_string_of_json_once(client):
    body = '{"file": "' + '\\"' * 500_000
    answer = send(client, body, "application/json", "/trigger_report")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
