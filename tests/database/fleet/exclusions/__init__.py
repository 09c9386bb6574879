"""Exclusions in the database."""

from datetime import UTC, date, datetime, time

from fleet.models import Exclusion
from uptime.windows.elapsed import HOUR

FIRST, LAST = datetime(2024, 1, 15, 9, tzinfo=UTC), datetime(2024, 1, 15, 11, tzinfo=UTC)
SUNDAYS = {
    "rule": "FREQ=WEEKLY;BYDAY=SU",
    "first_date": date(2024, 1, 1),
    "start_time": time(3),
    "duration_us": HOUR,
    "time_zone_id": "America/Chicago",
}


def exclusion(**values):
    """Return an unsaved exclusion of the fleet, once from FIRST to LAST if not told otherwise."""
    when = {} if "rule" in values else {"starts_at": FIRST, "ends_at": LAST}
    said = {"scope": "fleet", "reason": "New routers", "created_by": "a test"}
    return Exclusion(**{**said, **when, **values})


def made(**values):
    row = exclusion(**values)
    row.full_clean()
    row.save()
    return row
