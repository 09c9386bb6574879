"""The Celery application: workers run ``celery -A storemonitor.celery worker``."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")

app = Celery("storemonitor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="maintenance_tasks")


@worker_ready.connect
def sweep_at_once(**_: object) -> None:
    """Retake what a dead worker left, without waiting for the schedule."""
    for name, entry in app.conf.beat_schedule.items():
        if name.startswith("sweep "):
            app.send_task(entry["task"], **entry["options"])
