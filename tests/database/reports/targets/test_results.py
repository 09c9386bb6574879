"""The results of a target over HTTP: the same as in a report, the worst first."""

import csv
import io
import json
from datetime import timedelta

import pytest

from fleet.models import Tag
from reports import tasks
from reports.build.services import build_report
from reports.models import Report
from tests.database.answers import REFUSALS
from tests.database.reports.requests.asking import ask
from tests.database.reports.targets.fleets import NOON, ingest_fleet, set_target

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3_600_000_000


@pytest.fixture(autouse=True)
def _no_messages(monkeypatch):
    monkeypatch.setattr(tasks, "enqueue", lambda _: None)


def results(client, target, **query):
    answer = client.get(f"/api/v1/targets/{target.pk}/results/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def named(said):
    return [(one["store_id"], one["verdict"]) for one in said["results"]]


@pytest.fixture
def fleet(db):
    ingest_fleet()


def test_it_lists_the_worst_first(client, fleet):
    target = set_target("All", "fleet", "60", "3h")
    said = results(client, target)
    assert said["as_of"] == "2024-01-15T12:00:00Z"
    assert said["target"]["name"] == "All"
    assert named(said) == [
        ("down", "missed"),
        ("turned", "cannot be told"),
        ("never", "cannot be told"),
        ("=odd", "met"),
        ("up", "met"),
    ]
    counts = {"window": "3h", "met": 2, "missed": 1, "cannot_be_told": 2, "at_risk": 1}
    assert said["counts"] == [counts]
    assert named(results(client, target, limit=1)) == [("down", "missed")]


def test_it_says_each_number_exactly(client, fleet):
    said = results(client, set_target("All", "store:turned", "60", "today"))
    assert said["results"] == [
        {
            "store_id": "turned",
            "window": "today",
            "verdict": "cannot be told",
            "at_risk": True,
            "uptime_percentage": "50.00",
            "open_us": 3 * HOUR,
            "up_us": 3 * HOUR // 2,
            "down_us": 3 * HOUR // 2,
            "unknown_us": 0,
            "least_uptime_us": HOUR,
            "most_uptime_us": 2 * HOUR,
            "to_come_us": 5 * HOUR,
            "budget_us": 8 * HOUR * 4 // 10,
            "spent_us": 3 * HOUR // 2,
            "left_us": 8 * HOUR * 4 // 10 - 3 * HOUR // 2,
            "burn_rate": "1.25",
        }
    ]


def test_it_leaves_out_stores_with_a_nearer_or_stricter_target(client, fleet):
    every = set_target("All", "fleet", "60", "3h")
    north = set_target("North", "tag:north", "60", "3h")
    own = set_target("Own", "store:turned", "60", "3h")
    stores = [{store for store, _ in named(results(client, one))} for one in (every, north, own)]
    assert stores == [{"up", "down", "never"}, {"=odd"}, {"turned"}]


def test_it_is_the_same_in_pieces_and_in_a_report(client, settings, fleet):
    target = set_target("All", "fleet", "60", "3h", "today")
    set_target("Other", "store:up", "60", "30d")
    whole = results(client, target)
    settings.REPORT_SHARD_POLLS = 1
    assert results(client, target) == whole

    settings.REPORT_SHARD_POLLS = 10**9
    answer = ask(client, as_of=f"{NOON:%Y-%m-%dT%H:%M:%SZ}", kind="targets")
    report = build_report(Report.objects.get(pk=answer.json()["id"]).pk)
    with report.file.open("rb") as file:
        rows = list(csv.DictReader(io.StringIO(file.read().decode())))
    of_report = {
        (row["store_id"].lstrip("'"), row["window"]): (row["verdict"], row["burn_rate"])
        for row in rows
        if row["target"] == "All"
    }
    assert of_report == {
        (one["store_id"], one["window"]): (one["verdict"], one["burn_rate"])
        for one in whole["results"]
    }


def test_it_is_as_of_any_instant(client, fleet):
    target = set_target("All", "store:turned", "60", "3h")
    said = results(client, target, as_of="2024-01-15T10:00:00Z")
    assert (said["as_of"], named(said)) == ("2024-01-15T10:00:00Z", [("turned", "met")])


def test_it_has_no_results_for_a_tag_that_is_gone(client, fleet):
    target = set_target("North", "tag:north", "60", "3h")
    Tag.objects.all().delete()
    assert results(client, target)["results"] == []


def test_it_says_what_is_missing(client, settings):
    target = set_target("All", "fleet", "60", "3h")
    path = f"/api/v1/targets/{target.pk}/results/"
    assert client.get(path).status_code == 409
    assert client.get("/api/v1/targets/9/results/").status_code == 404
    ingest_fleet()
    settings.PRUNE_KEEP = timedelta(days=1)
    problem = client.get(path)
    assert (problem.status_code, problem.json()["code"]) in REFUSALS
    assert "Polls are kept for" in json.dumps(problem.json())
    assert client.get(path, {"limit": 0}).status_code == 400
