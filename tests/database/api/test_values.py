"""Malformed values are 400; well-formed values that cannot be used are 422. Never 500."""

import base64
import json

import pytest

from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db

LISTS = [
    "/api/v1/reports/",
    "/api/v1/ingestions/",
    "/api/v1/stores/",
    "/api/v1/stores/a/polls/",
    "/api/v1/schedules/",
    "/api/v1/schedules/1/runs/",
    "/api/v1/webhooks/",
    "/api/v1/webhooks/1/deliveries/",
    "/api/v1/targets/",
]
SCHEDULE = {"name": "Daily", "cadence": "daily", "hour": 6}
TARGET = {"name": "All", "scope": "fleet", "percentage": 99.5, "windows": ["7d"]}
WEBHOOK = {"name": "BI", "url": "https://bi.example.com/"}


@pytest.fixture(autouse=True)
def _things(client):
    """Something in every list."""
    ingest_polls("a,active,2024-01-15 00:00:00 UTC")
    assert send(client, "/api/v1/schedules/", SCHEDULE)[0] == 201
    assert send(client, "/api/v1/webhooks/", WEBHOOK)[0] == 201
    assert send(client, "/api/v1/targets/", TARGET)[0] == 201


def send(client, path, body):
    answer = client.post(path, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def ids(client, path):
    return [one["id"] for one in client.get(path).json()["results"]]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "position",
    [
        "p=%00",
        "p=2024-13-01T00:00:00Z",
        "p=0001-01-01T00:00:00%2B23:59",
        "p=9999-12-31T23:59:59-23:59",
        f"p={9**30}",
        "r=1&p=",
        "p=inf",
    ],
)
def test_it_takes_any_cursor_that_somebody_wrote(client, path, position):
    if "/1/" in path:
        parent, name = path.split("/1/")
        path = f"{parent}/{ids(client, parent)[0]}/{name}"
    cursor = base64.b64encode(position.encode()).decode()
    answer = client.get(path, {"cursor": cursor})
    assert answer.status_code in {200, 422}, answer.content
    if answer.status_code == 422:
        assert answer.json()["code"] == "unusable_value"
        assert answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("path", ["/api/v1/reports/", "/api/v1/ingestions/", "/api/v1/webhooks/"])
def test_it_knows_no_page_of_a_position_that_no_row_has(client, path):
    answer = client.get(path, {"cursor": base64.b64encode(b"p=abc").decode()})
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_value")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/reports/", {"windows": "soon"}),
        ("/api/v1/reports/", {"windows": ["1h", 2]}),
        ("/api/v1/reports/", {"max_gap": "3"}),
        ("/api/v1/reports/", {"reuse": 0}),
        ("/api/v1/reports/", {"reuse": "true"}),
        ("/api/v1/reports/", {"stores": {"tag": 5}}),
        ("/api/v1/reports/", {"stores": {"ids": ["a", 5]}}),
        ("/api/v1/reports/", {"stores": {"ids": {"a": 1}}}),
        ("/api/v1/schedules/", {**SCHEDULE, "hour": "6"}),
        ("/api/v1/schedules/", {**SCHEDULE, "hour": True}),
        ("/api/v1/schedules/", {**SCHEDULE, "hour": 24}),
        ("/api/v1/schedules/", {**SCHEDULE, "active": 1}),
        ("/api/v1/schedules/", {**SCHEDULE, "time_zone": 1}),
        ("/api/v1/webhooks/", {**WEBHOOK, "name": 7}),
        ("/api/v1/webhooks/", {**WEBHOOK, "events": {"report.failed": 1}}),
    ],
)
def test_it_says_400_to_what_is_not_of_the_form(client, path, body):
    status, problem = send(client, path, body)
    assert (status, problem["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/reports/", {"windows": "0m"}),
        ("/api/v1/reports/", {"windows": ["1h", "60m"]}),
        ("/api/v1/reports/", {"max_gap": "9999d"}),
        ("/api/v1/reports/", {"as_of": "1969-12-31T00:00:00Z"}),
        ("/api/v1/reports/", {"stores": {"ids": ["b"]}}),
        ("/api/v1/reports/", {"stores": {"tag": "a\0"}}),
        ("/api/v1/schedules/", {**SCHEDULE, "time_zone": "Mars/Olympus"}),
        ("/api/v1/schedules/", {**SCHEDULE, "weekday": 1}),
        ("/api/v1/webhooks/", {**WEBHOOK, "url": "https://127.0.0.1/"}),
    ],
)
def test_it_says_422_to_what_is_and_cannot_be_had(client, path, body):
    status, problem = send(client, path, body)
    assert (status, problem["code"]) == (422, "unusable_value")


def test_it_says_400_where_both_are_wrong(client):
    status, problem = send(client, "/api/v1/reports/", {"windows": "0m", "max_gap": "soon"})
    assert (status, problem["code"]) == (400, "invalid")
    assert {error["field"] for error in problem["errors"]} == {"windows", "max_gap"}


@pytest.mark.parametrize("hour", [6, 6.0])
def test_it_takes_whole_numbers_however_they_are_written(client, hour):
    assert send(client, "/api/v1/schedules/", {**SCHEDULE, "hour": hour})[0] == 201
