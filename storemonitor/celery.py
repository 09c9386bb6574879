"""The Celery application: workers run ``celery -A storemonitor.celery worker``."""

import os
from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown

import storemonitor.logs.messages  # noqa: F401 - it connects itself to Celery's signals

if TYPE_CHECKING:
    from storemonitor.operations.heartbeats import Heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")

app = Celery("storemonitor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="maintenance_tasks")


@worker_ready.connect
def sweep_at_once(**_: object) -> None:
    """Take over the jobs of dead workers without waiting for the schedule."""
    for name, entry in app.conf.beat_schedule.items():
        if name.startswith("sweep "):
            app.send_task(entry["task"])


_heartbeats: "list[Heartbeat]" = []


@worker_ready.connect
def show_that_it_lives(sender: Any, **_: object) -> None:
    """Start the worker's heartbeat."""
    from storemonitor.operations.heartbeats import Heartbeat  # noqa: PLC0415 - needs django.setup()

    heartbeat = Heartbeat(sender.hostname, processes=sender.pool.num_processes)
    _heartbeats.append(heartbeat)
    heartbeat.start()


@worker_shutdown.connect
def end_the_heartbeat(**_: object) -> None:
    """Remove the heartbeat, so that the worker counts as stopped and not as lost."""
    while _heartbeats:
        _heartbeats.pop().stop()
