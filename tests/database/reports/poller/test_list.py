"""GET /api/v1/poller_outages/."""

from datetime import datetime, timedelta

import pytest

from fleet.models import Store
from reports.http.poller.views import LatestFirst
from reports.poller import search
from reports.poller.models import PollerSearch
from tests.database.answers import REFUSALS
from tests.database.files import ingest_polls
from tests.database.reports.poller.fleets import (
    BEGIN,
    FLEET,
    LATE,
    NEWEST,
    ingest_silent_fleet,
)

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/poller_outages/"


@pytest.fixture
def fleet(clock):
    """The silent fleet, a quarter of an hour after its newest poll."""
    clock.move_to(datetime.fromisoformat(NEWEST) + timedelta(minutes=15))
    ingest_silent_fleet()


def found(client, status=200, **query):
    answer = client.get(URL, {name.rstrip("_"): value for name, value in query.items()})
    assert answer.status_code == status, answer.content
    return answer.json()["results"]


def test_it_lists_the_newest_first(client, fleet):
    assert found(client) == [LATE, FLEET]


def test_it_lists_what_touches_the_interval(client, fleet):
    assert found(client, to="2024-01-11T12:00:00.5Z") == [FLEET]
    assert found(client, from_="2024-01-11T12:00:00.5Z") == [LATE]
    assert found(client, from_="2024-01-11T14:08:00.5Z") == []
    assert found(client, from_="2024-01-01T00:00:00Z") == [LATE, FLEET]


def test_one_that_goes_on_has_no_end(client, clock, fleet):
    clock.move_to(datetime.fromisoformat(NEWEST) + timedelta(minutes=89))
    assert found(client) == [LATE, FLEET]

    clock.move_to(datetime.fromisoformat(NEWEST) + timedelta(days=9))
    going_on = {"from": NEWEST, "to": None, "scope": "fleet", "stores": 16}
    assert found(client, from_="2024-01-11T00:00:00Z") == [going_on, LATE, FLEET]
    assert found(client) == [going_on, LATE, FLEET]
    assert found(client, to="2024-01-12T00:00:00Z") == [LATE, FLEET]


def test_the_end_of_historic_data_is_none(client, clock, fleet):
    clock.move_to(datetime.fromisoformat(NEWEST) + timedelta(days=30, minutes=1))
    assert found(client) == [LATE, FLEET]


def test_it_has_pages(client, fleet, monkeypatch):
    monkeypatch.setattr(LatestFirst, "page_size", 1)
    first = client.get(URL).json()
    second = client.get(first["next"]).json()

    assert (first["results"], second["results"]) == ([LATE], [FLEET])
    assert second["next"] is None
    assert client.get(second["previous"]).json()["results"] == [LATE]


def test_it_searches_once_for_each_version_of_the_data(client, fleet, monkeypatch):
    found(client)
    monkeypatch.setattr(search, "load_fleet", None)
    assert found(client) == [LATE, FLEET]
    assert found(client, from_="2024-01-11T12:00:00.5Z") == [LATE]
    assert PollerSearch.objects.count() == 1

    monkeypatch.undo()
    ingest_polls("s1,active,2024-01-11 09:30:00 UTC")
    assert [one["from"] for one in found(client)] == [
        "2024-01-11T12:00:00.500000Z",
        "2024-01-11T09:30:00Z",
        "2024-01-11T07:15:00.500000Z",
    ]


def test_it_finds_none_in_ordinary_data(client, clock):
    clock.move_to(BEGIN + timedelta(hours=3))
    ingest_polls(*(f"a,active,2024-01-10 0{hour}:00:00 UTC" for hour in range(4)))
    assert found(client) == []

    Store.objects.all().delete()
    assert found_code(client) == "no_polls"


def test_it_needs_polls(client):
    assert found_code(client) == "no_polls"


def found_code(client):
    answer = client.get(URL)
    assert answer.status_code == 409
    return answer.json()["code"]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2024-01-11T00:00:00"},
        {"from": "2024-01-11T00:00:00Z", "to": "2024-01-11T00:00:00Z"},
        {"from": "2100-01-11T00:00:00Z"},
        {"from": "2022-01-11T00:00:00Z"},
        {"since": "2024-01-11T00:00:00Z"},
        {"cursor": "x"},
    ],
    ids=str,
)
def test_it_refuses_what_it_cannot_answer(client, fleet, query):
    answer = client.get(URL, query)
    assert (answer.status_code, answer.json()["code"]) in REFUSALS, answer.content


def test_it_needs_the_scope_read(client, settings):
    settings.ANONYMOUS_SCOPES = []
    assert client.get(URL).status_code == 401
