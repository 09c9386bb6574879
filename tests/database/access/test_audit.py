"""Every change is recorded: who, what, when, how, and the outcome, but no secret."""

import logging
import runpy
import sys
from datetime import timedelta

import kombu
import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from access import tokens
from access.audit import entries, recording, retention
from access.models import AuditEntry
from ingestion.models import Ingestion
from reports import maintenance_tasks, tasks
from reports.models import Report
from tests.database.answers import POLLS, queued
from tests.paths import ROOT
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db
ENQUEUE = tasks.enqueue
SECRET = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch):
    monkeypatch.setattr(tasks, "enqueue", lambda *_, **__: None)


def entry():
    return AuditEntry.objects.get()


def send_polls(client, **headers):
    return client.post("/api/v1/polls/", POLLS, content_type="text/csv", headers=headers)


def test_it_records_a_change_by_a_token(client, caplog):
    caplog.set_level(logging.INFO)
    issued = tokens.issue(name="poller", scopes=["ingest"], created_by="a test")
    secret, name = issued.secret, f"token poller ({issued.token.prefix})"
    before = timezone.now()
    response = send_polls(client, authorization=f"Bearer {secret}")
    assert response.status_code == 200
    made = entry()
    assert (made.who, made.how, made.what, made.outcome, made.address) == (
        name,
        "api",
        "POST /api/v1/polls/",
        "200",
        "127.0.0.1",
    )
    assert before <= made.at <= timezone.now()
    assert f"{name}, api: POST /api/v1/polls/: 200" in caplog.text


def test_it_records_where_the_result_is(client):
    send_polls(client)
    AuditEntry.objects.all().delete()
    response = client.post("/trigger_report")
    assert response.status_code == 202
    made = entry()
    assert made.who == "API from 127.0.0.1"
    assert made.outcome == "202 /get_report"
    AuditEntry.objects.all().delete()
    response = client.post("/api/v1/reports/", b"{}", content_type="application/json")
    report_id = response.json()["id"]
    assert entry().outcome == f"202 /api/v1/reports/{report_id}/"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/reports/", b""),
        ("POST", "/trigger_report", b""),  # There are no polls.
        ("POST", "/api/v1/polls/?unknown=1", b"nonsense"),
        ("POST", "/nothing", b""),
        ("DELETE", "/get_report", b""),
    ],
)
def test_it_records_nothing_where_nothing_changed(client, method, path, body):
    client.generic(method, path, body, content_type="text/csv")
    assert not AuditEntry.objects.exists()


def test_it_records_nothing_of_a_refused_request_but_logs_it(client, settings, caplog):
    settings.ANONYMOUS_SCOPES = []
    assert send_polls(client).status_code == 401
    assert not AuditEntry.objects.exists()
    said = "refused POST /api/v1/polls/ to API from 127.0.0.1: needs the scope ingest"
    assert said in caplog.text


def test_it_lets_no_line_be_forged_by_a_path(client, settings, caplog):
    settings.ANONYMOUS_SCOPES = ["read"]
    client.delete("/api/v1/reports/a%0A2026-01-01 INFO root forged/")
    assert "\n2026-01-01 INFO root forged" not in caplog.text


def test_it_records_changes_in_the_admin(admin_client):
    report = queued(status="Failed", error="x", finished_at=timezone.now())
    response = admin_client.post(
        "/admin/reports/report/",
        {"action": "delete_selected", "_selected_action": [str(report.pk)]},
    )
    assert response.status_code == 200  # It asks whether that is meant.
    assert not AuditEntry.objects.exists()
    response = admin_client.post(
        "/admin/reports/report/",
        {"action": "delete_selected", "_selected_action": [str(report.pk)], "post": "yes"},
    )
    assert response.status_code == 302
    made = entry()
    assert (made.who, made.how, made.what) == ("admin", "admin", "POST /admin/reports/report/")
    assert made.detail == {
        "action": "delete_selected",
        "rows": [str(report.pk)],
        "count": 1,
        "changed": ["reports.Report"],
    }


def test_it_does_not_take_a_form_shown_again_for_a_change(admin_client):
    response = admin_client.post("/admin/auth/user/add/", {"username": "a", "password1": SECRET})
    assert response.status_code == 200
    assert not AuditEntry.objects.exists()


def test_it_records_and_logs_who_logs_in_and_out_and_who_fails_to(client, caplog):
    caplog.set_level(logging.INFO)
    get_user_model().objects.create_superuser("ada", password=SECRET)
    login = {"username": "ada", "password": SECRET}
    client.post("/admin/login/", {**login, "password": "wrong words"})
    assert "a log-in as 'ada' from 127.0.0.1 failed" in caplog.text
    assert not AuditEntry.objects.exists()
    client.post("/admin/login/?next=/admin/", login)
    client.post("/admin/logout/")
    assert [(made.who, made.what) for made in AuditEntry.objects.order_by("id")] == [
        ("ada", "POST /admin/login/"),
        ("ada", "POST /admin/logout/"),
    ]
    assert "ada logged in from 127.0.0.1" in caplog.text
    assert "ada logged out from 127.0.0.1" in caplog.text
    told = caplog.text + str(list(AuditEntry.objects.values()))
    assert SECRET not in told
    assert "wrong words" not in told


def test_it_keeps_no_body_and_no_query(client):
    client.post(f"/api/v1/polls/?format=json&x={SECRET}", POLLS, content_type="text/csv")
    client.post("/api/v1/polls/?format=json", POLLS, content_type="text/csv")
    stored = str(AuditEntry.objects.values().get())
    assert "store_id" not in stored
    assert "format" not in stored


@pytest.mark.django_db(transaction=True)
def test_it_changes_nothing_where_the_entry_cannot_be_stored(client, monkeypatch):
    def broken(**_):
        raise OperationalError("disk full")

    monkeypatch.setattr(AuditEntry.objects, "create", broken)
    assert send_polls(client).status_code == 503
    assert not Ingestion.objects.exists()


def test_it_records_data_that_were_stored_though_the_answer_is_an_error(client):
    files = [ContentFile(POLLS.encode(), "good.csv"), ContentFile(b"nonsense", "bad.csv")]
    answer = client.post("/api/v1/ingestions/", {"file": files})
    assert answer.status_code >= 400
    assert Ingestion.objects.filter(status="Complete").count() == 1
    assert entry().outcome == str(answer.status_code)
    assert "ingestion.Ingestion" in entry().detail["changed"]


@pytest.mark.django_db(transaction=True)
def test_it_records_a_report_that_could_not_be_queued(client, monkeypatch):
    send_polls(client)
    AuditEntry.objects.all().delete()

    def away(*_):
        raise kombu.exceptions.OperationalError("the broker is away")

    monkeypatch.setattr(tasks, "_send", away)
    monkeypatch.setattr(tasks, "enqueue", ENQUEUE)
    answer = client.post("/api/v1/reports/", {}, content_type="application/json")
    assert answer.status_code == 503
    assert entry().outcome == "503"
    assert entry().detail["made"] == [f"reports.Report {Report.objects.get().pk}"]


@pytest.mark.parametrize("popup", ["", "?_popup=1"])
def test_it_records_who_made_a_superuser(admin_client, django_user_model, popup):
    other = django_user_model.objects.create_user("eve", password=SECRET)
    form = {"username": "eve", "is_superuser": "on", "is_active": "on", "_popup": "1"}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    address = f"/admin/auth/user/{other.pk}/change/{popup}"
    admin_client.post(address, form if popup else {**form, "_popup": ""})
    other.refresh_from_db()
    assert other.is_superuser
    assert entry().what == f"POST /admin/auth/user/{other.pk}/change/"
    assert "auth.User" in entry().detail["changed"]


def test_it_names_a_person_who_was_added_in_a_popup(admin_client, django_user_model):
    form = {"username": "eve", "usable_password": "true", "_popup": "1"}
    form |= {"password1": SECRET, "password2": SECRET}
    assert admin_client.post("/admin/auth/user/add/?_popup=1", form).status_code == 200
    made = django_user_model.objects.get(username="eve")
    assert entry().detail["made"] == [f"auth.User {made.pk}"]
    assert SECRET not in str(AuditEntry.objects.values())


def test_it_records_webhooks_made_and_rotated_in_the_admin(admin_client):
    form = {"name": "BI", "url": "https://bi.example.com/", "active": "on", "on_complete": "on"}
    admin_client.post("/admin/webhooks/webhook/add/", form)
    hook = Webhook.objects.get()
    assert entry().detail["made"] == [f"webhooks.Webhook {hook.pk}"]
    AuditEntry.objects.all().delete()
    rotate = {"action": "rotate_secret", "_selected_action": [hook.pk]}
    assert admin_client.post("/admin/webhooks/webhook/", rotate).status_code == 200
    assert entry().detail["rows"] == [str(hook.pk)]
    assert entry().detail["changed"] == ["webhooks.Webhook"]


@pytest.mark.django_db(transaction=True)
def test_it_records_a_command_that_knows_nothing_of_records():
    with entries.recorded_command("createsuperuser"):
        call_command("createsuperuser", "--noinput", username="eve", email="e@example.com")
    made = get_user_model().objects.get(username="eve")
    assert (entry().how, entry().what, entry().outcome) == ("command", "createsuperuser", "done")
    assert entry().detail == {"made": [f"auth.User {made.pk}"], "changed": ["auth.User"]}


@pytest.mark.django_db(transaction=True)
def test_it_says_how_a_command_ended_that_changed_something_before():
    def command():
        with entries.recorded_command("shell"):
            get_user_model().objects.create_user("eve")
            sys.exit(3)

    with pytest.raises(SystemExit):
        command()
    assert entry().outcome == "exit code 3"


def undone():
    with transaction.atomic():
        get_user_model().objects.create_user("eve")
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_it_records_neither_what_was_undone_nor_what_the_system_writes_for_itself():
    token = tokens.issue(name="a", scopes=["read"], created_by="a test").token
    with entries.recorded_command("shell"):
        undone()
        tokens.note_use(token, at=timezone.now())
    assert not AuditEntry.objects.exists()
    with entries.recorded_command("shell"):
        undone()
        get_user_model().objects.filter(username="nobody").update(is_staff=True)
        tokens.revoke(token, at=timezone.now())
    assert entry().detail["changed"] == ["access.Token"]


def test_it_has_a_command_of_manage_py_recorded(monkeypatch):
    seen = []
    monkeypatch.setattr("sys.argv", ["manage.py", "changepassword", "eve"])
    monkeypatch.setattr(
        "django.core.management.execute_from_command_line",
        lambda _: seen.append(recording.current()),
    )
    runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")
    assert seen[0] is not None


def test_it_records_commands(tmp_path):
    (tmp_path / "polls.csv").write_text(POLLS)
    call_command("ingest", str(tmp_path / "polls.csv"))
    made = entry()
    assert (made.how, made.what) == ("command", "ingest")
    assert made.who.endswith(" on the command line")
    assert made.detail["names"] == ["polls.csv"]


def test_it_records_pruning_when_it_is_meant(capsys):
    call_command("prune", "--keep=90d")
    assert not AuditEntry.objects.exists()
    call_command("prune", "--keep=90d", "--apply")
    assert (entry().what, set(entry().detail)) == ("prune", {"before"})


def test_it_is_pruned_with_everything_else(capsys):
    for days in (1, 89, 91, 400):
        entries.record(who="a", how=AuditEntry.How.API, what=f"{days}", outcome="200")
    for made in AuditEntry.objects.all():
        AuditEntry.objects.filter(pk=made.pk).update(
            at=timezone.now() - timedelta(days=int(made.what))
        )
    call_command("prune", "--keep=90d")
    assert "2 audit entries" in capsys.readouterr().out
    assert retention.count(timezone.now() - timedelta(days=90)) == 2
    call_command("prune", "--keep=90d", "--apply")
    left = AuditEntry.objects.filter(how="api").values_list("what", flat=True)
    assert set(left) == {"1", "89"}


def test_it_records_what_the_schedule_prunes(settings):
    settings.PRUNE_KEEP = timedelta(days=90)
    maintenance_tasks.prune()
    assert (entry().how, entry().what, set(entry().detail)) == ("schedule", "prune", {"before"})


def test_it_records_a_change_from_an_address_of_one_network(client):
    response = client.post(
        "/api/v1/polls/", POLLS, content_type="text/csv", REMOTE_ADDR="fe80::1%eth0"
    )
    assert response.status_code == 200
    assert entry().address == "fe80::1"


@pytest.mark.parametrize(
    "statement",
    [
        "WITH old AS (SELECT 1) DELETE FROM auth_user WHERE 1 IN (SELECT * FROM old)",
        "/* by hand */ DELETE FROM auth_user",
        "-- by hand\nDELETE FROM auth_user",
        "\n delete from auth_user",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_it_records_sql_by_hand_however_it_begins(statement):
    get_user_model().objects.create_user("eve")
    with entries.recorded_command("shell"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert not get_user_model().objects.exists()
    assert entry().detail["changed"] == ["auth.User"]
