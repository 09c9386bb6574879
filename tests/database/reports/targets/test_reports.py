"""Reports of kind targets: through the API, all formats and shards, by the targets of then."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from reports import tasks
from reports.build.services import build_report
from reports.build.shards import build_shard
from reports.models import Report
from targets.models import Target
from tests.database.answers import release
from tests.database.fleet.exclusions import made
from tests.database.reports.requests.asking import ask, fault
from tests.database.reports.targets.fleets import NOON, ingest_fleet, set_target

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_messages(monkeypatch):
    monkeypatch.setattr(tasks, "enqueue", lambda _: None)


@pytest.fixture(autouse=True)
def _fleet():
    ingest_fleet()


def requested(client, **body):
    answer = ask(client, as_of=f"{NOON:%Y-%m-%dT%H:%M:%SZ}", kind="targets", **body)
    assert answer.status_code in {200, 202}, answer.content
    return Report.objects.get(pk=answer.json()["id"])


def built(report):
    build_report(report.pk)
    for shard in report.shards.all():
        build_shard(shard.pk)
    if report.shards.exists():
        build_report(report.pk)
    report.refresh_from_db()
    assert report.status == "Complete", report.error
    with report.file.open("rb") as file:
        return file.read().decode()


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def verdicts(text, *names):
    names = names or ("store_id", "target", "window", "verdict")
    return [tuple(row[name] for name in names) for row in rows(text)]


def test_it_judges_each_store_by_the_target_that_applies(client):
    set_target("All", "fleet", "99.5", "today", "3h")
    set_target("North", "tag:north", "40", "3h")
    set_target("Its own", "store:turned", "90", "3h")

    assert verdicts(built(requested(client, windows=["3h"]))) == [
        ("'=odd", "North", "3h", "met"),
        ("down", "All", "3h", "missed"),
        ("never", "All", "3h", "cannot be told"),
        ("turned", "Its own", "3h", "missed"),
        ("up", "All", "3h", "met"),
    ]


def test_it_has_the_windows_of_the_targets(client):
    set_target("All", "fleet", "99.5", "today", "3h")
    report = requested(client)
    assert report.windows == ["today", "3h"]
    assert verdicts(built(report), "store_id", "window", "verdict")[-2:] == [
        ("up", "today", "cannot be told"),
        ("up", "3h", "met"),
    ]


def test_it_has_no_row_for_a_store_without_target(client):
    set_target("North", "tag:north", "40", "3h")
    assert [row["store_id"] for row in rows(built(requested(client)))] == ["'=odd", "turned"]


def test_it_judges_by_one_percentage_if_it_is_asked(client):
    set_target("All", "fleet", "99.5", "30d")
    text = built(requested(client, windows=["3h"], target=50))
    assert verdicts(text, "store_id", "verdict", "target", "target_percentage") == [
        ("'=odd", "met", "", "50.00"),
        ("down", "missed", "", "50.00"),
        ("never", "cannot be told", "", "50.00"),
        ("turned", "cannot be told", "", "50.00"),
        ("up", "met", "", "50.00"),
    ]


def test_it_prints_the_whole_budget(client):
    """Down from 10:30 on at noon of a day from 09:00 to 17:00: 1:30 of the 0:48 that 90 % allow."""
    set_target("North", "store:turned", "90", "today")
    (row,) = rows(built(requested(client)))
    assert row == {
        "store_id": "turned",
        "window": "today",
        "target": "North",
        "target_percentage": "90.00",
        "verdict": "missed",
        "at_risk": "no",
        "on_track": "no",
        "uptime_percentage": "50.00",
        "open(in hours)": "3.00",
        "uptime(in hours)": "1.50",
        "downtime(in hours)": "1.50",
        "unknown(in hours)": "0.00",
        "least_uptime(in hours)": "1.00",
        "most_uptime(in hours)": "2.00",
        "to_come(in hours)": "5.00",
        "budget(in hours)": "0.80",
        "spent(in hours)": "1.50",
        "left(in hours)": "-0.70",
        "burn_rate": "5.00",
    }


@pytest.mark.parametrize("polls", [1, 8])
def test_its_bytes_do_not_depend_on_shards(client, settings, polls):
    set_target("All", "fleet", "99.5", "today", "3h")
    set_target("North", "tag:north", "40", "3h")
    whole = built(requested(client))
    settings.REPORT_SHARD_POLLS = polls
    report = requested(client)
    assert built(report) == whole
    assert report.shards.count() > 1


def test_it_says_what_was_excluded(client, settings):
    """``up`` and ``turned`` have 3 of their hours in a window; one of each is excluded."""
    set_target("Two", "store:up", "99.5", "3h")
    set_target("North", "store:turned", "40", "3h")
    hours = {"starts_at": NOON - timedelta(hours=2), "ends_at": NOON - timedelta(hours=1)}
    made(reason="Updates", **hours)
    told = []
    for most in (10**6, 1):
        settings.REPORT_SHARD_POLLS = most
        report = requested(client)
        built(report)
        told.append(client.get(f"/api/v1/reports/{report.pk}/").json()["excluded"])
    assert told[0] == told[1]
    [window] = told[0]["windows"]
    hour = 3600 * 10**6
    assert window == {"window": "3h", "open_us": 6 * hour, "excluded_us": 2 * hour}


def test_it_keeps_the_targets_by_which_it_was_asked(client):
    target = set_target("All", "fleet", "99.5", "3h")
    report = requested(client)
    target.delete()
    assert "All" in built(report)
    answer = client.get(f"/api/v1/reports/{report.pk}/").json()
    assert answer["targets"] == [
        {"name": "All", "scope": "fleet", "percentage": 99.5, "windows": ["3h"]}
    ]


def test_it_is_another_report_once_a_target_has_changed(client):
    target = set_target("All", "fleet", "99.5", "3h")
    first = requested(client)
    built(first)
    assert requested(client, reuse=True).pk == first.pk
    Target.objects.get(pk=target.pk).delete()
    set_target("All", "fleet", "99", "3h")
    assert requested(client, reuse=True).pk != first.pk


@pytest.mark.parametrize("change", ["another", "none"])
def test_a_repeated_request_finds_its_report_though_targets_have_changed(client, change):
    target = set_target("All", "fleet", "99.5", "3h")
    first = requested(client, key="once")
    target.delete()
    if change == "another":
        set_target("All", "fleet", "99", "today")
    assert requested(client, key="once").pk == first.pk
    other = ask(client, as_of=f"{NOON:%Y-%m-%dT%H:%M:%SZ}", kind="targets", target=50, key="once")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("suffix", ["csv", "json", "ndjson", "xlsx", "parquet"])
def test_it_comes_in_every_format(client, suffix):
    set_target("=All", "fleet", "99.5", "today")
    report = requested(client)
    built(report)
    answer = client.get(f"/api/v1/reports/{report.pk}/download.{suffix}")
    content = b"".join(answer)
    release(answer)
    assert answer.status_code == 200
    if suffix == "ndjson":
        first = json.loads(content.splitlines()[0])
        assert (first["store_id"], first["target"], first["left(in hours)"]) == (
            "=odd",
            "=All",
            0.04,
        )
        assert [json.loads(line)["uptime_percentage"] for line in content.splitlines()][2] is None
    if suffix == "csv":
        assert b"'=odd,today,'=All,99.50," in content


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "target", "No target is set."),
        ({"windows": ["3h"]}, "target", "No target is set in 3h."),
        ({"target": 0}, "target", ""),
        ({"target": 100.5}, "target", ""),
        ({"target": 50, "kind": "uptime"}, "target", "Only a report of kind targets"),
        ({"target": 50, "columns": "full"}, "columns", "has its own columns"),
        ({"target": 50, "windows": ["soon"]}, "windows", "is not a window"),
    ],
)
def test_it_says_what_cannot_be_asked(client, body, field, reason):
    found, detail = fault(ask(client, **{"kind": "targets", **body}))
    assert found == field
    assert reason in detail


def test_the_database_keeps_targets_and_kind_together():
    for values in ({"kind": "targets"}, {"targets": []}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.create(as_of=NOON, **values)


def test_a_repeated_report_has_the_same_percentage(admin_client):
    first = requested(admin_client, windows=["3h"], target=50)
    built(first)
    admin_client.post(reverse("dashboard:repeat-report", args=[first.pk]))
    again = Report.objects.order_by("-created_at").first()
    assert again.pk != first.pk
    assert (again.kind, again.targets) == ("targets", first.targets)


DAILY = {"name": "a", "cadence": "daily", "hour": 6, "minute": 0, "time_zone": "UTC"}


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/reports/", {}),
        ("/admin/reports/report/add/", {}),
        ("/admin/schedules/schedule/add/", {**DAILY, "mail_as": "link", "active": "on"}),
    ],
)
def test_forms_say_that_no_target_is_set(admin_client, path, more):
    form = {"windows": "3h", "columns": "classic", "kind": "targets", **more}
    answer = admin_client.post(path, form)
    assert answer.status_code in {200, 422}
    assert "No target is set in 3h." in answer.content.decode()


def test_a_schedule_needs_a_target_unless_it_is_switched_off(client):
    said = {"name": "Targets", "cadence": "hourly", "kind": "targets"}

    def sent(method, path, body):
        return getattr(client, method)(path, json.dumps(body), content_type="application/json")

    assert fault(sent("post", "/api/v1/schedules/", said))[0] == "target"
    target = set_target("All", "fleet", "99.5", "3h")
    made = sent("post", "/api/v1/schedules/", said).json()
    assert made["windows"] == ["3h"]
    target.delete()
    address = f"/api/v1/schedules/{made['id']}/"
    assert sent("patch", address, {"active": False}).json()["active"] is False
    assert fault(sent("patch", address, {"active": True}))[0] == "target"
