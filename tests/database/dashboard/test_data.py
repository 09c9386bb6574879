"""The data page: files sent by a form, what became of them, rejected rows, and the feeds."""

import gzip
import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu.exceptions import OperationalError

from access.limits import rates
from access.limits.counters import FileCounters
from access.models import AuditEntry
from fleet.models import BusinessHours, Poll, Store
from ingestion import tasks
from ingestion.models import Ingestion
from ingestion.queue import queued
from tests.database.admin_pages import member_of
from tests.database.files import (
    HOURS,
    STATUS,
    STORES,
    TIME_ZONES,
    csv,
    ingest_hours,
    ingest_polls,
    ingest_stores,
    ingest_time_zones,
)

pytestmark = pytest.mark.django_db(transaction=True)

DATA = "/data/"
POLLS = csv(STATUS, "a,active,2023-01-22 12:09:39.388884 UTC", "a,active,never")
HTMX = {"HX-Request": "true"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "\N{GRINNING FACE}" * 50,
    "x" * 300,
    "{{ 7 }}&amp;",
]


@pytest.fixture(autouse=True)
def told(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "_send", calls.append)
    return calls


@pytest.fixture
def unreachable(monkeypatch):
    def send(_):
        raise OperationalError("refused")

    monkeypatch.setattr(tasks, "_send", send)


def send(client, *texts: str | bytes, headers=None, **values):
    files = [
        SimpleUploadedFile(f"{number}.csv", text if isinstance(text, bytes) else text.encode())
        for number, text in enumerate(texts)
    ]
    return client.post(DATA, {"uploads": files, "whole": "True", **values}, headers=headers)


def words(response) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


# Sending ------------------------------------------------------------------------------------


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
    from feeds.errors import TakesTooLong  # noqa: PLC0415 - close to its use

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


# Who may ------------------------------------------------------------------------------------


def test_it_sends_strangers_to_the_form_to_sign_in_and_records_nothing(client, settings):
    settings.ANONYMOUS_SCOPES = []
    response = client.get(DATA)
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=%2Fdata%2F")
    assert send(client, POLLS)["Location"] == "/sign-in/?next=%2Fdata%2F"
    assert send(client, POLLS, headers=HTMX)["HX-Redirect"] == "/sign-in/?next=%2Fdata%2F"
    assert not Ingestion.objects.exists()
    assert not AuditEntry.objects.exists()


def test_it_shows_no_form_to_whoever_may_only_read(client, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("viewer", django_user_model))
    ingest_polls("a,active,2023-01-22 12:00:00 UTC")
    page = client.get(DATA)
    assert page.status_code == 200
    assert 'type="file"' not in page.content.decode()
    assert send(client, POLLS).status_code == 403
    assert Ingestion.objects.count() == 1


def test_it_shows_nothing_of_others_to_whoever_may_only_send(client, settings):
    settings.ANONYMOUS_SCOPES = ["ingest"]
    ingest_polls("secret,active,2023-01-22 12:00:00 UTC")
    response = send(client, POLLS)
    assert "Stored as store status" in words(response)
    assert "polls.csv" not in words(response)
    assert client.get(DATA).status_code == 302


def test_it_records_who_sent_files_on_a_page(client, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("operator", django_user_model))
    assert send(client, POLLS).status_code == 200
    made = AuditEntry.objects.get()
    assert (made.who, made.how, made.what) == ("operator", "page", "POST /data/")
    assert made.detail["made"] == [f"ingestion.Ingestion {Ingestion.objects.get().pk}"]
    assert Ingestion.objects.get().requested_by == "operator"


# Looking ------------------------------------------------------------------------------------


def test_it_shows_three_ways_to_begin_while_there_is_nothing(client, settings):
    page = client.get(DATA)
    assert "Three ways to begin" in words(page)
    assert "./run manage ingest FOLDER" in words(page)
    assert "http://testserver/api/v1/ingestions/" in words(page)
    assert "Bearer" not in words(page)
    assert 'name="csrfmiddlewaretoken"' in page.content.decode()
    settings.ANONYMOUS_SCOPES = ["read"]
    page = client.get(DATA)
    assert 'type="file"' not in page.content.decode()
    assert "Sign in as somebody who may" in words(page)
    assert "Bearer TOKEN" in words(page)


def test_it_says_how_far_each_feed_reaches(client):
    ingest_polls("a,active,2023-01-22 12:00:00 UTC", "b,active,2023-01-22 13:00:00 UTC")
    ingest_hours("a,0,09:00:00,17:00:00", "a,1,09:00:00,17:00:00", "c,0,09:00:00,17:00:00")
    ingest_time_zones("a,Asia/Beirut")
    ingest_stores("a,Maple Street Diner,", "d,,airport")
    page = words(client.get(DATA))
    assert "Three ways" not in page
    assert "Newest poll Sun 22 Jan 2023, 13:00 UTC" in page
    assert "2 of 4 stores were polled" in page
    assert "2 of 4 stores have business hours" in page
    assert "1 of 4 stores have a time zone" in page
    assert "1 of 4 stores have a name" in page
    assert re.search(r"Business hours .{0,120} Last file: hours.csv , \d s ago", page)


def test_it_says_that_the_sample_is_made_up_and_goes(client):
    ingest_polls("a,active,2023-01-22 12:00:00 UTC")
    assert "made-up" not in words(client.get(DATA))
    Store.objects.update(is_sample=True)
    page = client.get(DATA)
    assert "The data shown is a made-up sample" in words(page)
    assert 'name="keep_sample"' in page.content.decode()
    response = send(client, csv(STATUS, "real,active,2023-01-22 12:00:00 UTC"))
    assert "replaced the sample (1 stores)" in words(response)
    assert Store.objects.get().store_id == "real"


def test_it_keeps_the_sample_where_that_is_chosen(client):
    ingest_polls("a,active,2023-01-22 12:00:00 UTC")
    Store.objects.update(is_sample=True)
    send(client, POLLS, keep_sample="on")
    assert not Store.objects.filter(is_sample=True).exists()
    assert Store.objects.count() == 1


def running(**values) -> Ingestion:
    lease = timezone.now() + timezone.timedelta(minutes=1)
    state = {"status": "Running", "lease_expires_at": lease, "feed": "status"}
    return Ingestion.objects.create(**{"name": "a.csv", **state, **values})


def test_it_asks_again_until_all_files_are_finished(client):
    record = running(phase="storing", done=412_000, total=1_822_080)
    for address in (DATA, f"{DATA}{record.pk}/"):
        for headers in ({}, HTMX):
            response = client.get(address, headers=headers)
            page = response.content.decode()
            assert re.search(r'hx-trigger="[^"]*every', page)
            assert '<progress max="100" value="22"' in page
            assert "412,000 of 1,822,080 rows" in words(response)
            assert ("<html" in page) == (not headers)
            assert "HX-Request" in response["Vary"]
    Ingestion.objects.update(status="Failed", error="The disk is full.", finished_at=timezone.now())
    page = client.get(f"{DATA}{record.pk}/")
    for ended in (page, client.get(DATA)):
        assert not re.search(r'hx-trigger="[^"]*every', ended.content.decode())
    assert "Not stored The disk is full." in words(page)


def test_it_shows_the_history_newest_first_in_pages(client):
    Ingestion.objects.bulk_create(
        Ingestion(name=f"file-{number:02}.csv", status="Complete") for number in range(60)
    )

    def names(page):
        return re.findall(r"<bdi>(file-\d+)", client.get(f"{DATA}?page={page}").content.decode())

    assert names(1) == [f"file-{number:02}" for number in range(59, 9, -1)]
    assert names(2) == [f"file-{number:02}" for number in range(9, -1, -1)]
    assert names(3) == []
    assert names("-1") == names("nonsense") == names("9" * 30) == names(1)
    first, second = client.get(DATA).content.decode(), client.get(f"{DATA}?page=2").content.decode()
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)


def rejected(page) -> list[list[str]]:
    """The cells of the table of rejected rows, as a reader sees them."""
    table = re.search(r'<table class="rejects">.*?</table>', page.content.decode(), re.DOTALL)[0]
    rows = re.findall(r"<tr>(<td.*?)</tr>", table, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    return [[html.unescape(re.sub(r"</?bdi>", "", cell)) for cell in row] for row in cells]


def test_it_pages_through_rejected_rows_whatever_their_values_are(client):
    bad = [f"a,active,{HOSTILE[number % len(HOSTILE)]}{number}" for number in range(130)]
    record = ingest_polls("a,active,2023-01-22 12:00:00 UTC", *bad)
    address = f"{DATA}{record.pk}/"
    pages = [client.get(f"{address}?page={number}") for number in (1, 2, 3, 4)]
    shown = [row for page in pages[:3] for row in rejected(page)]
    assert [int(line) for line, *_ in shown] == list(range(3, 133))
    assert [len(rejected(page)) for page in pages] == [50, 50, 30, 1]
    assert rejected(pages[3]) == [["There are no more."]]
    as_csv = b"".join(client.get(f"/api/v1/ingestions/{record.pk}/rejects/")).decode()
    for line, field, value, reason in shown:
        assert f'{line},{field},"{value}"'.replace('"', "") in as_csv.replace('"', ""), value
        assert reason in as_csv
    for page in pages:
        assert "<script>alert" not in page.content.decode()
        assert "<img" not in page.content.decode()
        assert f'href="/api/v1/ingestions/{record.pk}/rejects/"' in page.content.decode()


def test_it_shows_all_counts_of_a_file(client):
    row = "a,active,2023-01-22 12:00:00 UTC"
    ingest_polls(row, "a,active,2023-01-22 13:00:00 UTC")
    record = ingest_polls(row, "a,inactive,2023-01-22 13:00:00 UTC", "a,active,never", row)
    page = words(client.get(f"{DATA}{record.pk}/"))
    for name in ("read", "new", "changed", "repeated", "superseded", "rejected"):
        assert re.search(rf"\b{name} {getattr(record, f'rows_{name}')}\b", page), name
    assert re.search(r"Took \d+\.\d\ss", page)


def test_it_says_that_the_rejected_rows_cannot_be_read(client):
    record = ingest_polls("a,active,2023-01-22 12:00:00 UTC", "a,active,never")
    record.rejects.storage.delete(record.rejects.name)
    page = client.get(f"{DATA}{record.pk}/")
    assert "The rejected rows cannot be read" in words(page)


def test_it_shows_hostile_names_as_text(client):
    Ingestion.objects.bulk_create(
        Ingestion(name=f"{name[:200]}.csv", status="Complete") for name in HOSTILE
    )
    for record in Ingestion.objects.all():
        for address in (DATA, f"{DATA}{record.pk}/"):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page
            assert "<img" not in page
            assert f"<bdi>{html.escape(record.name)}</bdi>" in page


@pytest.mark.parametrize("number", ["0", "999", "9" * 40])
def test_it_knows_no_other_files(client, number):
    response = client.get(f"{DATA}{number}/")
    assert response.status_code == 404
    assert "There is no such file" in response.content.decode()


def test_it_asks_the_database_little(client, settings, django_user_model):
    settings.ANONYMOUS_SCOPES = []
    client.force_login(member_of("operator", django_user_model))
    ingest_polls("a,active,2023-01-22 12:00:00 UTC", "a,active,never")
    record = ingest_hours("a,0,09:00:00,17:00:00")
    for address in (DATA, f"{DATA}{record.pk}/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 10, [query["sql"] for query in queries]
