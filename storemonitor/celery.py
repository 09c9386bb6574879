"""The Celery application: workers run ``celery -A storemonitor.celery worker``."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")

app = Celery("storemonitor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def sweep_at_once(**_: object) -> None:
    """Retake what a dead worker left, without waiting for the schedule."""
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"], **entry["options"])
