"""POST /api/v1/ingestions/ and its list: files of any of the five feeds."""

import gzip
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from kombu.exceptions import OperationalError

from fleet.models import BusinessHours, Poll, Store
from ingestion import tasks
from ingestion.models import Feed, Ingestion
from ingestion.queue import queued
from tests.database.answers import POLLS
from tests.database.files import HOURS, SPECIAL_DAYS, STORES, TIME_ZONES, csv, ingest_stores

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/ingestions/"
FEEDS = {
    "status": POLLS,
    "hours": csv(HOURS, "a,0,09:00,17:00"),
    "timezones": csv(TIME_ZONES, "a,Asia/Tokyo"),
    "stores": csv(STORES, "a,Mill,x;y"),
    "special_days": csv(SPECIAL_DAYS, "a,2024-01-15,09:00,17:00,Fair"),
}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued ingestions, and whether their rows were committed by then."""
    calls = []
    monkeypatch.setattr(
        tasks, "_send", lambda number: calls.append((number, not connection.in_atomic_block))
    )
    return calls


def file(text, name="some.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def post(client, text, query="", content_type="text/csv", **headers):
    body = text.encode() if isinstance(text, str) else text
    return client.post(f"{URL}{query}", body, content_type=content_type, headers=headers)


@pytest.mark.parametrize("feed", FEEDS)
def test_it_stores_a_file_of_any_feed(client, feed):
    answer = post(client, FEEDS[feed])
    assert answer.status_code == 200
    [ingestion] = answer.json()["ingestions"]
    assert (ingestion["feed"], ingestion["status"], ingestion["rows_new"]) == (feed, "Complete", 1)
    assert client.get(ingestion["url"]).json() == ingestion


@pytest.mark.parametrize("feed", FEEDS)
def test_it_stores_a_packed_file(client, feed):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.csv", FEEDS[feed])
    assert post(client, gzip.compress(FEEDS[feed].encode()), "", "application/gzip").json()[
        "ingestions"
    ][0]["rows_new"]
    again = post(client, packed.getvalue(), "", "application/zip").json()["ingestions"][0]
    assert (again["feed"], again["rows_repeated"]) == (feed, 1)


@pytest.mark.parametrize("feed", Feed.values)
def test_a_form_has_a_field_for_each_feed(client, feed):
    answer = client.post(URL, {feed: file(FEEDS[feed])})
    assert answer.status_code == 200, answer.content
    assert [each["feed"] for each in answer.json()["ingestions"]] == [feed]


def test_it_stores_several_files_of_a_form(client):
    answer = client.post(
        URL,
        {
            "file": [file(FEEDS["hours"], "h.csv"), file(FEEDS["status"], "p.csv")],
            "timezones": file(FEEDS["timezones"], "z.csv"),
            "stores": file(FEEDS["stores"], "s.csv"),
        },
    )
    assert answer.status_code == 200, answer.content
    told = [(each["name"], each["feed"]) for each in answer.json()["ingestions"]]
    assert told == [
        ("h.csv", "hours"),
        ("p.csv", "status"),
        ("s.csv", "stores"),
        ("z.csv", "timezones"),
    ]
    store = Store.objects.get(store_id="a")
    assert (store.name, store.time_zone_id, store.last_status) == ("Mill", "Asia/Tokyo", 1)
    assert (BusinessHours.objects.count(), Poll.objects.count()) == (1, 1)


def test_it_stores_the_good_files_of_a_form_and_says_which_were_not(client):
    answer = client.post(
        URL, {"file": [file("name,age\n", "bad.csv"), file(FEEDS["stores"], "good.csv")]}
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "unusable_file")
    assert "bad.csv" in problem["detail"]
    told = {each["name"]: each["status"] for each in problem["ingestions"]}
    assert told == {"bad.csv": "Failed", "good.csv": "Complete"}
    assert Store.objects.get().name == "Mill"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("?feed=hours", {"file": FEEDS["stores"]}),
        ("", {"hours": FEEDS["stores"]}),
        ("", {"file": "just text"}),
    ],
)
def test_it_refuses_a_file_that_is_not_what_it_must_be(client, query, fields):
    answer = client.post(URL + query, {name: file(text) for name, text in fields.items()})
    assert (answer.status_code, answer.json()["code"]) == (400, "unusable_file")
    assert not Store.objects.exists()


@pytest.mark.parametrize(
    ("query", "fields", "field"),
    [
        ("", {"polls": file("x")}, ""),
        ("?feed=names", {"file": file("x")}, "feed"),
        ("?colour=red", {"file": file("x")}, ""),
    ],
)
def test_it_names_what_it_does_not_know(client, query, fields, field):
    answer = client.post(URL + query, fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["errors"][0]["field"] == field


def test_it_refuses_a_request_without_a_file(client):
    assert post(client, "").status_code == 400
    assert client.post(URL, {}).status_code == 400
    assert not Ingestion.objects.exists()


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("said", ["", "?feed={}"])
def test_it_keeps_a_large_file_of_any_feed_for_a_worker(client, told, settings, feed, said):
    settings.SYNC_INGEST_MAX_BYTES = 10
    answer = post(client, FEEDS[feed], said.format(feed))
    assert answer.status_code == 202
    [ingestion] = answer.json()["ingestions"]
    assert (ingestion["status"], answer.headers["Location"]) == ("Queued", ingestion["url"])
    assert told == [(ingestion["id"], True)]
    queued.ingest_upload(ingestion["id"])
    done = client.get(ingestion["url"]).json()
    assert (done["status"], done["feed"], done["rows_new"]) == ("Complete", feed, 1)


def test_it_keeps_all_files_of_a_form_for_a_worker(client, told):
    fields = {name: file(text) for name, text in FEEDS.items()}
    answer = client.post(URL, fields, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.headers["Location"] == f"http://testserver{URL}"
    assert [number for number, _ in told] == [each["id"] for each in answer.json()["ingestions"]]
    for number, _ in told:
        queued.ingest_upload(number)
    assert Ingestion.objects.filter(status="Complete").count() == len(FEEDS)
    assert Store.objects.get(store_id="a").name == "Mill"


def test_it_says_when_a_file_cannot_be_queued(client, monkeypatch, settings):
    def unreachable(_):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks, "_send", unreachable)
    settings.SYNC_INGEST_MAX_BYTES = 10
    answer = post(client, FEEDS["stores"])
    assert (answer.status_code, answer.json()["code"]) == (503, "broker_unreachable")
    assert answer.json()["ingestion"]["status"] == "Failed"


def test_it_lists_ingestions_by_feed_and_state(client):
    for text in FEEDS.values():
        post(client, text)
    post(client, "name,age\n")
    ingest_stores("b,,")

    def listed(query):
        return [each["feed"] for each in client.get(f"{URL}{query}").json()["results"]]

    assert listed("?feed=stores") == ["stores", "stores"]
    assert listed("?feed=hours&status=Complete") == ["hours"]
    assert listed("?status=Failed") == [""]
    assert listed("?status=Queued") == []
    assert len(listed("")) == len(FEEDS) + 2
    assert client.get(f"{URL}?feed=names").status_code == 400


def test_it_serves_the_rejects_of_names_and_tags(client):
    [ingestion] = post(client, csv(STORES, "a,Mill,x", "b,Pier,x;;y")).json()["ingestions"]
    assert ingestion["rows_rejected"] == 1
    text = b"".join(client.get(ingestion["rejects"]).streaming_content)
    assert text.splitlines()[1] == b"request body,3,tags,x;;y,has a blank tag"


def test_it_wants_the_scope_of_those_who_send_data(client, settings):
    settings.ANONYMOUS_SCOPES = ["read"]
    assert post(client, FEEDS["stores"]).status_code in {401, 403}
    assert client.get(URL).status_code == 200
    settings.ANONYMOUS_SCOPES = ["ingest"]
    assert post(client, FEEDS["stores"]).status_code == 200


@pytest.mark.parametrize(("count", "said"), [(101, "100 files"), (1001, "1000 fields")])
def test_it_says_how_many_files_and_fields_a_form_may_have(client, count, said):
    fields = {
        str(number): SimpleUploadedFile("a.csv", b"x") if count == 101 else "x"
        for number in range(count)
    }
    refused = client.post("/api/v1/ingestions/", fields)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert said in refused.json()["detail"]
    assert not Ingestion.objects.exists()
