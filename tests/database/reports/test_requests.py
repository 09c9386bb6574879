"""Valid requests for reports, and requests that find an earlier report."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread

import kombu.exceptions
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fleet.models import Store
from reports import tasks
from reports.build.ending import cancel, delete_ended
from reports.build.services import build_report
from reports.models import IdempotencyKey, Report
from reports.request import requesting
from tests.database.answers import REFUSALS
from tests.database.files import ingest_hours, ingest_polls, ingest_time_zones
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

NOON = "2024-01-15T12:00:00Z"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The queued reports."""
    calls = []
    monkeypatch.setattr(tasks, "enqueue", lambda report: calls.append(report.pk))
    return calls


@pytest.fixture(autouse=True)
def _fleet():
    ingest_polls(
        *(f"{store},active,2024-01-{day:02}T11:00:00Z" for store in "abcd" for day in (14, 15))
    )
    ingest_time_zones("a,America/New_York", "b,America/New_York", "c,Asia/Kolkata")
    [b, c] = Store.objects.filter(store_id__in="bc").order_by("store_id")
    b.tags.create(name="airport")
    c.tags.set(b.tags.all())


def ask(client, key=None, **body):
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(
        "/api/v1/reports/", json.dumps(body), content_type="application/json", headers=headers
    )


def built(client, **body):
    """The lines of the report that was asked for, each split at the commas."""
    response = ask(client, as_of=NOON, **body)
    assert response.status_code == 202, response.json()
    report = build_report(response.json()["id"])
    with report.file.open("rb") as file:
        return [line.split(",") for line in file.read().decode().splitlines()]


def fault(response):
    """The field and the reason of the only fault of a request that was refused."""
    assert (response.status_code, response.json()["code"]) in REFUSALS
    [found] = response.json()["errors"]
    return found["field"], found["detail"]


# Asked for.


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


# Computed.


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


# Asked for twice.


def test_the_same_key_and_request_find_the_same_report(client, told):
    first = ask(client, key="k", windows="24h")
    second = ask(client, key='"k"', windows=["1d"])
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second["Location"] == first["Location"]
    assert told == [Report.objects.get().pk]

    build_report(Report.objects.get().pk)
    third = ask(client, key="k", windows="24h")
    assert (third.status_code, third.json()["status"]) == (200, "Complete")


def test_a_key_stays_with_its_report_when_newer_polls_come(client):
    first = ask(client, key="k").json()
    ingest_polls("a,inactive,2024-01-15T11:30:00Z")
    assert ask(client, key="k").json()["as_of"] == first["as_of"]
    assert ask(client, key="k2").json()["as_of"] == "2024-01-15T11:30:00Z"


@pytest.mark.parametrize("other", [{"windows": "1h"}, {"as_of": NOON}, {"reuse": True}])
def test_the_same_key_with_another_request_is_refused(client, other):
    ask(client, key="k")
    response = ask(client, key="k", **other)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Report.objects.count() == 1


def test_a_key_is_known_of_one_sender_only(client):
    ask(client, key="k")
    other = Client(REMOTE_ADDR="10.0.0.9")
    response = ask(other, key="k", windows="24h")
    assert response.status_code == 202
    assert "Idempotency-Replayed" not in response


def test_a_key_goes_with_its_report(client):
    url = ask(client, key="k").json()["url"]
    client.post(f"{url}cancel/")
    client.delete(url)
    assert not IdempotencyKey.objects.exists()
    assert ask(client, key="k", windows="24h").status_code == 202


def test_a_key_is_given_back_when_the_report_could_not_be_queued(client, monkeypatch):
    def unreachable(_):
        raise kombu.exceptions.OperationalError("redis is away")

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "enqueue", unreachable)
        assert ask(client, key="k").status_code == 503
    response = ask(client, key="k")
    assert response.status_code == 202
    assert "Idempotency-Replayed" not in response


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "clé", "a\tb"])
def test_it_refuses_a_key_that_is_none(client, key):
    assert fault(ask(client, key=key))[0] == "Idempotency-Key"


def test_twins_make_one_report(told):
    clients = [Client() for _ in range(4)]
    answers = at_once(*(partial(ask, client, key="k", windows="24h") for client in clients))
    assert {answer.status_code for answer in answers} == {202}
    [report] = Report.objects.all()
    assert {answer.json()["id"] for answer in answers} == {str(report.pk)}
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert told == [report.pk]


# Reused.


def reusing(client, **body):
    return ask(client, as_of=NOON, reuse=True, **body)


def test_an_equal_report_is_reused_where_that_is_allowed(client, told):
    first = ask(client, as_of=NOON, windows="24h").json()
    build_report(first["id"])
    assert first["reused"] is False
    for windows in ("24h", ["1d"]):
        response = reusing(client, windows=windows)
        assert response.status_code == 200
        assert response.json()["id"] == first["id"]
        assert (response.json()["status"], response.json()["reused"]) == ("Complete", True)
    assert ask(client, as_of=NOON, windows="24h").json()["id"] != first["id"]
    assert len(told) == 2


def test_a_report_under_way_is_reused_too(client):
    first = ask(client, as_of=NOON).json()
    response = reusing(client)
    assert (response.status_code, response.json()["id"]) == (200, first["id"])
    assert response["Retry-After"] == "1"


@pytest.mark.parametrize(
    "other",
    [
        {"windows": "24h"},
        {"columns": "full"},
        {"max_gap": "3h"},
        {"stores": {"ids": ["a", "b", "c", "d"]}},
    ],
)
def test_a_report_of_something_else_is_not_reused(client, other):
    ask(client, as_of=NOON)
    assert reusing(client, **other).status_code == 202


CHANGES = {
    "polls": lambda _: ingest_polls("a,inactive,2024-01-15T10:00:00Z"),
    "an edited store": lambda _: Store.objects.get(store_id="d").delete(),
    "the look-back": lambda s: setattr(s, "UPTIME_LOOK_BACK", timedelta(hours=30)),
    "what is fresh": lambda s: setattr(s, "UPTIME_FRESH", timedelta(minutes=30)),
}


@pytest.mark.parametrize("is_built", [True, False])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_report_of_other_data_is_not_reused(client, settings, change, is_built):
    first = ask(client, as_of=NOON).json()["id"]
    if is_built:
        build_report(first)
    change(settings)
    second = reusing(client)
    assert (second.status_code, second.json()["reused"]) == (202, False)
    build_report(second.json()["id"])
    assert reusing(client).json()["id"] == second.json()["id"]


def test_a_report_whose_data_changed_while_they_were_read_is_not_reused(client, monkeypatch):
    from reports.build import computing  # noqa: PLC0415 - to be replaced in it

    first = ask(client, as_of=NOON).json()["id"]
    real = computing.load_fleet

    def disturbed(**options):
        fleet = real(**options)
        ingest_polls("a,inactive,2024-01-15T10:00:00Z")
        return fleet

    monkeypatch.setattr(computing, "load_fleet", disturbed)
    assert build_report(first).data_version is None
    assert reusing(client).status_code == 202


def test_a_report_is_reused_that_was_built_of_newer_data_than_it_was_asked_for(client):
    first = ask(client, as_of=NOON).json()["id"]
    ingest_polls("a,inactive,2024-01-15T10:00:00Z")
    build_report(first)
    assert reusing(client).json()["id"] == first


@pytest.mark.parametrize("disturbed", [False, True])
def test_a_report_in_shards_is_reused_if_all_saw_the_same_data(client, settings, disturbed):
    settings.REPORT_SHARD_POLLS = 1
    report = Report.objects.get(pk=ask(client, as_of=NOON).json()["id"])
    build_report(report.pk)
    [one, *others] = report.shards.all()
    tasks.build_shard(one.pk)
    if disturbed:
        ingest_polls("d,inactive,2024-01-15T10:00:00Z")
    for shard in others:
        tasks.build_shard(shard.pk)
    report.refresh_from_db()
    assert report.status == "Complete"
    assert (reusing(client).json()["id"] == str(report.pk)) is not disturbed


def test_neither_failed_nor_cancelled_reports_are_reused(client):
    first = ask(client, as_of=NOON).json()["id"]
    cancel(first)
    second = reusing(client).json()["id"]
    assert second != first
    Report.objects.filter(pk=second).update(
        status="Failed", error="no", finished_at=datetime.now(UTC)
    )
    assert reusing(client).status_code == 202


def test_a_report_that_is_reused_is_not_deleted_before_its_key_is_kept(client, monkeypatch):
    first = build_report(ask(client, as_of=NOON).json()["id"])

    def delete():
        delete_ended(first.pk)
        connection.close()

    deleting, find = Thread(target=delete), requesting._equal

    def found(wanted):
        report = find(wanted)
        deleting.start()
        deleting.join(0.5)  # It waits for the request's end, or would be done by then.
        return report

    monkeypatch.setattr(requesting, "_equal", found)
    response = ask(client, "k", as_of=NOON, reuse=True)
    deleting.join(30)

    assert (response.status_code, response.json()["id"]) == (200, str(first.pk))
    assert not Report.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_a_reused_report_is_known_by_the_key_of_the_request(client):
    first = ask(client, key="one", as_of=NOON).json()["id"]
    assert ask(client, key="two", as_of=NOON, reuse=True).json()["id"] == first
    ingest_polls("a,inactive,2024-01-15T10:00:00Z")
    again = ask(client, key="two", as_of=NOON, reuse=True)
    assert again.json()["id"] == first
    assert again["Idempotency-Replayed"] == "true"
