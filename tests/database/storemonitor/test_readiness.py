"""Readiness: each part's state for everybody, and reasons for those who may read."""

import logging
import os
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django_celery_results.models import TaskResult

from access import tokens
from access.apps import AccessConfig
from access.groups import GROUPS, give_permissions
from jobs import clock as database_clock
from reports.maintenance_tasks import remove_orphans
from storemonitor.models import Worker
from storemonitor.readiness import verdict as verdicts

# The checks run in threads, with connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)

PARTS = {"database", "migrations", "broker", "storage", "workers", "beat"}


@pytest.fixture(autouse=True)
def _nothing_known(settings, monkeypatch, tmp_path):
    settings.ANONYMOUS_SCOPES = []
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "queue")}
    monkeypatch.setattr("storemonitor.readiness.view.verdict", verdicts.Verdict())


@pytest.fixture
def working():
    """A worker that lives and has swept."""
    now = database_clock.now()
    Worker.objects.create(name="a", pid=1, processes=1, started_at=now, beat_at=now)
    TaskResult.objects.create(task_id="x", task_name="reports.sweep", status="SUCCESS")


def ask(client, **headers):
    response = client.get("/readyz", headers=headers)
    return response, response.json()["checks"]


def bearer(scope):
    secret = tokens.issue(name=scope, scopes=[scope], created_by="a test").secret
    return f"Bearer {secret}"


@pytest.mark.usefixtures("working")
@pytest.mark.parametrize("path", ["/readyz", "/readyz/"])
def test_it_is_ready_when_every_part_is(client, path):
    response = client.get(path)
    assert response.status_code == 200, response.json()
    assert response.json() == {"ready": True, "checks": {part: {"state": "ok"} for part in PARTS}}
    assert response["Cache-Control"] == "no-store"
    assert client.head(path).status_code == 200


def test_it_tells_strangers_which_part_fails_and_nothing_else(client):
    response, checks = ask(client)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert int(response["Retry-After"]) > 0
    assert (response.json()["code"], response.json()["ready"]) == ("not_ready", False)
    assert response.json()["detail"] == "Not ready: workers, beat."
    states = {part: check.pop("state") for part, check in checks.items()}
    assert states == {**dict.fromkeys(PARTS, "ok"), "workers": "failed", "beat": "unknown"}
    assert not any(checks.values())


@pytest.mark.parametrize("scope", ["read", "admin", "ingest"])
def test_it_tells_tokens_that_may_read_why_and_what_to_do(client, scope):
    _, checks = ask(client, Authorization=bearer(scope))
    assert ("Start a worker" in checks["workers"].get("action", "")) == (scope != "ingest")
    assert ("heartbeat" in checks["workers"].get("reason", "")) == (scope != "ingest")


def test_it_tells_people_who_may_read_why(client):
    for name in GROUPS:
        Group.objects.get_or_create(name=name)
    give_permissions(AccessConfig.create("access"))
    user = get_user_model().objects.create_user("ann", password="x")
    client.force_login(user)
    assert "reason" not in ask(client)[1]["workers"]
    user.groups.add(Group.objects.get(name="viewer"))
    assert "reason" in ask(client)[1]["workers"]


def test_it_treats_a_wrong_token_like_none(client):
    _, checks = ask(client, Authorization="Bearer sm_wrong")
    assert checks["workers"] == {"state": "failed"}


@pytest.mark.usefixtures("working")
def test_it_misses_sweeps(client, settings):
    settings.ANONYMOUS_SCOPES = ["read"]
    long_ago = database_clock.now() - timedelta(hours=1)
    Worker.objects.update(started_at=long_ago)
    TaskResult.objects.update(date_done=long_ago)
    _, checks = ask(client)
    assert (checks["workers"]["state"], checks["beat"]["state"]) == ("ok", "failed")
    assert "Start beat" in checks["beat"]["action"]


def test_it_takes_a_silent_worker_for_a_dead_one(client, settings, working):
    long_ago = database_clock.now() - timedelta(minutes=5)
    Worker.objects.update(started_at=long_ago, beat_at=long_ago)
    assert ask(client)[1]["workers"]["state"] == "failed"


@pytest.mark.usefixtures("working")
def test_it_names_migrations_that_are_not_applied(client, settings):
    settings.ANONYMOUS_SCOPES = ["read"]
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("storemonitor", "0003_worker_code")
    try:
        _, checks = ask(client)
    finally:
        recorder.record_applied("storemonitor", "0003_worker_code")
    assert checks["migrations"]["reason"] == "Not applied: storemonitor.0003_worker_code."
    assert checks["migrations"]["action"] == "Run: ./run manage migrate"
    assert checks["workers"]["state"] == "unknown"


@pytest.mark.usefixtures("working")
def test_it_notices_a_queue_and_a_storage_that_take_nothing(client, settings, tmp_path):
    settings.ANONYMOUS_SCOPES = ["read"]
    (tmp_path / "file").touch()
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "file/queue")}
    settings.MEDIA_ROOT = tmp_path / "file" / "media"
    response, checks = ask(client)
    assert response.json()["detail"] == "Not ready: broker, storage."
    assert "CELERY_BROKER_URL" in checks["broker"]["action"]
    assert "MEDIA_ROOT" in checks["storage"]["action"]
    # A path is for the log.
    assert str(tmp_path) not in response.text


@pytest.mark.usefixtures("working")
def test_it_leaves_nothing_behind(client, settings, tmp_path):
    assert ask(client)[0].status_code == 200
    left = [*(tmp_path / "queue").iterdir(), *(settings.MEDIA_ROOT / "readiness").iterdir()]
    assert left == []


def test_what_a_killed_process_left_behind_is_removed_after_a_while():
    for name in ("old", "new"):
        default_storage.save(f"readiness/{name}.txt", ContentFile(b"x"))
    os.utime(default_storage.path("readiness/old.txt"), (0, 0))
    remove_orphans()
    assert default_storage.listdir("readiness")[1] == ["new.txt"]


def test_it_logs_what_changes_and_not_every_probe(client, caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(verdicts, "_FRESH_SECONDS", -1)
    for _ in range(3):
        assert ask(client)[0].status_code == 503
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.partition(":")[0] for text in said] == ["workers", "beat"]
