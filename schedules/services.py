"""Creating and changing schedules, and starting their runs: exactly one report per period.

The run and its report are created in one transaction, under a lock on the schedule's row, and the
database accepts one run per period. So it does not matter how many processes look, or how late.
"""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from jobs import clock
from reports.request.parameters import Parameters, parameters
from reports.request.requesting import request_report
from reports.request.unusable import UnusableParameter
from schedules import planning
from schedules.models import Schedule, ScheduledRun

logger = logging.getLogger(__name__)

# The fields that determine when a schedule is due.
_TIMING = frozenset({"cadence", "minute", "hour", "weekday", "day", "time_zone", "active"})


def create_schedule(*, created_by: str, **values: Any) -> Schedule:
    """Create a schedule; its first run is for the first period due from now on."""
    now = clock.now()
    schedule = Schedule(created_by=created_by, created_at=now, **values)
    plan(schedule, now)
    schedule.save()
    return schedule


def change_schedule(schedule: Schedule, **values: Any) -> Schedule:
    """Write the values that differ from the row; a new time applies from now on.

    Concurrent changes follow one another; each starts from the result of the one before. Returns
    the updated schedule.
    """
    with transaction.atomic():
        # The lock also keeps runs from starting by the old times.
        current = Schedule.objects.select_for_update().get(pk=schedule.pk)
        changed = {name for name, value in values.items() if getattr(current, name) != value}
        for name in changed:
            setattr(current, name, values[name])
        own: set[str] = set()
        if changed & _TIMING:
            plan(current, clock.now())
            own = {"active_since", "next_due_at"}
        if "active" in changed:
            current.inactive_because = ""
            own.add("inactive_because")
        current.save(update_fields=changed | own)
    return current


def plan(schedule: Schedule, now: datetime) -> None:
    """Set, without saving, when a schedule's periods begin and when it is next due."""
    schedule.active_since = schedule.next_due_at = now
    # The zone of a schedule that is switched off may be gone from tzdata.
    if schedule.active:
        schedule.next_due_at = planning.next_periods(schedule.rule, after=now, count=1)[0].due_at


def start_due(now: datetime) -> list[UUID]:
    """Start the due runs; return the reports to queue."""
    due = Schedule.objects.filter(active=True, next_due_at__lte=now)
    started = [_start(schedule_id, now) for schedule_id in due.values_list("pk", flat=True)]
    return [run.report_id for run in started if run and run.report_id]


def _start(schedule_id: int, now: datetime) -> ScheduledRun | None:
    """Start the run of the latest due period; None if it was started before.

    After a standstill longer than a period the earlier ones are skipped: all of yesterday's reports
    at once would not help today. A schedule whose zone is gone is switched off.
    """
    with transaction.atomic():
        due = Schedule.objects.select_for_update().filter(active=True, next_due_at__lte=now)
        schedule = due.filter(pk=schedule_id).first()
        if schedule is None:
            return None
        if not planning.is_zone_known(schedule.rule.zone):
            _switch_off(schedule)
            return None
        expected = schedule.next_due_at
        latest = planning.latest_period(schedule.rule, until=now)
        schedule.next_due_at = planning.next_periods(schedule.rule, after=now, count=1)[0].due_at
        schedule.save(update_fields=["next_due_at"])
        if latest.due_at <= schedule.active_since or _has_run(schedule, latest):
            return None
        run = _made(schedule, latest, now)
    if latest.due_at > expected:
        text = "schedule %s (%s): missed the periods from %s on; only %s is run"
        logger.warning(text, schedule.pk, schedule.name, f"{expected:%F %T} UTC", latest.name)
    logger.info("schedule %s (%s): began %s", schedule.pk, schedule.name, latest.name)
    return run


def _switch_off(schedule: Schedule) -> None:
    schedule.active = False
    schedule.inactive_because = planning.unknown_zone(schedule.rule.zone)
    schedule.save(update_fields=["active", "inactive_because"])
    logger.error(
        "schedule %s (%s): switched off. %s",
        schedule.pk,
        schedule.name,
        schedule.inactive_because,
    )


def next_runs(schedule: Schedule, count: int) -> list[datetime]:
    """Return the next due instants; none if it is off or its zone is gone."""
    if not schedule.active or not planning.is_zone_known(schedule.rule.zone):
        return []
    ahead = planning.next_periods(schedule.rule, after=clock.now(), count=count)
    return [period.due_at for period in ahead]


def _has_run(schedule: Schedule, period: planning.Period) -> bool:
    return ScheduledRun.objects.filter(schedule=schedule, period=period.name).exists()


def _made(schedule: Schedule, period: planning.Period, now: datetime) -> ScheduledRun:
    run = ScheduledRun(schedule=schedule, period=period.name, due_at=period.due_at, created_at=now)
    try:
        run.report = request_report(
            wanted=wanted(schedule, as_of=period.due_at), requested_by=f"schedule {schedule.name}"
        ).report
    except UnusableParameter as error:
        # For example, a store no longer exists.
        run.status, run.error, run.ended_at = ScheduledRun.Status.FAILED, str(error), now
        logger.error("%s: no report can be created: %s", run, error)  # noqa: TRY400 - ours to mend
    run.save(force_insert=True)
    return run


def wanted(schedule: Schedule, *, as_of: datetime | None = None) -> Parameters:
    """Return the parameters of its reports. Raises UnusableParameter.

    They are as of the instant the period is due, not the newest poll. So the report of a period is
    the same however late it is made, and its windows are those of the period.
    """
    return parameters(
        as_of=as_of,
        windows=schedule.windows,
        columns=schedule.columns,
        max_gap=schedule.max_gap,
        stores=schedule.stores,
        kind=schedule.kind,
        poller_outages=schedule.poller_outages,
    )
