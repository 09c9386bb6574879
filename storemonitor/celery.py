"""The Celery application: workers run ``celery -A storemonitor.celery worker``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storemonitor.settings")

app = Celery("storemonitor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
