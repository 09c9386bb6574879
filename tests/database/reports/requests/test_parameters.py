"""What can be asked of a report."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.models import Store
from reports import tasks
from reports.build.services import build_report
from reports.models import Report
from tests.database.files import ingest_hours
from tests.database.reports.requests.asking import NOON, ask, fault

pytestmark = pytest.mark.django_db(transaction=True)


def built(client, **body):
    """The lines of the report that was asked for, each split at the commas."""
    response = ask(client, as_of=NOON, **body)
    assert response.status_code == 202, response.json()
    report = build_report(response.json()["id"])
    with report.file.open("rb") as file:
        return [line.split(",") for line in file.read().decode().splitlines()]


@pytest.mark.parametrize(
    ("windows", "kept"),
    [
        ("1h,24h,7d", ["1h", "24h", "7d"]),
        (" 90m, 1d ", ["90m", "24h"]),
        (["4w", "today", "2024-W02"], ["28d", "today", "2024-W02"]),
    ],
)
def test_it_keeps_the_windows_in_canonical_form(client, windows, kept):
    answer = ask(client, as_of=NOON, windows=windows).json()
    assert answer["windows"] == kept
    assert Report.objects.get().windows == kept


def test_it_tells_what_it_was_asked_for(client):
    stores = {"ids": ["b", "a", "b"], "time_zone": "America/New_York", "tag": "airport"}
    url = ask(client, as_of=NOON, max_gap="120m", columns="full", stores=stores).json()["url"]
    told = client.get(url).json()
    assert (told["columns"], told["max_gap"]) == ("full", "2h")
    assert told["stores"] == {
        "ids": ["a", "b"],
        "id_count": 2,
        "time_zone": "America/New_York",
        "tag": "airport",
    }
    [listed] = client.get("/api/v1/reports/").json()["results"]
    assert listed["stores"] == {"id_count": 2, "time_zone": "America/New_York", "tag": "airport"}


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"windows": []}, "windows", "1 to 12 windows"),
        ({"windows": ""}, "windows", "not a window"),
        ({"windows": ["24h", "1d"]}, "windows", "repeated"),
        ({"windows": "367d"}, "windows", "366 days"),
        ({"windows": [24]}, "windows", "list of strings"),
        ({"windows": "1" * 1_000_000}, "windows", "40 characters"),
        ({"max_gap": "1" * 1_000_000}, "max_gap", "string such as"),
        ({"windows": {"a": 1}}, "windows", "list of strings"),
        ({"windows": "2024-02"}, "windows", "begins after"),
        ({"windows": "2021-05"}, "windows", "400 days"),
        ({"max_gap": "today"}, "max_gap", "not a length"),
        ({"max_gap": "0h"}, "max_gap", "1 minute"),
        ({"max_gap": 3}, "max_gap", "string such as"),
        ({"columns": "all"}, "columns", "not a valid choice"),
        ({"stores": {}}, "stores", "leave out `stores`"),
        ({"stores": {"ids": []}}, "stores.ids", "empty"),
        ({"stores": {"ids": "a"}}, "stores.ids", "list"),
        ({"stores": {"names": ["a"]}}, "stores", "names"),
        ({"stores": ["a"]}, "stores", "dictionary"),
        ({"stores": {"ids": ["a", "x", "y"]}}, "stores", "There is no store 'x', 'y'."),
        ({"stores": {"ids": [f"x{n}" for n in range(9)]}}, "stores", "'x4' and 4 more."),
        ({"stores": {"time_zone": "Mars/Olympus"}}, "stores", "no time zone 'Mars/Olympus'"),
        ({"stores": {"tag": "Airport"}}, "stores", "no tag 'Airport'"),
        ({"reuse": "perhaps"}, "reuse", "true or false"),
        ({"reuse": 1}, "reuse", "true or false"),
    ],
)
def test_it_refuses_what_no_report_can_be_made_of(client, body, field, reason):
    found, detail = fault(ask(client, as_of=NOON, **body))
    assert found == field
    assert reason in detail
    assert not Report.objects.exists()


def test_it_takes_thousands_of_ids(client):
    Store.objects.bulk_create(Store(store_id=f"{n:0100}") for n in range(9_996))
    ids = list(Store.objects.values_list("store_id", flat=True))
    with CaptureQueriesContext(connection) as queries:
        assert ask(client, as_of=NOON, stores={"ids": ids}).json()["stores"]["id_count"] == 10_000
    assert len(queries) < 20
    field, detail = fault(ask(client, as_of=NOON, stores={"ids": [*ids, "more"]}))
    assert (field, "10000" in detail) == ("stores.ids", True)


@pytest.mark.parametrize(
    ("stores", "listed"),
    [
        (None, "abcd"),
        ({"ids": ["d", "a"]}, "ad"),
        ({"time_zone": "America/New_York"}, "ab"),
        ({"tag": "airport"}, "bc"),
        ({"tag": "airport", "time_zone": "Asia/Kolkata"}, "c"),
        ({"tag": "airport", "ids": ["a", "b"]}, "b"),
        ({"time_zone": "Europe/Berlin"}, ""),
    ],
)
@pytest.mark.parametrize("polls", [10**9, 1])
def test_it_is_about_the_stores_that_meet_every_condition(client, settings, stores, listed, polls):
    every = {row[0]: row for row in built(client)}
    settings.REPORT_SHARD_POLLS = polls
    response = ask(client, as_of=NOON, stores=stores)
    report = Report.objects.get(pk=response.json()["id"])
    build_report(report.pk)
    for shard in report.shards.all():
        tasks.build_shard(shard.pk)
    report.refresh_from_db()
    with report.file.open("rb") as file:
        [_, *rows] = [line.split(",") for line in file.read().decode().splitlines()]
    assert "".join(row[0] for row in rows) == listed
    assert [every[row[0]] for row in rows] == rows
    assert (report.stores_total, report.row_count) == (len(listed), len(listed))


def test_it_says_the_windows_that_were_asked_for(client):
    header, row, *_ = built(client, windows="90m,yesterday", stores={"ids": ["a"]})
    assert header == [
        "store_id",
        "uptime_last_90m(in hours)",
        "uptime_yesterday(in hours)",
        "downtime_last_90m(in hours)",
        "downtime_yesterday(in hours)",
    ]
    assert row == ["a", "1.50", "24.00", "0.00", "0.00"]


def test_it_leaves_unknown_what_is_too_far_from_any_poll(client):
    _, row = built(client, windows="24h", max_gap="3h", stores={"ids": ["a"]})
    # An hour and three hours around the poll at 11:00, two after the one of the day before.
    assert row == ["a", "6.00", "0.00"]


def test_it_tells_all_it_knows_in_full(client):
    header, row = built(client, windows="24h", columns="full", stores={"ids": ["a"]})
    values = dict(zip(header, row, strict=True))
    assert values["uptime_percentage_last_day"] == "100.00"
    assert values["unknown_last_day(in hours)"] == "0.00"
    assert values["last_polled_at"] == "2024-01-15T11:00:00.000000Z"
    assert values["last_status"] == "active"


def test_its_full_columns_do_not_depend_on_shards(client, settings):
    ingest_hours("a,0,09:00,17:00", "c,6,00:00,12:00")
    body = {"windows": "1h,7d,30d,this-month", "columns": "full", "max_gap": "20h"}
    whole = built(client, **body)
    settings.REPORT_SHARD_POLLS = 1
    report = Report.objects.get(pk=ask(client, as_of=NOON, **body).json()["id"])
    build_report(report.pk)
    assert report.shards.count() == 4
    for shard in report.shards.all():
        tasks.build_shard(shard.pk)
    report.refresh_from_db()
    with report.file.open("rb") as file:
        assert [line.split(",") for line in file.read().decode().splitlines()] == whole
