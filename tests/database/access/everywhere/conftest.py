"""One of everything that somebody without the right could look at or change."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.utils import timezone

from access import tokens
from access.models import AuditEntry, LoginFailures, Token
from fleet.models import Exclusion, SpecialDay
from ingestion.models import Ingestion
from schedules.models import ScheduledRun
from schedules.services import create_schedule
from targets.services import create_target
from tests.database.admin_pages import NEWEST, polled
from tests.database.answers import complete, queued
from webhooks.services import create_ping, create_webhook

# Written by whoever looks at a page or sends a request, allowed or not.
BOOKKEEPING = {"sessions.Session", "admin.LogEntry"}


@pytest.fixture(autouse=True)
def _nobody_unknown(settings):
    settings.ANONYMOUS_SCOPES = []


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch):
    for place in ("reports.tasks.enqueue", "webhooks.tasks.enqueue", "ingestion.tasks._send"):
        monkeypatch.setattr(place, lambda *_, **__: None)


@pytest.fixture
def issued():
    """A token of its own for each set of scopes and each fault."""

    def make(name, *scopes, **changed):
        made = tokens.issue(name=name, scopes=scopes, created_by="a test")
        Token.objects.filter(pk=made.token.pk).update(**changed)
        return made

    return make


@pytest.fixture
def things(issued):
    """Rows by the names of the parameters in addresses; reports belong to the token ``owner``."""
    made, now = polled("a", NEWEST), timezone.now()
    made.tags.create(name="mall")
    owner = issued("owner", "read")
    theirs = {"requested_by": f"token owner ({owner.token.prefix})"}
    schedule = create_schedule(created_by="a test", name="Daily", cadence="daily", hour=6)
    webhook, _ = create_webhook(created_by="a test", name="BI", url="https://bi.example.com/")
    report = complete(**theirs)
    run = {"period": "2024-03-10", "due_at": now, "created_at": now, "report": report}
    delivery = create_ping(webhook)
    rows = {
        "owner": owner.secret,
        "report_id": report,
        "unfinished": queued(**theirs),
        "store_id": made,
        "ingestion_id": Ingestion.objects.create(
            name="a.csv", status="Complete", feed="status", finished_at=now
        ),
        "schedule_id": schedule,
        "webhook_id": webhook,
        "target_id": create_target(
            created_by="a test", name="Daily", percentage=99, windows=["7d"]
        ),
        "delivery_id": delivery,
        "special_day_id": SpecialDay.objects.create(date=date(2024, 3, 10), made_by="a test"),
        "exclusion_id": Exclusion.objects.create(
            scope="fleet", starts_at=NEWEST, ends_at=now, reason="Tests", created_by="a test"
        ),
        "run": ScheduledRun.objects.create(schedule=schedule, **run),
        "failures": LoginFailures.objects.create(
            account="ada", place="anywhere", failures=1, last_at=now
        ),
        "entry": AuditEntry.objects.create(who="a test", how="api", what="POST /", outcome="202"),
    }
    apps.get_model("django_celery_results.TaskResult").objects.create(task_id="1")
    apps.get_model("dashboard.FleetSnapshot").objects.create(data_version=1, fingerprint="0" * 64)
    return rows


@pytest.fixture
def unusable(issued):
    """What people send who have no right to anything, by name."""
    past = timezone.now() - timedelta(days=2)
    old = {"created_at": past - timedelta(days=1)}
    expired = issued("expired", "admin", expires_at=past, **old).secret
    revoked = issued("revoked", "admin", revoked_at=past, **old).secret
    return {
        "no token": None,
        "expired": expired,
        "revoked": revoked,
        "guessed": f"{issued('right', 'admin').secret[:-4]}AAAA",
        "malformed": "sm_nonsense",
    }


def contents(*, without=frozenset()):
    """Everything in the database and in the storage."""
    models = [one for one in apps.get_models(include_auto_created=True) if one._meta.managed]
    rows = {
        one._meta.label: sorted(map(repr, one._base_manager.values_list(*_columns(one))))
        for one in models
        if one._meta.label not in BOOKKEEPING | without
    }
    return rows | {"files": _files("")}


def _columns(model):
    names = [field.attname for field in model._meta.concrete_fields]
    # When a token was used is noted before it is known what for.
    return [name for name in names if name not in {"last_used_at", "last_login"}]


def _files(folder):
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    inner = [name for one in folders for name in _files(f"{folder}/{one}".lstrip("/"))]
    return sorted([*inner, *(f"{folder}/{name}" for name in files)])
