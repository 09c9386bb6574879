"""When a schedule is due: pure functions of the time they are given.

A daily, weekly or monthly schedule is due once on each local date it names. A time of day that
happens twice there is due at the first of the two instants; one that never happens, at the first
instant after the jump (rule 5 of docs/uptime.md). An hourly schedule is due whenever the local
clock shows its minute: an hour that the clock shows twice counts twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple

import numpy as np

from uptime.instants import from_microseconds, to_microseconds
from uptime.open_time.zones import OffsetSteps, load_zone, offset_steps, opening_instants

Cadence = Literal["hourly", "daily", "weekly", "monthly"]

_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1) // timedelta(microseconds=1)
# Neighbouring periods are never further apart.
_SPACING = {
    "hourly": timedelta(hours=3),
    "daily": timedelta(days=3),
    "weekly": timedelta(days=9),
    "monthly": timedelta(days=34),
}
# Local dates are searched this far on either side: zones have skipped a whole day.
_MARGIN = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The times when something is due. ``weekday`` 0 is Monday; ``day`` 31 is always the last."""

    cadence: Cadence
    zone: str
    minute: int = 0
    hour: int = 0  # Not for hourly.
    weekday: int = 0  # For weekly.
    day: int = 1  # For monthly.


class Period(NamedTuple):
    """The period of one report: its name, in local time, and the instant it is due."""

    name: str
    due_at: datetime


def is_zone_known(zone: str) -> bool:
    """Return whether the pinned tzdata has the zone; a later version may drop it."""
    try:
        load_zone(zone)
    except ValueError:
        return False
    return True


def unknown_zone(zone: str) -> str:
    """Return the message about an unknown zone."""
    return f"Its time zone, {zone}, is no longer in the time zone data (tzdata). Choose another."


def periods(rule: Rule, *, after: datetime, until: datetime) -> list[Period]:
    """Return the periods due after ``after`` and not after ``until``, in order."""
    start, end = to_microseconds(after), to_microseconds(until)
    found = _hours(rule, start, end) if rule.cadence == "hourly" else _dates(rule, after, until)
    return [period for period in found if after < period.due_at <= until]


def next_periods(rule: Rule, *, after: datetime, count: int) -> list[Period]:
    """Return the first ``count`` periods due after ``after``."""
    return periods(rule, after=after, until=after + _SPACING[rule.cadence] * count)[:count]


def latest_period(rule: Rule, *, until: datetime) -> Period:
    """Return the last period due not after ``until``."""
    return periods(rule, after=until - _SPACING[rule.cadence], until=until)[-1]


def _hours(rule: Rule, start: int, end: int) -> Iterator[Period]:
    steps = offset_steps(load_zone(rule.zone), start, end)
    ends = np.append(steps.starts[1:], end + 1)
    for begins, ceases, offset in zip(steps.starts, ends, steps.offsets, strict=True):
        first, last = max(int(begins), start), min(int(ceases), end + 1)
        # The first instant in the step at which the clock shows the minute.
        wait = (rule.minute * _MINUTE - first - int(offset)) % _HOUR
        for instant in range(first + wait, last, _HOUR):
            yield Period(_name_of_hour(instant, int(offset)), from_microseconds(instant))


def _name_of_hour(instant: int, offset: int) -> str:
    """Return a name such as ``2024-11-03T01-0500``: the offset tells repeated hours apart."""
    minutes = abs(offset) // _MINUTE
    sign = "-" if offset < 0 else "+"
    local = from_microseconds(instant + offset)
    return f"{local:%Y-%m-%dT%H}{sign}{minutes // 60:02}{minutes % 60:02}"


def _dates(rule: Rule, after: datetime, until: datetime) -> Iterator[Period]:
    first, last = (after - _MARGIN).date(), (until + _MARGIN).date()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    chosen = [day for day in days if _is_chosen(rule, day)]
    instants = opening_instants(
        np.array([_wall(rule, day) for day in chosen], dtype=np.int64), _steps(rule, first, last)
    )
    for day, instant in zip(chosen, instants, strict=True):
        yield Period(_name_of_date(rule, day), from_microseconds(int(instant)))


def _is_chosen(rule: Rule, day: date) -> bool:
    if rule.cadence == "weekly":
        return day.weekday() == rule.weekday
    if rule.cadence == "monthly":
        is_last = (day + timedelta(days=1)).day == 1
        return day.day == rule.day or (is_last and day.day < rule.day)
    return True


def _wall(rule: Rule, day: date) -> int:
    """Return the wall time on a local date, in microseconds as if it were UTC."""
    wall = datetime(day.year, day.month, day.day, rule.hour, rule.minute, tzinfo=UTC)
    return to_microseconds(wall)


def _steps(rule: Rule, first: date, last: date) -> OffsetSteps:
    ends = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last))
    start, end = (to_microseconds(one) for one in ends)
    margin = _MARGIN // timedelta(microseconds=1)
    return offset_steps(load_zone(rule.zone), start - margin, end + margin)


def _name_of_date(rule: Rule, day: date) -> str:
    if rule.cadence == "weekly":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return f"{day:%Y-%m}" if rule.cadence == "monthly" else f"{day:%Y-%m-%d}"
