"""A schedule makes exactly one report per period, whoever looks, whenever."""

from datetime import UTC, datetime, timedelta

from schedules import services, tasks
from schedules.models import ScheduledRun

# A Saturday; daylight saving begins in Chicago the next night.
BEGUN = datetime(2024, 3, 9, 18, tzinfo=UTC)


def make(**values):
    daily = {"name": "Every morning", "cadence": "daily", "hour": 6, "minute": 30}
    zone = {"time_zone_id": "America/Chicago"}
    return services.create_schedule(created_by="a test", **{**daily, **zone, **values})


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def begun(clock, **values):
    make(**values)
    clock.shift(timedelta(days=1))
    tasks.sweep()
    return ScheduledRun.objects.get()
