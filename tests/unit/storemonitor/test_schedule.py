"""The tasks that beat sends, and when."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from celery.beat import PersistentScheduler, ScheduleEntry
from django.conf import settings as project

from api.broker_faults import BROKER_FAULTS
from storemonitor.celery import app, sweep_at_once
from storemonitor.queue.beat import Scheduler
from tests.paths import ROOT

SHOW = """
from storemonitor import settings
print(settings.PRUNE_KEEP, settings.CELERY_BEAT_SCHEDULE.get("prune"))
"""


def start(tmp_path, **environment):
    """Read the settings in a process of their own, as every start does."""
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("nothing", [{}, {"PRUNE_KEEP": ""}])
def test_it_prunes_never_by_default(tmp_path, nothing):
    assert start(tmp_path, **nothing).stdout == "None None\n"


def test_it_prunes_once_a_day_where_an_age_is_set(tmp_path):
    shown = start(tmp_path, PRUNE_KEEP="12w").stdout

    assert shown.startswith(f"{timedelta(weeks=12)} ")
    assert "'task': 'reports.prune'" in shown
    assert repr(timedelta(days=1)) in shown


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PRUNE_KEEP": "90"}, "PRUNE_KEEP: '90' is not an age; write it like 90d, 12w or 720h"),
        ({"PRUNE_KEEP": "8d"}, "PRUNE_KEEP: reports look 8 days back; keep at least 9d"),
        (
            {"PRUNE_KEEP": "2w", "UPTIME_LOOK_BACK_HOURS": "200"},
            "PRUNE_KEEP: reports look 16 days back; keep at least 17d",
        ),
    ],
)
def test_it_does_not_start_with_an_age_that_is_none_or_that_reports_need(
    tmp_path, environment, sentence
):
    ended = start(tmp_path, **environment)

    assert ended.returncode != 0
    assert ended.stderr.splitlines()[-1].endswith(f"ImproperlyConfigured: {sentence}")


def test_it_has_every_scheduled_task():
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in project.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled | {"reports.prune"} <= set(app.tasks)


def test_it_sends_no_sweep_while_enough_of_them_wait(monkeypatch, settings, tmp_path):
    """A weekend without a worker leaves a handful of messages and not 86,000."""
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(tmp_path)}
    sent = []

    def send(self, entry, **_):
        queue = "sweep" if entry.task.endswith(".sweep") else "celery"
        (tmp_path / f"{len(sent)}.{queue}.msg").touch()
        sent.append(entry.task)

    monkeypatch.setattr(PersistentScheduler, "apply_async", send)
    monkeypatch.setattr(Scheduler, "setup_schedule", lambda _: None)
    beat = Scheduler(app=app)
    for _ in range(100):
        beat.apply_async(ScheduleEntry(name="sweep a", task="reports.sweep", app=app))
    beat.apply_async(ScheduleEntry(name="prune", task="reports.prune", app=app))
    sweeps = sum(name.startswith("sweep ") for name in project.CELERY_BEAT_SCHEDULE)
    assert sent == ["reports.sweep"] * 2 * sweeps + ["reports.prune"]

    for message in tmp_path.glob("*.sweep.msg"):
        message.unlink()
    beat.apply_async(ScheduleEntry(name="sweep a", task="reports.sweep", app=app))
    assert sent[-1] == "reports.sweep"


def test_it_says_in_one_line_what_was_not_sent_for_want_of_a_broker(monkeypatch, settings, caplog):
    settings.CELERY_BROKER_URL = "memory://"

    def refused(*_, **__):
        raise BROKER_FAULTS[0]("connection refused")

    monkeypatch.setattr(app.tasks["reports.sweep"], "apply_async", refused)
    monkeypatch.setattr(Scheduler, "setup_schedule", lambda _: None)
    monkeypatch.setattr(Scheduler, "should_sync", lambda _: False)
    beat = Scheduler(app=app)
    beat.apply_entry(ScheduleEntry(name="sweep reports", task="reports.sweep", app=app))
    [record] = caplog.records
    assert record.getMessage() == "reports.sweep was not sent: no broker: connection refused"
    assert record.exc_info is None


def test_it_is_the_scheduler_that_beat_starts_with():
    assert app.conf.beat_scheduler == "storemonitor.queue.beat:Scheduler"


def test_it_sweeps_at_the_start_of_a_worker_and_prunes_only_when_its_time_comes(monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **_: sent.append(name))
    prune = {"task": "reports.prune", "schedule": timedelta(days=1), "options": {}}
    monkeypatch.setitem(app.conf.beat_schedule, "prune", prune)

    sweep_at_once()

    apps = ("reports", "ingestion", "schedules", "webhooks", "dashboard", "ingestion.indexes")
    assert sent == [f"{app}.sweep" for app in apps]
