"""Numbers that need pruned polls are refused, whoever asks and however."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from fleet import extent
from fleet.models import Poll, Store
from fleet.versions import current_version
from reports import maintenance_tasks
from reports.build.services import build_report
from reports.models import Report
from reports.request.requesting import request_report
from schedules.models import ScheduledRun
from schedules.services import create_schedule, start_due
from tests.database.admin_pages import text
from tests.database.clocks import standing_still
from tests.database.files import ingest_polls

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2024, 6, 14, 12, tzinfo=UTC)  # a Friday
# What is pruned lies in a week that is over on 22 April; from then on polls are kept everywhere.
GONE, KEPT = datetime(2024, 4, 15, 12, tzinfo=UTC), datetime(2024, 4, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now():
    with standing_still(NOW):
        yield


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr("reports.tasks.build_report.apply_async", lambda **_: None)


@pytest.fixture
def polled():
    ingest_polls(*(f"a,active,{at:%Y-%m-%d %H:%M:%S} UTC" for at in (GONE, KEPT, NOW)))


def prune():
    call_command("prune", "--keep", "53d", "--apply", verbosity=0)


def refusal(response) -> tuple[str, str]:
    """The field that a request was refused for, and the reason."""
    assert response.status_code == 422, response.content
    assert response.json()["code"] == "unusable_value"
    [error] = response.json()["errors"]
    return error["field"], error["detail"]


def report(client, **body):
    return client.post("/api/v1/reports/", body, content_type="application/json")


@pytest.fixture(params=["by hand", "by schedule"])
def pruned(request, polled, settings):
    if request.param == "by hand":
        prune()
    else:
        settings.PRUNE_KEEP = timedelta(days=53)
        maintenance_tasks.prune()
        settings.PRUNE_KEEP = None
    assert [poll.polled_at for poll in Poll.objects.order_by("polled_at")] == [KEPT, NOW]


def test_it_refuses_a_report_that_reaches_back_to_what_was_pruned(client, told, pruned):
    as_of = KEPT + timedelta(days=20)
    field, reason = refusal(report(client, as_of=as_of, windows="30d"))
    assert (field, "were pruned" in reason) == ("windows", True)
    assert report(client, as_of=as_of, windows="7d").status_code == 202


def test_the_look_back_counts(client, told, pruned):
    complete_from = extent.pruned_before()
    as_of = complete_from + timedelta(days=8)
    assert report(client, as_of=as_of, windows="7d").status_code == 202
    field, reason = refusal(report(client, as_of=as_of - timedelta(seconds=1), windows="7d"))
    assert (field, "look-back of 24h" in reason) == ("windows", True)


def test_it_refuses_the_call_of_old(client, told, polled):
    Poll.objects.filter(polled_at=NOW).delete()
    Poll.objects.create(store=Store.objects.get(), polled_at=KEPT + timedelta(hours=1), status=1)
    prune()
    field, reason = refusal(client.post("/trigger_report"))
    assert (field, "were pruned" in reason) == ("windows", True)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("uptime/?windows=60d", "windows"),
        ("uptime/?from=2024-04-16T00:00:00Z&to=2024-05-01T00:00:00Z", "from"),
        ("timeline/?from=2024-04-16T00:00:00Z&to=2024-05-01T00:00:00Z", "from"),
    ],
)
def test_it_refuses_numbers_and_timelines_of_one_store(client, pruned, address, field):
    found, reason = refusal(client.get(f"/api/v1/stores/a/{address}"))
    assert (found, "were pruned" in reason) == (field, True)
    assert client.get("/api/v1/stores/a/uptime/").status_code == 200
    assert client.get("/api/v1/stores/a/timeline/").status_code == 200


def test_it_refuses_the_form_of_the_admin(admin_client, told, pruned):
    said = {"as_of": "2024-05-01T12:00:00", "windows": "30d", "columns": "classic"}
    page = admin_client.post("/admin/reports/report/add/", said)
    assert "were pruned" in text(page)
    assert not Report.objects.exists()


def test_the_page_of_a_store_says_what_is_missing(admin_client, polled):
    Poll.objects.filter(polled_at=NOW).delete()
    prune()
    page = admin_client.get(f"/admin/fleet/store/{Store.objects.get().pk}/change/")
    assert "were pruned; the earliest window begins" in text(page)


def test_a_scheduled_run_fails_with_the_reason(told, pruned):
    with standing_still(KEPT):
        create_schedule(
            name="monthly", created_by="a test", cadence="daily", hour=6, windows=["30d"]
        )
    with standing_still(KEPT + timedelta(days=2)):
        start_due(KEPT + timedelta(days=2))
    run = ScheduledRun.objects.get()
    assert (run.status, "were pruned" in run.error) == (ScheduledRun.Status.FAILED, True)


def test_what_prune_keep_is_about_to_remove_is_gone_already(client, told, polled, settings):
    settings.PRUNE_KEEP = timedelta(days=90)
    as_of = NOW - timedelta(days=85)
    field, reason = refusal(report(client, as_of=as_of, windows="30d"))
    assert (field, "kept for 90d (PRUNE_KEEP)" in reason) == ("windows", True)
    assert refusal(client.get("/api/v1/stores/a/uptime/?windows=90d"))[0] == "windows"
    assert report(client, as_of=NOW, windows="88d").status_code == 202


def test_a_schedule_that_can_never_have_its_polls_is_refused(client, settings):
    settings.PRUNE_KEEP = timedelta(days=21)
    body = {"name": "x", "cadence": "daily", "hour": 6}

    def create(windows):
        said = {**body, "windows": windows}
        return client.post("/api/v1/schedules/", said, content_type="application/json")

    assert refusal(create("21d"))[0] == "windows"
    assert create("19d").status_code == 201


def test_a_report_whose_polls_were_pruned_while_it_waited_fails_with_the_reason(polled):
    waiting = request_report(as_of=KEPT, requested_by="a test").report
    prune()
    with pytest.raises(ValueError, match="were pruned"):
        build_report(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.status, "were pruned" in waiting.error) == (Report.Status.FAILED, True)


def test_polls_that_came_in_again_can_be_said_to_be_there(client, told, pruned):
    ingest_polls(f"a,active,{GONE:%Y-%m-%d %H:%M:%S} UTC")
    before = current_version()
    call_command("prune", "--restored", verbosity=0)
    assert current_version() > before
    assert report(client, as_of=KEPT, windows="7d").status_code == 202


def test_a_prune_that_removes_no_poll_refuses_nothing(client, told, polled):
    call_command("prune", "--keep", "90d", "--apply", verbosity=0)
    assert report(client, as_of=GONE, windows="30d").status_code == 202
