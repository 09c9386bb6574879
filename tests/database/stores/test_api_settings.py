"""PUT, PATCH and DELETE of a store."""

from functools import partial

import pytest

from fleet.models import BusinessHours, Poll, Store
from fleet.polls.database import database
from tests.database.answers import REFUSALS
from tests.database.files import ingest_hours, ingest_polls, ingest_stores
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/stores/a/"
WEEK = [
    {"weekday": 0, "opens": "09:00", "closes": "17:30:00"},
    {"weekday": 4, "opens": "18:00", "closes": "24:00"},
]
SETTINGS = {
    "name": " Old Mill ",
    "tags": ["west", "airport", "west"],
    "time_zone": "europe/berlin",
    "business_hours": WEEK,
}


@pytest.fixture
def store():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "b,active,2024-01-15 09:00:00 UTC")
    ingest_hours("a,0,09:00,17:00", "b,0,09:00,17:00")
    ingest_stores("a,Mill,x;y", "b,Pier,x")


def sent(client, method, body, url=URL, **headers):
    return getattr(client, method)(url, body, content_type="application/json", headers=headers)


def told(answer, *names):
    return {name: answer.json()[name] for name in names or SETTINGS}


def test_it_replaces_all_settings(client, store):
    answer = sent(client, "put", SETTINGS)
    assert answer.status_code == 200, answer.content
    assert told(answer) == {
        "name": "Old Mill",
        "tags": ["airport", "west"],
        "time_zone": "Europe/Berlin",
        "business_hours": [
            {"weekday": 0, "opens": "09:00:00", "closes": "17:30:00"},
            {"weekday": 4, "opens": "18:00:00", "closes": "00:00:00"},
        ],
    }
    assert client.get(URL).json() == answer.json()
    assert client.get(URL).headers["ETag"] == answer.headers["ETag"]
    assert client.get("/api/v1/stores/b/").json()["name"] == "Pier"


def test_it_makes_a_store_that_no_feed_has_named(client):
    answer = sent(client, "put", SETTINGS)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://testserver{URL}"
    assert sent(client, "put", SETTINGS).status_code == 200
    assert Store.objects.get().time_zone_id == "Europe/Berlin"


def test_it_makes_a_store_whose_id_has_a_slash(client):
    answer = sent(client, "put", SETTINGS, "/api/v1/stores/~YS9i/")
    assert answer.status_code == 201
    assert Store.objects.get().store_id == "a/b"
    assert client.get(answer.headers["Location"]).json()["store_id"] == "a/b"


@pytest.mark.parametrize("segment", ["%20a", "a%20", "8.13E+18", "a%0Ab", "x" * 101, "~"])
def test_it_makes_no_store_that_a_feed_could_not_name(client, segment):
    answer = sent(client, "put", SETTINGS, f"/api/v1/stores/{segment}/")
    assert answer.status_code in {404, 422}
    assert not Store.objects.exists()


def test_it_needs_every_setting_to_replace_them(client, store):
    answer = sent(client, "put", {"name": "Mill"})
    assert answer.status_code == 400
    fields = [error["field"] for error in answer.json()["errors"]]
    assert fields == ["tags", "time_zone", "business_hours"]


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({}, {}),
        ({"name": ""}, {"name": ""}),
        ({"tags": []}, {"tags": []}),
        ({"time_zone": "Asia/Tokyo"}, {"time_zone": "Asia/Tokyo"}),
        ({"time_zone": None}, {}),
        ({"business_hours": []}, {"business_hours": []}),
    ],
)
def test_it_changes_some_settings_and_leaves_the_others(client, store, change, after):
    before = told(client.get(URL))
    answer = sent(client, "patch", change)
    assert answer.status_code == 200
    assert told(answer) == {**before, **after}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, ""),
        ({"store_id": "z"}, ""),
        ({"name": None}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"tags": "x"}, "tags"),
        ({"tags": ["x", " "]}, "tags"),
        ({"tags": ["a;b"]}, "tags"),
        ({"tags": [str(number) for number in range(21)]}, "tags"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": 7}, "time_zone"),
        ({"business_hours": {}}, "business_hours"),
        ({"business_hours": [{"weekday": 0, "opens": "09:00"}]}, "business_hours"),
        (
            {"business_hours": [{"weekday": 7, "opens": "09:00", "closes": "17:00"}]},
            "business_hours",
        ),
        (
            {"business_hours": [{"weekday": 0, "opens": "24:00", "closes": "17:00"}]},
            "business_hours",
        ),
        (
            {"business_hours": [{"weekday": 0, "opens": "9 am", "closes": "17:00"}]},
            "business_hours",
        ),
        ({"business_hours": [{**WEEK[0], "note": ""}]}, "business_hours"),
        ([], ""),
    ],
)
def test_it_changes_nothing_where_it_cannot_take_a_setting(client, store, change, field):
    before = client.get(URL).json()
    answer = sent(client, "patch", change)
    assert (answer.status_code, answer.json()["code"]) in REFUSALS, answer.content
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert client.get(URL).json() == before


def test_it_changes_no_store_that_is_not_there(client):
    assert sent(client, "patch", {"name": "x"}).status_code == 404
    assert client.delete(URL).status_code == 404
    assert not Store.objects.exists()


def test_it_overwrites_nothing_that_was_changed_since_it_was_read(client, store):
    read = client.get(URL).headers["ETag"]
    assert sent(client, "patch", {"name": "Mine"}, If_Match=read).status_code == 200
    for method, body in (("patch", {"name": "Yours"}), ("put", SETTINGS), ("delete", None)):
        answer = sent(client, method, body, If_Match=read)
        assert (answer.status_code, answer.json()["code"]) == (412, "store_changed")
    assert client.get(URL).json()["name"] == "Mine"


def test_it_takes_a_poll_for_no_change_of_settings(client, store):
    read = client.get(URL).headers["ETag"]
    ingest_polls("a,inactive,2024-01-15 10:00:00 UTC")
    assert sent(client, "patch", {"name": "Mine"}, If_Match=f'"x", {read}').status_code == 200


def test_it_makes_or_changes_only_where_that_is_asked_for(client):
    assert sent(client, "put", SETTINGS, If_Match="*").status_code == 412
    assert sent(client, "put", SETTINGS, If_None_Match="*").status_code == 201
    assert sent(client, "put", SETTINGS, If_None_Match="*").status_code == 412
    assert sent(client, "put", SETTINGS, If_Match="*").status_code == 200


def test_it_deletes_a_store_with_its_hours_and_polls(client, store):
    answer = client.delete(URL)
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(URL).status_code == 404
    assert client.delete(URL).status_code == 404
    assert list(Poll.objects.values_list("store__store_id", flat=True)) == ["b"]
    assert list(BusinessHours.objects.values_list("store__store_id", flat=True)) == ["b"]


def test_it_answers_503_while_an_ingestion_keeps_it_waiting(client, store, monkeypatch):
    def busy(_):
        from django.db import OperationalError  # noqa: PLC0415

        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(type(database()), "serialise", busy)
    answer = sent(client, "patch", {"name": "Late"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


def test_it_loses_neither_a_change_nor_an_ingestion_that_come_at_once(client, store):
    rows = [f"a,{day},0{n}:00,1{n}:00" for n in range(5) for day in range(7)]
    one = [{"weekday": 5, "opens": "20:00:00", "closes": "02:00:00"}]
    answers = at_once(
        partial(ingest_hours, *rows),
        *[partial(sent, client, "patch", {"business_hours": one})] * 3,
        partial(ingest_polls, *(f"a,active,2024-01-16 {hour:02}:00:00 UTC" for hour in range(24))),
    )
    assert [answer.status_code for answer in answers[1:4]] == [200] * 3
    now = client.get(URL).json()
    assert len(now["business_hours"]) in {1, 35}
    assert now["last_polled_at"] == "2024-01-16T23:00:00Z"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_wants_the_scope_of_those_who_run_the_installation(client, store, settings, method):
    settings.ANONYMOUS_SCOPES = ["read", "ingest"]
    answer = sent(client, method, {"name": "x"})
    assert answer.status_code in {401, 403}
    settings.ANONYMOUS_SCOPES = ["read"]
    assert client.get(URL).json()["name"] == "Mill"
