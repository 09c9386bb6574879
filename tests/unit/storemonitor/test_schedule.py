"""What beat sends, and when."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from storemonitor.celery import app, sweep_at_once

ROOT = Path(__file__).parents[3]
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
        ({"PRUNE_KEEP": "90"}, "PRUNE_KEEP: '90' is no age; write it like 90d, 12w or 720h"),
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

    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled | {"reports.prune"} <= set(app.tasks)


def test_it_sweeps_at_the_start_of_a_worker_and_prunes_only_when_its_time_comes(monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **_: sent.append(name))
    prune = {"task": "reports.prune", "schedule": timedelta(days=1), "options": {}}
    monkeypatch.setitem(app.conf.beat_schedule, "prune", prune)

    sweep_at_once()

    assert sent == ["reports.sweep", "ingestion.sweep", "schedules.sweep", "webhooks.sweep"]
