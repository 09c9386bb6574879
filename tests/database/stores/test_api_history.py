"""Uptime and timeline of one store: the numbers of a report, and how they came about."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from fleet.models import Store
from reports.build.services import build_report
from reports.request.requesting import request_report
from stores.http import history_views
from stores.http.history_serializers import TimelineSerializer, UptimeSerializer
from tests.database.answers import REFUSALS
from tests.database.files import ingest_hours, ingest_polls, ingest_stores, ingest_time_zones

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/stores/a/"
HOUR = 3_600_000_000
SUMS = ("up_us", "down_us", "unknown_us", "excluded_us", "open_us", "closed_us")


@pytest.fixture
def history():
    """A store of odd hours whose clocks change, polled unevenly; and one polled all the time."""
    polls = [
        ("active", "2024-03-05 15:10:00.123456"),
        ("inactive", "2024-03-06 03:10:00"),
        ("active", "2024-03-08 23:59:59.999999"),
        ("inactive", "2024-03-10 14:00:00"),
        ("active", "2024-03-10 14:00:01"),
        ("inactive", "2024-03-12 13:00:00.5"),
    ]
    ingest_polls(
        *(f"a,{status},{at} UTC" for status, at in polls),
        "b,active,2024-03-13 18:13:22.479220 UTC",
    )
    ingest_hours(
        *(f"a,{day},09:00,17:00" for day in range(5)), "a,5,20:00,02:00", "a,6,00:00,23:59:59"
    )
    ingest_time_zones("a,America/Chicago")


def asked(client, what="uptime", status=200, **query):
    query = {name.rstrip("_"): value for name, value in query.items()}
    answer = client.get(f"{URL}{what}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


def refused(client, what, **query):
    query = {name.rstrip("_"): value for name, value in query.items()}
    answer = client.get(f"{URL}{what}", query)
    assert (answer.status_code, answer.json()["code"]) in REFUSALS, answer.content
    return answer.json()


def test_it_gives_the_numbers_of_a_report(client, history):
    build_report(request_report(requested_by="a test").report.pk)
    text = client.get("/download_report").getvalue().decode()
    [row] = [row for row in csv.DictReader(io.StringIO(text)) if row["store_id"] == "a"]

    windows = asked(client, windows="1h,24h,7d")["windows"]

    assert [window["window"] for window in windows] == ["1h", "24h", "7d"]
    for window, unit, name in zip(
        windows,
        (60_000_000, HOUR, HOUR),
        ("last_hour(in minutes)", "last_day(in hours)", "last_week(in hours)"),
        strict=True,
    ):
        for state, key in (("uptime", "up_us"), ("downtime", "down_us")):
            said = Decimal(window[key]) / unit
            assert abs(said - Decimal(row[f"{state}_{name}"])) <= Decimal("0.005")
    assert windows[2]["up_us"] > 0
    assert windows[2]["down_us"] > 0


def test_it_says_what_it_was_asked_and_what_it_read(client, history):
    told = asked(client, windows="7d,yesterday", max_gap="3h")
    assert set(told) == set(UptimeSerializer().fields)
    assert set(told["windows"][0]) == set(UptimeSerializer().fields["windows"].child.fields)
    assert told["store_id"] == "a"
    assert told["as_of"] == "2024-03-13T18:13:22.479220Z"
    assert told["max_gap_us"] == 3 * HOUR
    assert told["time_zone"] == "America/Chicago"
    assert told["last_poll"] == {"polled_at": "2024-03-12T13:00:00.500000Z", "status": "inactive"}
    week, yesterday = told["windows"]
    assert (week["from"], week["to"]) == ("2024-03-06T18:13:22.479220Z", told["as_of"])
    assert (yesterday["from"], yesterday["to"]) == ("2024-03-12T05:00:00Z", "2024-03-13T05:00:00Z")


def test_it_covers_the_week_before_the_newest_poll_by_default(client, history):
    [window] = asked(client)["windows"]
    assert window["window"] is None
    assert (window["from"], window["to"]) == (
        "2024-03-06T18:13:22.479220Z",
        "2024-03-13T18:13:22.479220Z",
    )
    for name, value in asked(client, windows="7d")["windows"][0].items():
        assert name == "window" or window[name] == value


def test_its_numbers_add_up_to_the_microsecond(client, history):
    for query in ({}, {"max_gap": "90m"}, {"from_": "2024-03-08T00:00:00.000001-06:00"}):
        [window] = asked(client, **query)["windows"]
        length = datetime.fromisoformat(window["to"]) - datetime.fromisoformat(window["from"])
        assert window["up_us"] + window["down_us"] + window["unknown_us"] == window["open_us"]
        assert window["open_us"] + window["closed_us"] == length // timedelta(microseconds=1)
        assert window["least_uptime_us"] <= window["up_us"] <= window["most_uptime_us"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"max_gap": "2h"},
        {"from_": "2024-03-09T12:00:00Z", "to": "2024-03-11T12:00:00.000001Z"},
        {"from_": "2024-03-05T00:00:00Z", "to": "2024-03-06T00:00:00Z"},
        {"as_of": "2024-03-10T14:00:00Z"},
        {"from_": "2024-01-01T00:00:00Z"},
    ],
)
@pytest.mark.parametrize("hours", ["own", "none"])
def test_its_timeline_sums_up_to_its_numbers_exactly(client, history, query, hours):
    if hours == "none":
        Store.objects.get(store_id="a").business_hours.all().delete()
    [window] = asked(client, **query)["windows"]
    line = asked(client, "timeline", **query)
    assert {name: line[name] for name in SUMS} == {name: window[name] for name in SUMS}
    assert (line["from"], line["to"]) == (window["from"], window["to"])
    spans = line["spans"]
    for state in ("up", "down", "unknown", "closed"):
        lengths = [span["length_us"] for span in spans if span["state"] == state]
        assert sum(lengths) == line[f"{state}_us"]
    edges = [line["from"], *(span["to"] for span in spans)]
    assert edges == [*(span["from"] for span in spans), line["to"]]


def test_its_timeline_says_what_made_each_span(client, history):
    line = asked(client, "timeline", from_="2024-03-08T22:00:00Z", to="2024-03-10T15:00:00Z")
    assert set(line) == set(TimelineSerializer().fields)
    by_state = {span["state"]: span for span in line["spans"]}
    assert set(by_state["up"]) == set(TimelineSerializer().fields["spans"].child.fields)
    assert by_state["closed"]["rule"] == "outside_hours"
    assert by_state["closed"]["poll"] is None
    assert by_state["closed"]["opening"] is None
    night = next(span for span in line["spans"] if span["from"] == "2024-03-10T02:00:00Z")
    assert night["rule"] == "nearest_poll"
    assert night["opening"] == {
        "from": "2024-03-10T02:00:00Z",
        "to": "2024-03-11T05:00:00Z",
        "rule": "business_hours",
        "business_hours": [
            {"weekday": 5, "opens": "20:00:00", "closes": "02:00:00"},
            {"weekday": 6, "opens": "00:00:00", "closes": "23:59:59"},
        ],
        "special_days": [],
    }
    assert line["polls"] == [
        {"polled_at": "2024-03-08T23:59:59.999999Z", "status": "active", "is_evidence": False},
        {"polled_at": "2024-03-10T14:00:00Z", "status": "inactive", "is_evidence": True},
        {"polled_at": "2024-03-10T14:00:01Z", "status": "active", "is_evidence": True},
    ]


def test_it_knows_nothing_of_a_store_never_polled(client, history):
    ingest_stores("never,,")
    told = client.get("/api/v1/stores/never/uptime").json()
    [window] = told["windows"]
    assert told["last_poll"] is None
    assert told["time_zone"] == "America/Chicago"
    assert (window["up_us"], window["down_us"], window["unknown_us"]) == (0, 0, 168 * HOUR)
    assert (window["uptime_percentage"], window["coverage_percentage"]) == ("n/a", "0.00")
    [span] = client.get("/api/v1/stores/never/timeline").json()["spans"]
    assert (span["state"], span["rule"]) == ("unknown", "no_evidence")
    assert (span["opening"]["rule"], span["opening"]["from"]) == ("always_open", None)


def test_it_ends_at_as_of_and_looks_no_further(client, history):
    told = asked(client, as_of="2024-03-10T14:00:00Z", to="2025-01-01T00:00:00Z")
    assert told["windows"][0]["to"] == "2024-03-10T14:00:00Z"
    assert told["last_poll"]["status"] == "inactive"
    line = asked(client, "timeline", as_of="2024-03-10T13:59:59.999999Z")
    assert [poll["status"] for poll in line["polls"]] == ["active", "inactive", "active"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "2024-03-10T00:00:00Z"}, ""),
        ({"from_": "2024-03-10"}, "from"),
        ({"from_": "2024-03-10T00:00:00"}, "from"),
        ({"from_": "2024-03-10T00:00:00Z", "to": "2024-03-10T00:00:00Z"}, "from"),
        ({"from_": "2024-03-14T00:00:00Z"}, "from"),
        ({"from_": "2023-03-12T18:13:22Z"}, "from"),
        ({"max_gap": "soon"}, "max_gap"),
        ({"as_of": "now"}, "as_of"),
    ],
)
@pytest.mark.parametrize("what", ["uptime", "timeline"])
def test_it_names_what_it_cannot_take(client, history, what, query, field):
    problem = refused(client, what, **query)
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize(
    "query",
    [
        {"windows": "soon"},
        {"windows": "1h,60m"},
        {"windows": ""},
        {"windows": "7d", "from_": "2024-03-10T00:00:00Z"},
        {"windows": "2024-06"},
        {"windows": "2020-06"},
    ],
)
def test_it_names_windows_that_it_cannot_take(client, history, query):
    problem = refused(client, "uptime", **query)
    assert [error["field"] for error in problem["errors"]] == ["windows"]
    assert asked(client, "timeline", 400, windows="7d")["errors"][0]["field"] == ""


def test_it_has_no_instant_to_look_from_while_there_is_no_poll(client):
    ingest_stores("a,,")
    for what in ("uptime", "timeline"):
        assert asked(client, what, 409)["code"] == "no_polls"
        told = asked(client, what, as_of="2024-03-10T00:00:00Z")
        assert told["as_of"] == "2024-03-10T00:00:00Z"


def test_it_reads_no_poll_of_another_store(client, history, django_assert_max_num_queries):
    # Three of them only begin and end a transaction; special days and exclusions are two each.
    with django_assert_max_num_queries(15):
        alone = asked(client)
    ingest_polls(*(f"b,inactive,2024-03-12 {hour:02}:30:00 UTC" for hour in range(24)))
    assert asked(client)["windows"] == alone["windows"]


def test_it_can_look_back_a_year(client, history):
    end = datetime(2024, 3, 13, 18, tzinfo=UTC)
    start = end - timedelta(days=366)
    [window] = asked(client, from_=start.isoformat(), to=end.isoformat())["windows"]
    assert window["open_us"] + window["closed_us"] == 366 * 24 * HOUR


def test_it_refuses_a_timeline_over_more_polls_than_anybody_can_use(client, history, monkeypatch):
    monkeypatch.setattr(history_views, "MOST_POLLS", 2)
    whole = {"from": "2024-03-05T00:00:00Z", "to": "2024-03-10T00:00:00Z"}
    assert "polls; ask for a shorter one" in asked(client, "timeline", 422, **whole)["detail"]
    two = {"from": "2024-03-05T15:10:01Z", "to": "2024-03-10T14:00:00Z"}
    assert asked(client, "timeline", **two)["spans"]
    assert asked(client, "uptime", **whole)["windows"]
