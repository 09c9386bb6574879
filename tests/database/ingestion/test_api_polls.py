"""POST /api/v1/polls/ and its results in /api/v1/ingestions/."""

import gzip
import json

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from fleet.models import Poll
from ingestion import tasks
from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.answers import POLLS, release
from tests.database.files import HOURS, csv

pytestmark = pytest.mark.django_db(transaction=True)

NDJSON = (
    '{"store_id": "a", "status": "active", "timestamp_utc": "2023-01-25 18:13:22.47922 UTC"}\n'
    '{"store_id": 7, "status": "inactive", "timestamp_utc": "2023-01-25T18:00:00Z", "x": 1}\n'
)


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued ingestions, and whether their rows were committed by then."""
    calls = []
    monkeypatch.setattr(
        tasks, "_send", lambda number: calls.append((number, not connection.in_atomic_block))
    )
    return calls


def post(client, body, content_type="text/csv", **headers):
    data = body.encode() if isinstance(body, str) else body
    return client.post("/api/v1/polls/", data, content_type=content_type, headers=headers)


def uploads():
    return default_storage.listdir("uploads")[1] if default_storage.exists("uploads") else []


def get(client, ingestion_id):
    return client.get(f"/api/v1/ingestions/{ingestion_id}/")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (POLLS, "text/csv"),
        (NDJSON, "application/x-ndjson"),
        (NDJSON, "application/x-ndjson; charset=utf-8"),
        (gzip.compress(NDJSON.encode(), mtime=0), "application/gzip"),
        (gzip.compress(POLLS.encode(), mtime=0), "application/octet-stream"),
    ],
)
def test_it_stores_a_small_batch_at_once(client, told, body, content_type):
    response = post(client, body, content_type)
    assert response.status_code == 200
    ingestion = response.json()["ingestion"]
    assert ingestion["status"] == "Complete"
    assert ingestion["rows_new"] == Poll.objects.count() > 0
    assert (told, uploads()) == ([], [])
    assert get(client, ingestion["id"]).json() == ingestion


def test_it_takes_a_file_in_a_form(client):
    upload = SimpleUploadedFile("polls.ndjson", NDJSON.encode())
    response = client.post("/api/v1/polls", {"file": upload})
    assert response.json()["ingestion"]["name"] == "polls.ndjson"
    assert response.json()["ingestion"]["rows_new"] == 2


@pytest.mark.parametrize("body", [POLLS, NDJSON])
def test_it_says_that_the_same_batch_again_changes_nothing(client, body):
    first, second = (post(client, body).json() for _ in range(2))
    assert "new polls" in first["message"]
    assert second["message"] == "Nothing changed: all these polls were already known."
    assert second["ingestion"]["rows_repeated"] == first["ingestion"]["rows_new"]
    assert second["ingestion"]["sha256"] == first["ingestion"]["sha256"]


def test_it_tells_the_lines_that_were_rejected(client):
    ingestion = post(client, NDJSON + "{}\n", "application/x-ndjson").json()["ingestion"]
    rejects = client.get(ingestion["rejects"])
    assert b"request body,3,store_id,,is missing" in b"".join(rejects.streaming_content)
    release(rejects)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (csv(HOURS, "a,0,09:00,17:00"), "unusable_file"),
        ("a,b\n1,2\n", "unusable_file"),
        ('{"store_id": 1}\n', "unusable_file"),
        ("[]", "unusable_file"),
        ("", "invalid"),
    ],
)
def test_it_takes_nothing_but_polls(client, body, code):
    response = post(client, body)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not Poll.objects.exists()


def test_it_refuses_a_body_that_is_too_large_or_of_another_type(client, settings):
    assert post(client, NDJSON, "application/json").status_code == 415
    settings.MAX_UPLOAD_BYTES = 10
    assert post(client, POLLS).status_code == 413
    assert not Ingestion.objects.exists()


def assert_waiting(client, response, told, body):
    assert response.status_code == 202
    ingestion = response.json()["ingestion"]
    assert response["Location"] == ingestion["url"]
    assert response["Retry-After"] == "1"
    assert told == [(ingestion["id"], True)]
    assert ingestion["status"] == "Queued"
    assert ingestion["started_at"] is None
    size = len(body.encode())
    expected = {"phase": "waiting", "done": 0, "total": size, "percent": 0}
    assert ingestion["progress"] == expected
    assert len(uploads()) == 1
    answer = client.get(ingestion["url"])
    assert answer.json() == ingestion
    assert answer["Retry-After"] == "1"
    return ingestion["id"]


def test_it_keeps_a_large_batch_for_a_worker(client, settings, told):
    settings.SYNC_INGEST_MAX_BYTES = 10
    response = post(client, NDJSON, "application/x-ndjson")
    number = assert_waiting(client, response, told, NDJSON)
    assert not Poll.objects.exists()

    queued.ingest_upload(number)

    answer = get(client, number)
    assert "Retry-After" not in answer
    ingestion = answer.json()
    assert (ingestion["status"], ingestion["rows_new"], ingestion["attempts"]) == ("Complete", 2, 1)
    assert ingestion["progress"] == {"phase": "stored", "done": 2, "total": 2, "percent": 100}
    assert uploads() == []


@pytest.mark.parametrize("prefer", ["respond-async", "wait=5, Respond-Async; x=1"])
def test_it_keeps_a_batch_for_a_worker_where_that_is_preferred(client, told, prefer):
    response = post(client, POLLS, Prefer=prefer)
    assert_waiting(client, response, told, POLLS)
    assert response["Preference-Applied"] == "respond-async"


def test_it_leaves_nothing_behind_when_the_broker_is_away(client, monkeypatch):
    def send(_):
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks, "_send", send)
    response = post(client, POLLS, Prefer="respond-async")
    assert (response.status_code, response.json()["code"]) == (503, "broker_unreachable")
    assert response.json()["ingestion"]["status"] == "Failed"
    assert "queue could not be reached" in Ingestion.objects.get().error
    assert uploads() == []


def test_it_copies_a_batch_before_any_transaction_begins(client, told, monkeypatch):
    save = default_storage.save
    copied = []

    def look_and_save(*arguments):
        copied.append(connection.in_atomic_block)
        return save(*arguments)

    monkeypatch.setattr(default_storage._wrapped, "save", look_and_save)
    assert_waiting(client, post(client, POLLS, Prefer="respond-async"), told, POLLS)
    assert copied == [False]


def test_it_keeps_no_batch_whose_row_cannot_be_written(client, told, monkeypatch):
    def write(**_):
        raise DatabaseError("disk full")

    monkeypatch.setattr(Ingestion.objects, "create", write)
    with pytest.raises(DatabaseError):
        post(client, POLLS, Prefer="respond-async")
    assert (told, uploads()) == ([], [])


def test_it_lists_ingestions_newest_first(client):
    numbers = [post(client, POLLS).json()["ingestion"]["id"] for _ in range(3)]
    page = client.get("/api/v1/ingestions/").json()
    assert [each["id"] for each in page["results"]] == numbers[::-1]
    assert page["next"] is None


def test_it_pages_through_ingestions(client, monkeypatch):
    monkeypatch.setattr("ingestion.http.views.NewestFirst.page_size", 2)
    for _ in range(3):
        post(client, POLLS)
    first = client.get("/api/v1/ingestions/").json()
    second = client.get(first["next"]).json()
    assert [len(page["results"]) for page in (first, second)] == [2, 1]


def test_it_knows_no_other_ingestion(client):
    answer = get(client, 1)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "not_found")


def test_it_stores_nothing_of_a_file_that_unpacks_to_more_than_is_allowed(client, settings):
    settings.MAX_UNPACKED_BYTES = 1000
    lines = b"".join(b"a,active,2023-01-25 18:%02d:00 UTC\n" % minute for minute in range(60))
    body = gzip.compress(b"store_id,status,timestamp_utc\n" + lines)
    assert len(body) < 1000
    response = client.post("/api/v1/polls/", body, content_type="application/gzip")
    assert (response.status_code, response.json()["code"]) == (400, "unusable_file")
    assert "1,000 bytes" in response.json()["detail"]
    assert not Poll.objects.exists()
