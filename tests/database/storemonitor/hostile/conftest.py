"""A row of everything for each hostile name, and a log as the server writes it."""

import io
import logging

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from django_celery_results.models import TaskResult

from access.models import AuditEntry, LoginFailures, Token
from access.tokens import issue
from fleet.models import Exclusion, SpecialDay, Store, Tag
from ingestion.models import Ingestion
from reports.models import Report
from schedules.models import Schedule, ScheduledRun
from schedules.services import create_schedule
from storemonitor.configuration.log_lines import OneLine
from storemonitor.models import Worker
from targets.models import Target
from targets.services import create_target
from tests.database.answers import failed
from tests.database.dashboard.fleets import HOUR, NOON, add_store, take_snapshot
from tests.database.storemonitor.hostile.names import NAMES
from webhooks.models import Webhook
from webhooks.services import create_ping, create_webhook


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch):
    for place in ("reports.tasks.enqueue", "webhooks.tasks.enqueue", "ingestion.tasks._send"):
        monkeypatch.setattr(place, lambda *_, **__: None)


@pytest.fixture
def log():
    """What the handler of the settings writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine("RECORD {levelname} {name} {message}", style="{"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def fitted(model, field, text):
    """Return as much of the text as the field holds."""
    return text[: model._meta.get_field(field).max_length or len(text)]


@pytest.fixture
def world():
    """Return the rows, written past all validation, as an older version might have left them."""
    rows = [row for kind, name in NAMES.items() for row in of_name(kind, name)]
    take_snapshot()
    return rows


def of_name(kind, name):
    now = timezone.now()
    store = add_store(
        fitted(Store, "store_id", name),
        "1101",
        tags=[fitted(Tag, "name", name)],
        hours=[("08:00", "20:00")],
        name=fitted(Store, "name", name),
    )
    schedule = create_schedule(created_by="a test", name=kind, cadence="daily", hour=6)
    webhook, _ = create_webhook(created_by="a test", name=kind, url="https://bi.example.com/")
    target = create_target(created_by="a test", name=kind, percentage=99, windows=["7d"])
    token = issue(name=kind, scopes=["read"], created_by="a test").token
    who = name[:150]
    changed = {
        token: {"name": fitted(Token, "name", name), "created_by": who},
        schedule: {"name": fitted(Schedule, "name", name), "created_by": who},
        target: {
            "name": fitted(Target, "name", name),
            "scope": fitted(Target, "scope", f"tag:{name}"),
            "created_by": who,
        },
        webhook: {"name": fitted(Webhook, "name", name), "url": name[:200], "created_by": who},
        failed(name): {"requested_by": who, "stores": {"ids": [name[:100]]}},
    }
    for row, values in changed.items():
        type(row).objects.filter(pk=row.pk).update(**values)
    report = Report.objects.latest("created_at")
    delivery = create_ping(webhook)
    type(delivery).objects.filter(pk=delivery.pk).update(response=name[:200])
    run = {"period": "2024-03-10", "due_at": now, "created_at": now, "report": report}
    return [
        store,
        *changed,
        delivery,
        ScheduledRun.objects.create(schedule=schedule, **run),
        *(
            SpecialDay.objects.create(
                **scope, date=NOON.date(), reason=fitted(SpecialDay, "reason", name), made_by=who
            )
            for scope in ({"store": store}, {"tag": store.tags.get()})
        ),
        get_user_model().objects.create_user(who, first_name=who, email=who),
        Ingestion.objects.create(
            name=fitted(Ingestion, "name", name),
            status="Complete",
            feed="status",
            requested_by=who,
            finished_at=now,
        ),
        AuditEntry.objects.create(
            who=name[:200], how="api", what=name[:500], outcome=name[:200], detail={"name": name}
        ),
        Exclusion.objects.create(
            scope="store",
            store=store,
            starts_at=NOON - HOUR,
            ends_at=NOON,
            reason=fitted(Exclusion, "reason", name),
            created_by=who,
        ),
        LoginFailures.objects.create(account=who, place=name[:100], failures=1, last_at=now),
        TaskResult.objects.create(
            task_id=kind, task_name=name[:200], result=name, status="FAILURE"
        ),
        Worker.objects.create(
            name=fitted(Worker, "name", name), pid=1, processes=1, started_at=now, beat_at=now
        ),
    ]
