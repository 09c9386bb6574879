"""Every page of the admin: who may see it, how many queries it needs, what it may contain."""

import re

import pytest
from django.contrib.admin.sites import site
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_results.models import TaskResult

from access.models import AuditEntry
from access.tokens import issue
from fleet.models import PollRecord, SpecialDay, Store, Tag
from ingestion.models import Ingestion
from reports import tasks
from reports.models import Report
from schedules.models import ScheduledRun
from schedules.services import create_schedule
from tests.database.admin_pages import NEWEST, STORES, member_of, polled
from tests.database.answers import complete, queued, running
from webhooks.services import create_ping, create_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

REPORTS = "/admin/reports/report/"
INGESTIONS = "/admin/ingestion/ingestion/"
POLLS = "/admin/fleet/pollrecord/"
SPECIAL_DAYS = "/admin/fleet/specialday/"
RESULTS = "/admin/django_celery_results/taskresult/"
NO_MORE_THAN = 17


@pytest.fixture(autouse=True)
def told(monkeypatch):
    calls = []
    monkeypatch.setattr(tasks, "enqueue", lambda report: calls.append(report.pk))
    return calls


def pages() -> list[str]:
    """An address of every kind of page, with a row of everything there to be shown."""
    made = polled("a", NEWEST)
    made.tags.create(name="mall")
    special = SpecialDay.objects.create(store=made, date=NEWEST.date(), made_by="a test")
    report, record = complete(), Ingestion.objects.create(name="a.csv", status="Complete")
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in site._registry
    ]
    return [
        "/admin/",
        "/admin/ingestion/",
        *lists,
        f"{STORES}{made.pk}/change/",
        f"{STORES}{made.pk}/delete/",
        f"{STORES}{made.pk}/history/",
        f"{SPECIAL_DAYS}add/",
        f"{SPECIAL_DAYS}{special.pk}/change/",
        f"{REPORTS}{report.pk}/change/",
        f"{REPORTS}{running().pk}/change/",
        f"{REPORTS}{report.pk}/delete/",
        f"{REPORTS}add/",
        f"{INGESTIONS}{record.pk}/change/",
        f"{INGESTIONS}add/",
        *of_messages(report),
    ]


def of_messages(report: Report) -> list[str]:
    """The same for schedules, webhooks, tokens, and their records."""
    schedule = create_schedule(created_by="a test", name="Daily", cadence="daily", hour=6)
    now = schedule.created_at
    webhook, _ = create_webhook(created_by="a test", name="BI", url="https://bi.example.com/")
    run = {"period": "2024-03-10", "due_at": now, "created_at": now, "report": report}
    rows = [
        schedule,
        ScheduledRun.objects.create(schedule=schedule, **run),
        webhook,
        create_ping(webhook),
        issue(name="BI", scopes=["read"], created_by="a test").token,
        AuditEntry.objects.create(at=now, who="a test", how="api", what="POST /", outcome="202"),
        TaskResult.objects.create(task_id="1", task_name="reports.sweep", status="SUCCESS"),
    ]
    return [
        "/admin/schedules/schedule/add/",
        "/admin/webhooks/webhook/add/",
        "/admin/access/token/add/",
        *(
            reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
            for row in rows
        ),
    ]


def test_it_asks_only_a_few_times_for_any_page(admin_client):
    asked = {}
    for address in pages():
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(address).status_code == 200, address
        asked[address] = len(captured)
    assert {address: count for address, count in asked.items() if count > NO_MORE_THAN} == {}


def counts(client, *addresses: str) -> list[int]:
    found = []
    for address in addresses:
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        found.append(len(captured))
    return found


def test_it_asks_as_often_for_several_pages_as_for_two(admin_client):
    addresses = ["/admin/", STORES, POLLS, REPORTS, INGESTIONS, f"{STORES}?q=s&tag=mall"]
    mall = Tag.objects.create(name="mall")

    def add(count: int) -> None:
        for _ in range(count):
            polled(f"s{Store.objects.count():03}", NEWEST).tags.add(mall)
            queued()
            Ingestion.objects.create(name="a.csv", status="Complete")

    add(101)
    few = counts(admin_client, *addresses)
    add(60)
    many = counts(admin_client, *addresses)
    assert dict(zip(addresses, many, strict=True)) == dict(zip(addresses, few, strict=True))


def test_it_needs_no_style_and_no_script_inside_a_page(admin_client):
    for address in pages():
        response = admin_client.get(address)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert not re.findall(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", page), address
        for script in re.findall(r"<script([^>]*)>", page):
            assert "src=" in script or 'type="application/json"' in script, address


def test_it_says_its_language_and_fits_a_phone(admin_client):
    for address in pages():
        page = admin_client.get(address).content.decode()
        assert '<html lang="en-us"' in page
        assert 'name="viewport" content="width=device-width, initial-scale=1.0"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("towards", ["", "https://elsewhere.example/"])
def test_it_leads_to_the_first_page_after_a_log_in(client, django_user_model, towards):
    django_user_model.objects.create_superuser("boss", password="a-long-password")
    named = {"username": "boss", "password": "a-long-password", "next": towards}
    answer = client.post("/admin/login/", named)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_it_asks_strangers_to_log_in(client):
    for address in pages():
        assert client.get(address)["Location"].startswith("/admin/login/"), address


def test_it_has_an_icon_on_every_page_and_where_browsers_ask_without_one(admin_client):
    for address in pages():
        assert '<link rel="icon" href="/static/api/icon.svg">' in text_of(admin_client, address)
    assert admin_client.get("/favicon.ico")["Location"] == "/static/api/icon.svg"
    assert finders.find("api/icon.svg")


def text_of(client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("group", ["viewer", "operator", "admin"])
def test_it_offers_nobody_to_add_or_change_results_of_tasks(client, django_user_model, group):
    client.force_login(member_of(group, django_user_model))
    made = TaskResult.objects.create(task_id="1", task_name="reports.sweep", status="SUCCESS")
    listed, page = RESULTS, f"{RESULTS}{made.pk}/change/"
    assert f"{RESULTS}add/" not in text_of(client, listed)
    assert "reports.sweep" in text_of(client, page)
    for address in (f"{RESULTS}add/", page, f"{RESULTS}{made.pk}/delete/"):
        assert client.post(address, {"post": "yes"}).status_code == 403, address


# Groups


@pytest.fixture
def things():
    return {
        "store": polled("a", NEWEST),
        "report": complete(),
        "running": running(),
        "ingestion": Ingestion.objects.create(
            name="a.csv", status="Failed", error="the disk is full", upload="uploads/1"
        ),
    }


def offered(client, things) -> set[str]:
    """The words of the buttons on the pages of a store, a report and an ingestion, and lists."""
    addresses = [
        "/admin/",
        STORES,
        REPORTS,
        INGESTIONS,
        f"{STORES}{things['store'].pk}/change/",
        f"{REPORTS}{things['report'].pk}/change/",
        f"{REPORTS}{things['running'].pk}/change/",
        f"{INGESTIONS}{things['ingestion'].pk}/change/",
    ]
    words = {
        "Upload files": "upload",
        "Request a report": "request",
        "/again/": "again",
        "/cancel/": "cancel",
        'value="delete_chosen"': "delete stores",
        'value="delete_selected"': "delete reports",
        'value="set_zone"': "change stores",
        'value="report_on"': "report on stores",
        'name="_save"': "save",
        'class="deletelink"': "delete",
    }
    pages_of_theirs = ""
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        pages_of_theirs += response.content.decode()
    return {name for word, name in words.items() if word in pages_of_theirs}


OPERATORS = {"upload", "request", "again", "cancel", "report on stores"}
EVERYTHING = {*OPERATORS, "delete stores", "delete reports", "change stores", "save", "delete"}


@pytest.mark.parametrize(
    ("group", "buttons"), [("viewer", set()), ("operator", OPERATORS), ("admin", EVERYTHING)]
)
def test_it_offers_each_group_what_it_may_do(client, django_user_model, things, group, buttons):
    client.force_login(member_of(group, django_user_model))
    assert offered(client, things) == buttons


@pytest.mark.parametrize(
    ("group", "refused"),
    [
        ("viewer", {"request", "again", "cancel", "upload", "retry", "correct", "delete"}),
        ("operator", {"correct", "delete"}),
        ("admin", set()),
    ],
)
def test_it_refuses_each_group_what_it_may_not_do(
    client, django_user_model, things, group, refused
):
    client.force_login(member_of(group, django_user_model))
    addresses = {
        "request": f"{REPORTS}add/",
        "again": f"{REPORTS}{things['report'].pk}/again/",
        "cancel": f"{REPORTS}{things['running'].pk}/cancel/",
        "upload": f"{INGESTIONS}add/",
        "retry": f"{INGESTIONS}{things['ingestion'].pk}/again/",
        "correct": f"{STORES}{things['store'].pk}/change/",
        "delete": f"{STORES}{things['store'].pk}/delete/",
    }
    statuses = {name: client.post(address).status_code for name, address in addresses.items()}
    assert {name for name, status in statuses.items() if status == 403} == refused


@pytest.mark.parametrize("action", ["set_zone", "tag", "untag", "delete_chosen", "report_on"])
def test_it_does_nothing_to_stores_for_viewers(client, django_user_model, things, action):
    client.force_login(member_of("viewer", django_user_model))
    chosen = {"action": action, "_selected_action": [things["store"].pk]}
    client.post(STORES, {**chosen, "value": "Asia/Beirut", "confirmed": "yes"})
    store = Store.objects.get()
    assert (store.time_zone_id, store.tags.count()) == (None, 0)
    assert Report.objects.count() == 2


@pytest.mark.parametrize("group", ["viewer", "operator", "admin"])
def test_it_lets_nobody_forge_what_happened(client, django_user_model, things, group):
    client.force_login(member_of(group, django_user_model))
    for address in (
        f"{STORES}add/",
        f"{INGESTIONS}{things['ingestion'].pk}/delete/",
        f"{INGESTIONS}{things['ingestion'].pk}/change/",
        f"{REPORTS}{things['report'].pk}/change/",
    ):
        assert client.post(address, {"post": "yes"}).status_code == 403, address
    assert PollRecord.objects.count() == 1


@pytest.mark.parametrize("path", ["store/", "store/7/change/", "pollrecord/?q=a%26b"])
def test_it_leads_on_from_where_stores_and_polls_were_before(client, path):
    answer = client.get(f"/admin/ingestion/{path}")
    # Not 301, after which browsers send a form without its fields.
    assert answer.status_code == 308
    assert answer["Location"] == f"/admin/fleet/{path}"
