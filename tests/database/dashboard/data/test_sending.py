"""Files sent by a form: stored at once or kept for a worker, each with its own result."""

import gzip
import re

import pytest

from access.limits import rates
from access.limits.counters import FileCounters
from feeds.errors import TakesTooLong
from fleet.models import BusinessHours, Poll, Store
from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.dashboard.data.sending import DATA, HTMX, POLLS, send, words
from tests.database.files import HOURS, STATUS, STORES, TIME_ZONES, csv

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_stores_small_files_at_once_and_a_bad_one_does_not_stop_the_others(client, told):
    zones, hours = csv(TIME_ZONES, "a,Asia/Beirut"), csv(HOURS, "a,0,09:00:00,17:00:00")
    response = send(client, POLLS, "hello,world\n1,2\n", zones, hours, "")
    assert response.status_code == 400
    page = words(response)
    assert "0.csv Stored as store status: 1 new, 1 rejected. Rejected rows" in page
    assert "1.csv Nothing was stored. 1.csv has the header hello,world" in page
    assert "2.csv Stored as time zones: 1 new." in page
    assert "3.csv Stored as business hours: 1 new." in page
    assert "4.csv The submitted file is empty." in page
    assert (Poll.objects.count(), BusinessHours.objects.count()) == (1, 1)
    assert Store.objects.get().time_zone_id == "Asia/Beirut"
    states = Ingestion.objects.order_by("pk").values_list("status", flat=True)
    assert list(states) == ["Complete", "Failed", "Complete", "Complete"]
    assert not told


def test_it_takes_what_the_api_takes(client):
    names = csv(STORES, "a,Maple Street Diner,airport")
    polls = b'{"store_id": "a", "status": "active", "timestamp_utc": "2023-01-22T12:00:00Z"}\n'
    assert send(client, gzip.compress(POLLS.encode()), names, polls).status_code == 200
    assert Store.objects.get().name == "Maple Street Diner"
    assert Poll.objects.count() == 2


def test_it_answers_a_script_with_a_line_for_each_file(client):
    response = send(client, POLLS, "nonsense", headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in text
    assert text.count("<li") == 2


def test_it_keeps_large_files_for_a_worker(client, told, settings):
    settings.SYNC_INGEST_MAX_BYTES = 1
    response = send(client, POLLS, csv(TIME_ZONES, "a,Asia/Beirut"))
    assert response.status_code == 202
    assert "0.csv Received. A worker is going to store it." in words(response)
    records = list(Ingestion.objects.order_by("pk"))
    assert [(record.status, record.feed) for record in records] == [
        ("Queued", "status"),
        ("Queued", "timezones"),
    ]
    assert [record.pk for record in records] == told
    assert "Waiting for a worker" in words(client.get(DATA))
    for record in records:
        queued.ingest_upload(record.pk)
    assert Store.objects.get().time_zone_id == "Asia/Beirut"


def test_it_waits_behind_an_earlier_file_of_its_feed(client, settings):
    settings.SYNC_INGEST_MAX_BYTES = 1
    send(client, POLLS)
    settings.SYNC_INGEST_MAX_BYTES = 1_000_000
    assert send(client, POLLS).status_code == 202


def test_it_leaves_a_file_to_a_worker_that_takes_too_long(client, monkeypatch, told):
    monkeypatch.setattr("ingestion.http.uploads._Deadline.__call__", _late)
    response = send(client, POLLS)
    assert response.status_code == 202
    record = Ingestion.objects.get(pk=told[-1])
    queued.ingest_upload(record.pk)
    assert Poll.objects.count() == 1


def _late(*_):
    raise TakesTooLong("too slow")


@pytest.mark.usefixtures("unreachable")
def test_it_says_that_files_could_not_be_queued(client, settings):
    settings.SYNC_INGEST_MAX_BYTES = 1
    response = send(client, POLLS)
    assert response.status_code == 503
    assert "0.csv The message broker cannot be reached" in words(response)
    assert Ingestion.objects.get().status == "Failed"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"whole": "True"}, "Choose at least one file."),
        ({}, "The upload was cut off. Send the files again."),
    ],
)
def test_it_refuses_what_is_no_whole_upload(client, values, sentence):
    response = client.post(DATA, values)
    assert response.status_code == 400
    assert sentence in words(response)


def test_it_refuses_too_many_files(client, monkeypatch):
    monkeypatch.setattr("dashboard.pages.data.receiving.MOST_FILES", 1)
    assert "Send at most 1 files at once." in words(send(client, POLLS, POLLS))
    assert not Ingestion.objects.exists()


def test_it_refuses_a_body_above_the_limit(client, settings):
    settings.MAX_UPLOAD_BYTES = 100_000
    assert send(client, POLLS, "x" * 200_000).status_code == 413
    assert not Ingestion.objects.exists()


def test_it_takes_files_larger_than_any_other_form(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 70_000
    row = "a,active,2023-01-22 12:09:39.388884 UTC"
    assert send(client, csv(STATUS, *[row] * 3000)).status_code == 200


def test_it_limits_how_often_files_are_sent(client, settings, monkeypatch, tmp_path):
    counters = FileCounters(tmp_path / "counts.sqlite3")
    monkeypatch.setattr(rates, "counters", lambda: counters)
    monkeypatch.setattr(rates._Pause, "until", 0.0)
    settings.RATE_LIMIT_WRITE = 1
    assert send(client, POLLS).status_code == 200
    refused = send(client, POLLS)
    assert (refused.status_code, 1 <= int(refused["Retry-After"]) <= 60) == (429, True)
    assert "Too many requests" in words(refused)
    assert client.post("/api/v1/polls/", POLLS, content_type="text/csv").status_code == 429
    counters.close()


def test_it_needs_the_token_of_its_own_form(client):
    strict = type(client)(enforce_csrf_checks=True)
    assert send(strict, POLLS).status_code == 403
    page = strict.get(DATA).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert send(strict, POLLS, csrfmiddlewaretoken=token).status_code == 200
