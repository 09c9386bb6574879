"""GET /api/v1/stores/: which stores there are."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from fleet.models import Store
from tests.database.answers import REFUSALS
from tests.database.files import ingest_hours, ingest_polls, ingest_stores, ingest_time_zones

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/stores/"

HARD_IDS = [
    "a/b",
    "a/polls",
    "a/b/uptime/",
    "/",
    "//",
    ".",
    "..",
    "...",
    ".hidden",
    "../../admin",
    "~",
    "~YQ",
    "100%",
    "a%2Fb",
    "%00",
    "a b",
    "a+b",
    "a?b=c",
    "a#b",
    "a;b,c",
    "é東京",
    "🍜" * 100,
    "\\windows",
    '"quoted"',
    "<b>",
    "'; DROP TABLE",
    "polls",
    "search",
]


def is_plain(store_id):
    """Tell whether an id can be in a URL, percent-encoded."""
    return "/" not in store_id and store_id not in {".", ".."} and not store_id.startswith("~")


@pytest.fixture
def fleet():
    ingest_polls(
        "a,active,2024-01-15 12:00:00 UTC",
        "b,inactive,2024-01-15 09:00:00.000001 UTC",
        "c,active,2024-01-15 08:59:59 UTC",
        "d,inactive,2024-01-15 09:00:00 UTC",
    )
    ingest_hours("a,0,09:00,17:00", "b,0,09:00,17:00", "e,0,09:00,17:00")
    ingest_time_zones("a,Asia/Tokyo", "b,Asia/Tokyo", "e,Europe/London")
    ingest_stores("a,Maple Street Diner,airport;west", "b,Harbour_Grill,airport", "f,MAPLE inn,")


def listed(client, **query):
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    return [store["store_id"] for store in answer.json()["results"]]


def test_it_tells_of_each_store_what_is_known(client, fleet):
    first, *_, last = client.get(URL).json()["results"]
    assert first == {
        "store_id": "a",
        "url": "http://testserver/api/v1/stores/a/",
        "name": "Maple Street Diner",
        "tags": ["airport", "west"],
        "time_zone": "Asia/Tokyo",
        "status": "active",
        "last_polled_at": "2024-01-15T12:00:00Z",
    }
    assert (last["store_id"], last["time_zone"], last["status"], last["last_polled_at"]) == (
        "f",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "abcdef"),
        ({"search": "maple"}, "af"),
        ({"search": "B"}, "b"),
        ({"search": "_"}, "b"),
        ({"search": "%"}, ""),
        ({"time_zone": "Asia/Tokyo"}, "ab"),
        ({"time_zone": "asia/tokyo"}, "ab"),
        ({"time_zone": "none"}, "cdf"),
        ({"time_zone": "Asia/Kolkata"}, ""),
        ({"tag": "airport"}, "ab"),
        ({"tag": "west"}, "a"),
        ({"tag": "Airport"}, ""),
        ({"status": "active"}, "ac"),
        ({"status": "inactive"}, "bd"),
        ({"status": "never"}, "ef"),
        ({"never_polled": "true"}, "ef"),
        ({"never_polled": "false"}, "abcd"),
        ({"stale": "3h"}, "c"),
        ({"stale": "2h"}, "bcd"),
        ({"stale": "180m"}, "c"),
        ({"stale": "1d"}, ""),
        ({"business_hours": "missing"}, "cdf"),
        ({"business_hours": "given"}, "abe"),
        ({"tag": "airport", "search": "maple", "status": "active"}, "a"),
        ({"limit": "2"}, "ab"),
    ],
)
def test_it_lists_the_stores_that_meet_every_filter(client, fleet, query, found):
    assert listed(client, **query) == list(found)


def test_it_calls_nothing_stale_where_nothing_was_ever_polled(client):
    ingest_stores("a,,")
    assert listed(client, stale="1m") == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", ""),
        ("status=up", "status"),
        ("stale=3 hours", "stale"),
        ("stale=today", "stale"),
        ("stale=0h", "stale"),
        ("time_zone=Mars/Olympus", "time_zone"),
        ("never_polled=perhaps", "never_polled"),
        ("business_hours=odd", "business_hours"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("search=a%00b", "search"),
        ("tag=", "tag"),
        ("status=active&status=inactive", "status"),
    ],
)
def test_it_names_what_it_cannot_take(client, query, field):
    answer = client.get(f"{URL}?{query}")
    assert (answer.status_code, answer.json()["code"]) in REFUSALS
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("cursor", ["nonsense", "cD0lMDA=", "cD1hJTAwYg=="])
def test_it_knows_no_page_that_it_never_had(client, fleet, cursor):
    assert client.get(URL, {"cursor": cursor}).status_code == 422


def test_its_pages_stay_put_while_stores_come_and_go(client):
    ingest_stores(*(f"{number:03},," for number in range(0, 60, 2)))
    seen, address = [], f"{URL}?limit=10"
    while address:
        page = client.get(address).json()
        seen += [store["store_id"] for store in page["results"]]
        # Before and behind where the reader is, and the last one it saw.
        ingest_stores(f"{seen[-1]}-,,", "000-,,")
        Store.objects.filter(store_id=seen[-1]).delete()
        address = page["next"]
    assert len(seen) == len(set(seen))
    assert {f"{number:03}" for number in range(0, 60, 2)} <= set(seen)


def test_it_asks_few_questions_however_many_stores(client, fleet, django_assert_max_num_queries):
    ingest_stores(*(f"{number:03},x,t{number % 7};u" for number in range(200)))
    with django_assert_max_num_queries(3):
        assert len(listed(client, limit=200)) == 200


def test_it_tells_of_one_store_all_there_is(client, fleet):
    ingest_hours("a,6,22:00,02:00", "a,0,01:00,03:00", "a,0,09:00,17:00", "a,1,00:00,23:59:59")
    answer = client.get(f"{URL}a")
    assert answer.status_code == 200
    told = answer.json()
    assert told["name"] == "Maple Street Diner"
    assert (told["effective_time_zone"], told["time_zone_is_default"]) == ("Asia/Tokyo", False)
    assert told["business_hours"] == [
        {"weekday": 0, "opens": "01:00:00", "closes": "03:00:00"},
        {"weekday": 0, "opens": "09:00:00", "closes": "17:00:00"},
        {"weekday": 1, "opens": "00:00:00", "closes": "23:59:59"},
        {"weekday": 6, "opens": "22:00:00", "closes": "02:00:00"},
    ]
    assert [tuple(opening.values()) for opening in told["openings"]] == [
        (0, "09:00:00", 0, "17:00:00"),
        (1, "00:00:00", 2, "00:00:00"),
        (6, "22:00:00", 0, "03:00:00"),
    ]
    assert told["recent_polls"] == [{"polled_at": "2024-01-15T12:00:00Z", "status": "active"}]
    assert {name: client.get(link).status_code for name, link in told["links"].items()} == {
        "polls": 200,
        "uptime": 200,
        "timeline": 200,
        "explain": 200,
    }


def test_it_says_where_zone_and_hours_are_the_default(client, fleet):
    told = client.get(f"{URL}c/").json()
    assert (told["time_zone"], told["effective_time_zone"]) == (None, "America/Chicago")
    assert told["time_zone_is_default"]
    assert told["business_hours"] == []
    assert [tuple(each.values()) for each in told["openings"]] == [(0, "00:00:00", 0, "00:00:00")]


@pytest.mark.parametrize("path", ["nobody", "nobody/polls", "nobody/uptime", "nobody/timeline"])
def test_it_knows_no_store_that_is_not_there(client, fleet, path):
    answer = client.get(f"{URL}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("store_id", HARD_IDS)
def test_it_finds_a_store_of_any_id_at_its_own_address(client, store_id):
    Store.objects.create(store_id=store_id, name="the one")
    Store.objects.create(store_id="a")
    [address] = [
        store["url"] for store in client.get(URL).json()["results"] if store["name"] == "the one"
    ]
    assert "/../" not in address
    assert address.isascii()
    told = client.get(address).json()
    assert told["store_id"] == store_id
    for link in told["links"].values():
        assert client.get(link).status_code in {200, 409}
    assert client.get(told["links"]["polls"]).json() == {
        "next": None,
        "previous": None,
        "results": [],
    }


@pytest.mark.django_db
@pytest.mark.parametrize("store_id", [one for one in HARD_IDS if is_plain(one)])
def test_it_finds_most_ids_percent_encoded(client, store_id):
    Store.objects.create(store_id=store_id)
    assert client.get(URL + quote(store_id, safe="")).json()["store_id"] == store_id


@pytest.mark.django_db
@pytest.mark.parametrize("segment", ["%00", "a%00b", "~", "~!", "~_w", "~AA", "~YQ=="])
def test_it_has_nothing_where_no_id_can_be(client, segment):
    Store.objects.create(store_id="x")
    assert client.get(f"{URL}{segment}/").status_code in {200, 404}
    assert client.get(f"{URL}{segment}/polls").status_code == 404


def test_it_takes_any_id_in_the_other_writing(client):
    Store.objects.create(store_id="plain")
    assert client.get(f"{URL}~cGxhaW4/").json()["store_id"] == "plain"
    assert reverse("store", kwargs={"store_id": "plain"}) == f"{URL}plain/"


def test_it_pages_through_the_polls_of_a_store_newest_first(client):
    ingest_polls(
        *(f"a,active,2024-01-15 {hour:02}:00:00.5 UTC" for hour in range(24)),
        *(f"b,active,2024-01-15 {hour:02}:00:00.5 UTC" for hour in range(24)),
    )
    address, seen = f"{URL}a/polls/?limit=7", []
    while address:
        page = client.get(address).json()
        seen += [poll["polled_at"] for poll in page["results"]]
        # Newer ones change no page that follows.
        ingest_polls(f"a,inactive,2024-01-16 00:{len(seen):02}:00 UTC")
        address = page["next"]
    assert seen == [f"2024-01-15T{hour:02}:00:00.500000Z" for hour in reversed(range(24))]


@pytest.mark.parametrize("position", ["cD1hYmM=", "cD0yMDI0LTAxLTE1", "cD0yMDI0LTEzLTAxKzAwOjAw"])
def test_it_knows_no_page_of_polls_that_it_never_had(client, fleet, position):
    assert client.get(f"{URL}a/polls/", {"cursor": position}).status_code == 422


def test_it_only_reads(client, fleet):
    before = list(Store.objects.values())
    for path in ("", "a/", "a/polls/", "a/uptime/", "a/timeline/"):
        assert client.post(f"{URL}{path}").status_code == 405
        assert client.get(f"{URL}{path}").status_code == 200
    assert list(Store.objects.values()) == before
