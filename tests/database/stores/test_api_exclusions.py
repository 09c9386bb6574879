"""Exclusions over HTTP: made, found, changed, ended early, deleted; and what is refused."""

from datetime import UTC, datetime

import pytest

from access.models import AuditEntry
from fleet.models import Exclusion, Store, Tag
from tests.database.files import ingest_polls, ingest_stores

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/exclusions/"
ONCE = {
    "scope": "store:a",
    "starts_at": "2024-01-15T09:00:00Z",
    "ends_at": "2024-01-15T05:00:00-06:00",
    "reason": "New routers",
}
RECURRENCE = {
    "rule": "rrule:freq=weekly;byday=su",
    "local_start": "2024-01-07T03:00",
    "duration": "60m",
    "time_zone": "america/chicago",
}
SUNDAYS = {"scope": "tag:night", "recurrence": RECURRENCE, "reason": "Updates of the tills"}


@pytest.fixture(autouse=True)
def stores():
    ingest_polls("a,active,2024-01-15 09:00:00 UTC", "b,active,2024-01-15 09:00:00 UTC")
    ingest_stores("a,Mill,night", "b,Pier,x")


def sent(client, method, body, url=URL):
    return getattr(client, method)(url, body, content_type="application/json")


def made(client, **body):
    answer = sent(client, "post", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def listed(client, query):
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.content
    return [one["reason"] for one in answer.json()["results"]]


def test_one_is_made_in_the_past_and_shown(client):
    answer = sent(client, "post", ONCE)
    assert answer.status_code == 201
    said = answer.json()
    assert said == {
        "id": said["id"],
        "url": f"http://testserver{URL}{said['id']}/",
        **ONCE,
        "ends_at": "2024-01-15T11:00:00Z",
        "recurrence": None,
        "created_by": "API from 127.0.0.1",
        "created_at": said["created_at"],
        "next_occurrences": [],
    }
    assert answer.headers["Location"] == said["url"]
    assert client.get(said["url"]).json() == said


def test_a_recurrence_is_kept_in_one_way_of_writing_it(client):
    clock = datetime(2024, 1, 10, tzinfo=UTC)
    Exclusion.objects.all().delete()
    said = made(client, **SUNDAYS)
    assert said["recurrence"] == {
        "rule": "FREQ=WEEKLY;BYDAY=SU",
        "local_start": "2024-01-07T03:00:00",
        "duration": "1h",
        "time_zone": "America/Chicago",
    }
    assert (said["scope"], said["starts_at"], said["ends_at"]) == ("tag:night", None, None)
    starts = [datetime.fromisoformat(one["from"]) for one in said["next_occurrences"]]
    assert len(starts) == 3
    assert all(start.weekday() == 6 and start.hour in {8, 9} for start in starts)
    assert starts[0] > clock


REFUSED = {
    "no scope": ({"scope": None}, 400, "scope"),
    "an unknown kind of scope": ({"scope": "zone:UTC"}, 400, "scope"),
    "the fleet of a tag": ({"scope": "fleet:x"}, 400, "scope"),
    "a scope of nothing": ({"scope": "store:"}, 400, "scope"),
    "a store with a NUL": ({"scope": "store:a\0b"}, 422, "scope"),
    "a scope that is too long": ({"scope": f"tag:{'x' * 117}"}, 400, "scope"),
    "a reason that does not print": ({"reason": "New\nrouters\u202e"}, 422, "reason"),
    "an unknown store": ({"scope": "store:nobody"}, 422, "scope"),
    "an unknown tag": ({"scope": "tag:nothing"}, 422, "scope"),
    "no reason": ({"reason": " "}, 422, "reason"),
    "a long reason": ({"reason": "x" * 501}, 400, "reason"),
    "no end": ({"ends_at": None}, 422, "ends_at"),
    "an end at the start": ({"ends_at": ONCE["starts_at"]}, 422, "ends_at"),
    "no offset": ({"starts_at": "2024-01-15T09:00:00"}, 400, "starts_at"),
    "too late": ({"ends_at": "2500-01-15T09:00:00Z"}, 422, "ends_at"),
    "an unknown field": ({"until": "2024"}, 400, ""),
    "an author": ({"created_by": "somebody else"}, 400, ""),
    "a start and a rule": ({"recurrence": RECURRENCE}, 422, "starts_at"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused(client, name):
    change, status, field = REFUSED[name]
    answer = sent(client, "post", {**ONCE, **change})
    assert answer.status_code == status, answer.content
    assert field in [one["field"] for one in answer.json()["errors"]]
    assert not Exclusion.objects.exists()


HOSTILE = {
    "every second": ({"rule": "FREQ=SECONDLY"}, 422, "rule"),
    "every minute": ({"rule": "FREQ=MINUTELY;BYSECOND=1"}, 422, "rule"),
    "no step": ({"rule": "FREQ=DAILY;INTERVAL=0"}, 422, "rule"),
    "never": ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, 422, "rule"),
    "never by its end": ({"rule": "FREQ=DAILY;UNTIL=20200101"}, 422, "rule"),
    "many rules": ({"rule": "FREQ=DAILY\nRRULE:FREQ=DAILY"}, 422, "rule"),
    "a long text": ({"rule": "FREQ=DAILY;" * 5000}, 400, "rule"),
    "nested text": ({"rule": ["FREQ=DAILY"]}, 400, "rule"),
    "an unknown zone": ({"time_zone": "Mars/Base"}, 422, "time_zone"),
    "no zone": ({"time_zone": None}, 400, "time_zone"),
    "an instant": ({"local_start": "2024-01-07T03:00:00Z"}, 400, "local_start"),
    "no such day": ({"local_start": "2024-02-30T03:00:00"}, 422, "local_start"),
    "a far year": ({"local_start": "9999-01-01T03:00:00"}, 422, "local_start"),
    "too long": ({"duration": "32d"}, 422, "duration"),
    "no length": ({"duration": "0m"}, 422, "duration"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_recurrence_is_refused(client, name):
    change, status, field = HOSTILE[name]
    answer = sent(client, "post", {**SUNDAYS, "recurrence": {**RECURRENCE, **change}})
    assert answer.status_code == status, answer.content
    assert [one["field"] for one in answer.json()["errors"]] == [f"recurrence.{field}"]
    assert not Exclusion.objects.exists()


def test_the_list_is_filtered_by_store_tag_and_scope(client):
    made(client, **ONCE)
    made(client, **SUNDAYS)
    made(client, **ONCE | {"scope": "fleet", "reason": "Power"})
    assert listed(client, "") == ["Power", "Updates of the tills", "New routers"]
    assert listed(client, "store=a") == ["Power", "Updates of the tills", "New routers"]
    assert listed(client, "store=b") == ["Power"]
    assert listed(client, "tag=night") == ["Updates of the tills"]
    assert listed(client, "scope=store") == ["New routers"]
    assert listed(client, "limit=1") == ["Power"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2024-01-15T10:59:59Z&to=2024-01-16T00:00:00Z", ["New routers"]),
        ("from=2024-01-15T11:00:00Z&to=2024-01-16T00:00:00Z", []),
        ("from=2024-01-14T09:59:59Z&to=2024-01-15T00:00:00Z", ["Updates of the tills"]),
        ("from=2024-01-14T10:00:00Z&to=2024-01-15T09:00:00Z", []),
        ("to=2024-01-07T09:00:00Z", []),
        ("to=2024-01-08T09:00:00Z", ["Updates of the tills"]),
        ("from=2024-01-15T12:00:00Z", ["Updates of the tills"]),
    ],
)
def test_the_list_is_filtered_by_interval(client, query, expected):
    made(client, **ONCE)
    made(client, **SUNDAYS)
    assert listed(client, query) == expected


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("store=nobody", 422, "store"),
        ("scope=zone", 400, "scope"),
        ("from=2024-01-02T00:00:00Z&to=2024-01-02T00:00:00Z", 422, "from"),
        ("from=2024-01-01T00:00:00Z&to=2025-01-02T00:00:01Z", 422, "from"),
        ("limit=0", 400, "limit"),
    ],
)
def test_filters_that_mean_nothing_are_refused(client, query, status, field):
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == status, answer.content
    assert field in [one["field"] for one in answer.json()["errors"]]


def test_it_is_ended_early(client):
    once, sundays = made(client, **ONCE), made(client, **SUNDAYS)
    for one in (once, sundays):
        answer = sent(client, "patch", {"ends_at": "2024-01-15T10:00:00Z"}, one["url"])
        assert answer.status_code == 200, answer.content
        assert answer.json()["ends_at"] == "2024-01-15T10:00:00Z"
        assert answer.json()["next_occurrences"] == []
    assert listed(client, "from=2024-01-15T10:00:00Z&to=2024-02-15T00:00:00Z") == []
    refused = sent(client, "patch", {"ends_at": "2024-01-15T08:00:00Z"}, once["url"])
    assert refused.status_code == 422


def test_one_interval_becomes_a_recurrence_and_back(client):
    url = made(client, **ONCE)["url"]
    recurring = {"starts_at": None, "ends_at": None, "recurrence": RECURRENCE, "scope": "fleet"}
    answer = sent(client, "patch", recurring, url)
    assert answer.status_code == 200, answer.content
    assert answer.json()["scope"] == "fleet"
    again = sent(client, "patch", {**ONCE, "recurrence": None}, url)
    assert again.json()["recurrence"] is None
    half = sent(client, "patch", {"recurrence": {"rule": "FREQ=DAILY"}}, url)
    assert half.status_code == 400


def test_it_is_deleted(client):
    url = made(client, **ONCE)["url"]
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == client.delete(url).status_code == 404


def test_the_audit_log_says_who_and_what_was(client):
    url = made(client, **ONCE)["url"]
    sent(client, "patch", {"reason": "Old routers"}, url)
    client.delete(url)
    new, changed, deleted = AuditEntry.objects.filter(what__contains="exclusions").order_by("pk")
    assert {one.who for one in (new, changed, deleted)} == {"API from 127.0.0.1"}
    assert changed.detail["was"]["reason"] == "New routers"
    assert deleted.detail["was"]["reason"] == "Old routers"
    assert deleted.detail["was"]["scope"] == "store:a"


def test_its_time_leaves_the_numbers_of_a_store(client):
    hours = "from=2024-01-15T08:00:00Z&to=2024-01-15T09:00:00Z"
    before = client.get(f"/api/v1/stores/a/uptime/?{hours}").json()["windows"][0]
    made(client, **ONCE | {"starts_at": "2024-01-15T08:15:00Z", "ends_at": "2024-01-15T08:45:00Z"})
    after = client.get(f"/api/v1/stores/a/uptime/?{hours}").json()["windows"][0]
    assert before["up_us"] == 2 * after["up_us"]
    assert before["open_us"] == after["open_us"]
    other = client.get(f"/api/v1/stores/b/uptime/?{hours}").json()["windows"][0]
    assert other["up_us"] == before["up_us"]


@pytest.mark.usefixtures("stores")
def test_a_name_with_a_colon_is_a_name(client):
    Store.objects.create(store_id="a:b")
    Tag.objects.create(name="night: late")
    assert made(client, **ONCE | {"scope": "store:a:b"})["scope"] == "store:a:b"
    assert made(client, **ONCE | {"scope": "tag:night: late"})["scope"] == "tag:night: late"
