"""Reports are cancelled and deleted, workers notice, and receivers are notified once."""

import logging
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from api.errors.reasons import INTERNAL
from jobs.lease import LeaseLost
from reports import tasks
from reports.build import computing, services, shards
from reports.build.ending import cancel, delete_ended, fail
from reports.kinds.uptime_of_stores import StoresMeasured
from reports.models import IdempotencyKey, Report, Shard
from reports.request.requesting import request_report
from reports.signals import report_ended
from tests.database.answers import AS_OF, complete, failed, queued, running
from tests.database.files import ingest_polls
from tests.database.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ME = "API from 127.0.0.1"


@pytest.fixture
def report():
    ingest_polls(*(f"{store},active,2023-01-25 11:00:00 UTC" for store in "abc"))
    return request_report(as_of=AS_OF, requested_by=ME).report


@pytest.fixture
def heard():
    """What receivers of ``report_ended`` got, in order."""
    calls = []

    def receiver(*, report_id, status, **_):
        calls.append((report_id, status, Report.objects.get(pk=report_id).status))

    report_ended.connect(receiver)
    yield calls
    report_ended.disconnect(receiver)


@pytest.fixture
def cut(report, settings):
    """A report in three shards."""
    settings.REPORT_SHARD_POLLS = 1
    services.build_report(report.pk)
    assert report.shards.count() == 3
    return report


def fresh(report):
    return Report.objects.get(pk=report.pk)


def files():
    return default_storage.listdir("reports")[1] if default_storage.exists("reports") else []


def address(report, tail=""):
    return f"/api/v1/reports/{report.pk}/{tail}"


# Cancelled.


@pytest.mark.parametrize("make", [queued, running])
def test_it_cancels_what_has_not_ended(client, make, heard):
    report = make(requested_by=ME)
    response = client.post(address(report, "cancel/"))
    assert (response.status_code, response.json()["status"]) == (200, "Cancelled")
    assert "Retry-After" not in response
    assert fresh(report).finished_at is not None
    assert client.post(address(report, "cancel")).json()["status"] == "Cancelled"
    assert heard == [(report.pk, "Cancelled", "Cancelled")]


@pytest.mark.parametrize("make", [complete, failed])
def test_it_does_not_cancel_what_has_ended(client, make, heard):
    report = make()
    before = Report.objects.values().get()
    response = client.post(address(report, "cancel/"))
    assert (response.status_code, response.json()["code"]) == (409, "report_ended")
    assert Report.objects.values().get() == before
    assert heard == []


def test_it_is_never_built_again(report):
    cancel(report.pk)
    assert services.build_report(report.pk) is None
    assert tasks.build_report(str(report.pk)) == "Cancelled"
    Report.objects.update(enqueued_at=timezone.now() - timedelta(days=1))
    assert services.sweep() == []
    assert files() == []


@pytest.mark.parametrize(
    ("module", "moment"),
    [(computing, "load_fleet"), (StoresMeasured, "printed"), (services, "write_file")],
)
def test_a_worker_throws_away_what_it_has(report, monkeypatch, module, moment, heard, caplog):
    real = getattr(module, moment)

    def interrupted(*arguments, **options):
        result = real(*arguments, **options)
        assert cancel(report.pk)
        return result

    monkeypatch.setattr(module, moment, interrupted)
    with caplog.at_level(logging.INFO):
        assert tasks.build_report(str(report.pk)) == "Cancelled"
    assert "it was cancelled" in caplog.text
    assert (fresh(report).status, fresh(report).file.name, fresh(report).error) == (
        *("Cancelled", "", ""),
    )
    assert files() == []
    assert heard == [(report.pk, "Cancelled", "Cancelled")]


def test_a_worker_that_fails_afterwards_does_not_fail_the_report(report, monkeypatch):
    def broken(**_):
        cancel(report.pk)
        raise ValueError("bad hours")

    monkeypatch.setattr(computing, "load_fleet", broken)
    with pytest.raises(LeaseLost):
        services.build_report(report.pk)
    assert (fresh(report).status, fresh(report).error) == ("Cancelled", "")


def test_its_parts_and_shards_go(cut):
    tasks.build_shard(cut.shards.first().pk)
    assert len(files()) == 1
    waiting = cut.shards.last().pk
    assert cancel(cut.pk)
    assert files() == []
    assert not Shard.objects.exists()
    assert tasks.build_shard(waiting) == ""


@pytest.mark.parametrize("moment", ["compute", "write_file"])
def test_a_shard_stops(cut, monkeypatch, moment):
    real = getattr(shards, moment)

    def interrupted(*arguments):
        result = real(*arguments)
        cancel(cut.pk)
        return result

    monkeypatch.setattr(shards, moment, interrupted)
    assert tasks.build_shard(cut.shards.first().pk) == ""
    assert files() == []
    assert fresh(cut).status == "Cancelled"


def test_it_is_cancelled_or_complete_but_never_both(report, heard):
    at_once(partial(cancel, report.pk), partial(tasks.build_report, str(report.pk)))
    status = fresh(report).status
    assert heard == [(report.pk, status, status)]
    assert (status, len(files())) in {("Cancelled", 0), ("Complete", 1)}


def test_the_calls_of_old_take_it_for_failed(client):
    report = queued(status="Cancelled", finished_at=timezone.now())
    answer = client.get(f"/get_report?report_id={report.pk}")
    assert (answer.json()["status"], answer.json()["message"]) == (
        *("Failed", "The report was cancelled."),
    )
    assert "Retry-After" not in answer
    refused = client.get(f"/download_report?report_id={report.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "report_cancelled")


# Told.


def test_it_tells_of_a_complete_report_once(report, heard):
    services.build_report(report.pk)
    services.build_report(report.pk)
    assert heard == [(report.pk, "Complete", "Complete")]


def test_it_tells_of_a_report_in_shards_once(cut, heard):
    for shard in cut.shards.all():
        tasks.build_shard(shard.pk)
    assert heard == [(cut.pk, "Complete", "Complete")]


def test_it_tells_of_a_failed_report_once(report, monkeypatch, heard):
    def broken(**_):
        raise ValueError("bad hours")

    monkeypatch.setattr(computing, "load_fleet", broken)
    with pytest.raises(ValueError, match="bad hours"):
        services.build_report(report.pk)
    fail(report.pk, "too late")
    assert heard == [(report.pk, "Failed", "Failed")]
    assert fresh(report).error == INTERNAL


def test_it_tells_of_a_report_that_was_given_up(report, heard, settings):
    settings.MAX_ATTEMPTS = 1
    Report.objects.update(attempts=3)
    services.sweep()
    assert heard == [(report.pk, "Failed", "Failed")]


def test_a_receiver_that_fails_harms_nothing(report, caplog):
    def broken(**_):
        raise RuntimeError("no such webhook")

    report_ended.connect(broken)
    try:
        assert services.build_report(report.pk).status == "Complete"
    finally:
        report_ended.disconnect(broken)
    assert "no such webhook" in caplog.text


# Deleted.


def test_it_deletes_a_report_with_its_file(client):
    report = complete(requested_by=ME)
    IdempotencyKey.objects.create(requested_by=ME, key="k", request="x", report=report)
    assert len(files()) == 1
    response = client.delete(address(report))
    assert (response.status_code, response.content) == (204, b"")
    assert files() == []
    assert not Report.objects.exists()
    assert client.delete(address(report)).status_code == 404


@pytest.mark.parametrize("make", [queued, running])
def test_it_does_not_delete_what_has_not_ended(client, make):
    report = make()
    response = client.delete(address(report))
    assert (response.status_code, response.json()["code"]) == (409, "report_running")
    assert fresh(report).status == report.status


def test_a_worker_survives_that_its_report_is_gone(report, monkeypatch):
    real = computing.load_fleet

    def deleted(**options):
        Report.objects.all().delete()
        return real(**options)

    monkeypatch.setattr(computing, "load_fleet", deleted)
    assert tasks.build_report(str(report.pk)) == ""
    assert files() == []


# By whom.


@pytest.mark.parametrize("tail", ["cancel/", ""])
def test_a_reader_may_end_its_own_reports_only(settings, tail):
    settings.ANONYMOUS_SCOPES = ["read"]
    make = queued if tail else partial(complete)
    own, other = make(requested_by="API from 10.0.0.9"), make(requested_by="billing")
    client = Client(REMOTE_ADDR="10.0.0.9")
    call = client.post if tail else client.delete
    assert call(address(own, tail)).status_code in {200, 204}
    assert call(address(other, tail)).status_code in {401, 403}
    assert fresh(other).status == other.status
    settings.ANONYMOUS_SCOPES = ["admin"]
    assert call(address(other, tail)).status_code in {200, 204}


# Found.


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcd"),
        ("status=Complete", "b"),
        ("status=Queued,Cancelled", "ac"),
        ("status=Queued&status=Failed", "ad"),
        ("columns=full", "a"),
        ("requested_by=billing", "c"),
        ("requested_by=me", "d"),
        ("as_of_from=2024-01-02T00:00:00Z", "bcd"),
        ("as_of_to=2024-01-02T00:00:00Z", "a"),
        ("as_of_from=2024-01-02T00:00:00Z&as_of_to=2024-01-04T00:00:00%2B00:00", "bc"),
        ("created_from=2100-01-01T00:00:00Z", ""),
        ("created_to=2100-01-01T00:00:00Z", "abcd"),
        ("status=Queued&columns=classic", ""),
    ],
)
def test_it_lists_the_reports_that_meet_every_condition(client, query, found):
    now = timezone.now()
    reports = {
        "a": queued(columns="full"),
        "b": complete(),
        "c": queued(status="Cancelled", finished_at=now, requested_by="billing"),
        "d": queued(status="Failed", error="no", finished_at=now, requested_by=ME),
    }
    for day, report in enumerate(reports.values(), 1):
        Report.objects.filter(pk=report.pk).update(as_of=f"2024-01-0{day}T00:00:00Z")
    names = {str(report.pk): name for name, report in reports.items()}
    results = client.get(f"/api/v1/reports/?{query}").json()["results"]
    assert "".join(sorted(names[result["id"]] for result in results)) == found


@pytest.mark.parametrize(
    "query",
    ["status=Done", "status=", "columns=all", "as_of_from=yesterday", "as_of=x", "stores=a"],
)
def test_it_refuses_conditions_that_it_does_not_know(client, query):
    response = client.get(f"/api/v1/reports/?{query}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_its_pages_keep_to_the_conditions(client):
    for number in range(60):
        columns = "full" if number % 10 else "classic"
        queued(columns=columns, created_at=timezone.now())
    page = client.get("/api/v1/reports/?columns=full").json()
    rest = client.get(page["next"]).json()
    assert (len(page["results"]), len(rest["results"]), rest["next"]) == (50, 4, None)
    assert {each["columns"] for each in page["results"] + rest["results"]} == {"full"}


def test_it_asks_to_wait_longer_for_an_old_report(client):
    report = running()
    for minutes, seconds in ((0, "1"), (1, "6"), (60, "30")):
        Report.objects.update(created_at=timezone.now() - timedelta(minutes=minutes))
        assert client.get(address(report))["Retry-After"] == seconds


def test_a_report_may_be_deleted_as_soon_as_it_is_told_that_it_ended(report):
    def delete(*, report_id, **_):
        assert delete_ended(report_id)

    report_ended.connect(delete)
    try:
        assert tasks.build_report(str(report.pk)) == ""
    finally:
        report_ended.disconnect(delete)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"status": "Failed", "error": "no", "finished_at": None},
        {"status": "Cancelled", "finished_at": None},
        {"status": "Queued", "finished_at": timezone.now()},
    ],
)
def test_it_has_an_end_whenever_it_ended_and_only_then(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        queued(**values)


def test_reports_of_earlier_versions_that_say_no_end_are_given_one():
    report = queued(status="Failed", error="no", created_at=AS_OF, finished_at=AS_OF)
    call_command("migrate", "reports", "0005", verbosity=0)
    try:
        Report.objects.update(finished_at=None)
    finally:
        call_command("migrate", verbosity=0)
    report.refresh_from_db()
    assert report.finished_at == AS_OF
