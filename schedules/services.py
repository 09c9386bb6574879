"""The life of a schedule, and the start of its runs: exactly one report for each period.

The run and its report are made in one transaction, under a lock on the schedule's row, and the
database takes one run of a period. So it does not matter how many look at once, or how late.
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

# What says when a schedule is due.
_TIMING = frozenset({"cadence", "minute", "hour", "weekday", "day", "time_zone", "active"})


def create_schedule(*, created_by: str, **values: Any) -> Schedule:
    """Create a schedule; its first run is for the first period that is due from now on."""
    now = clock.now()
    schedule = Schedule(created_by=created_by, created_at=now, **values)
    plan(schedule, now)
    schedule.save()
    return schedule


def change_schedule(schedule: Schedule, **values: Any) -> Schedule:
    """Write the values that differ from what the row says now; other times count from now on.

    Two changes at once follow one another: each goes on from what the other left. Returns the
    schedule as it is then.
    """
    with transaction.atomic():
        # Nothing of it may begin meanwhile, either: that would be by the old times.
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
    """Set, without saving, from when on a schedule counts and when it is due next."""
    schedule.active_since = schedule.next_due_at = now
    # The zone of one that is switched off may be one that tzdata no longer has.
    if schedule.active:
        schedule.next_due_at = planning.next_periods(schedule.rule, after=now, count=1)[0].due_at


def start_due(now: datetime) -> list[UUID]:
    """Start the runs that are due; return the reports that workers must be told of."""
    due = Schedule.objects.filter(active=True, next_due_at__lte=now)
    started = [_start(schedule_id, now) for schedule_id in due.values_list("pk", flat=True)]
    return [run.report_id for run in started if run and run.report_id]


def _start(schedule_id: int, now: datetime) -> ScheduledRun | None:
    """Start the run of the latest period that is due; None if it was started before.

    Where nothing looked for longer than a period, the earlier ones are left out: nobody wants
    yesterday's reports all at once today. A schedule in a zone that is gone is switched off.
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
        text = "schedule %s (%s): missed what was due from %s on; only %s is made up for"
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
    """Return the next instants at which it is due; none while it is off or its zone is gone."""
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
        # Such as a store that is no longer there.
        run.status, run.error, run.ended_at = ScheduledRun.Status.FAILED, str(error), now
        logger.error("%s: no report can be made: %s", run, error)  # noqa: TRY400 - ours to mend
    run.save(force_insert=True)
    return run


def wanted(schedule: Schedule, *, as_of: datetime | None = None) -> Parameters:
    """Return what its reports shall say. Raises UnusableParameter.

    They are as of the instant that the period is due at, not of the newest poll: so the report of
    a period is the same however late it is made, and its windows are the period's.
    """
    return parameters(
        as_of=as_of,
        windows=schedule.windows,
        columns=schedule.columns,
        max_gap=schedule.max_gap,
        stores=schedule.stores,
    )
