"""The last sweep, which shows that beat and queue work too."""

from datetime import datetime, timedelta

from django.conf import settings
from django_celery_results.models import TaskResult

LATE = timedelta(minutes=5)


def last_sweep() -> datetime | None:
    """Return when a worker last finished a sweep; None if none is known."""
    sweeps = [name for name in settings.CELERY_BEAT_SCHEDULE if name.startswith("sweep ")]
    names = [settings.CELERY_BEAT_SCHEDULE[name]["task"] for name in sweeps]
    results = TaskResult.objects.filter(task_name__in=names, status="SUCCESS")
    last: datetime | None = (
        results.order_by("-date_done").values_list("date_done", flat=True).first()
    )
    return last


def is_late(now: datetime, *, alive_since: datetime, last: datetime | None) -> bool:
    """Tell whether a sweep is overdue; a worker that has just started may not have swept yet."""
    return now - max(alive_since, last or alive_since) > LATE
