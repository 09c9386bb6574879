"""An equal report of the same data is reused."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection

from fleet.models import Store
from reports import tasks
from reports.build.ending import cancel, delete_ended
from reports.build.services import build_report
from reports.models import IdempotencyKey, Report
from reports.request import requesting
from tests.database.files import ingest_polls
from tests.database.reports.requests.asking import NOON, ask

pytestmark = pytest.mark.django_db(transaction=True)


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
