"""When recurrences begin and end, in UTC.

Both ends are wall times, as with business hours (rule 5): "03:00 for one hour" ends when the clock
shows 04:00, however long that takes. A start that happens twice is the earlier instant, an end that
happens twice the later; what never happens is the first instant after the jump. So an occurrence
that lies in a skipped hour altogether is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.zones import (
    FARTHEST_OFFSET,
    closing_instants,
    load_zone,
    offset_steps,
    opening_instants,
)
from uptime.recurrence.days import Calendar, occurring
from uptime.recurrence.rule import Rule
from uptime.windows.elapsed import DAY, HOUR, MINUTE, SECOND

SHORTEST, LONGEST = MINUTE, 31 * DAY
_EPOCH = date(1970, 1, 1)
# 28 years have each combination of date and weekday; a rule that needs longer is a mistake.
_SEARCHED_DAYS = 28 * 365 + 7
_BEYOND_DAYS = 1 << 40
_MORE = 40


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """A rule whose occurrences begin at ``time`` on local days and last ``duration``.

    ``first``: the day in ``zone`` on which it starts; ``duration``: microseconds of wall time.
    """

    rule: Rule
    first: date
    time: time
    duration: int
    zone: str


@dataclass(frozen=True, kw_only=True)
class Occurrences:
    """``recurrence``: int64[k], the place of each one's recurrence; ``start``, ``end``: int64[k].

    Microseconds of UTC, in no order, not cut and not merged.
    """

    recurrence: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def occurrences(recurrences: Sequence[Recurrence], start: int, end: int) -> Occurrences:
    """Return the occurrences of all recurrences that touch ``[start, end)``.

    Raises ``ValueError`` for an unknown zone.
    """
    longest = max((each.duration for each in recurrences), default=0)
    first = (start - FARTHEST_OFFSET - longest) // DAY
    days = np.arange(first, (end + FARTHEST_OFFSET) // DAY + 1, dtype=np.int64)
    found = _on(recurrences, days)
    touching = (found.start < end) & (found.end > start) & (found.start < found.end)
    return Occurrences(
        recurrence=found.recurrence[touching],
        start=found.start[touching],
        end=found.end[touching],
    )


def next_occurrences(recurrence: Recurrence, after: int, most: int) -> list[tuple[int, int]]:
    """Return start and end of the first ``most`` that end after an instant of UTC."""
    earliest = (after - FARTHEST_OFFSET - recurrence.duration) // DAY
    first = max(earliest, _days(recurrence.first))
    days = _first_recurring(recurrence, first, most + _MORE)
    found: list[tuple[int, int]] = []
    # Some more, as some may have ended by then or lie in a skipped hour. One at a time: years may
    # be between them, and time zones are costly over years.
    for day in days[: most + _MORE]:
        each = _on([recurrence], np.array([day]))
        start, end = int(each.start[0]), int(each.end[0])
        if start < end and end > after:
            found.append((start, end))
        if len(found) == most:
            break
    return found


def _first_recurring(recurrence: Recurrence, first: int, most: int) -> NDArray[np.int64]:
    """Return the days from ``first`` on, years of them only if there are not ``most`` in one."""
    for length in (400, _SEARCHED_DAYS):
        days = np.arange(first, first + length, dtype=np.int64)
        found: NDArray[np.int64] = days[_on_days([recurrence], days)[0]]
        if len(found) >= most:
            break
    return found


def check_recurrence(recurrence: Recurrence) -> None:
    """Raise ``ValueError`` unless it occurs, and as often as its COUNT says."""
    days = _first_days(recurrence)
    if not len(days):
        raise ValueError("never occurs")
    wanted = recurrence.rule.count
    if wanted is not None and len(days) < wanted:
        raise ValueError(f"occurs only {len(days)} times in its first 28 years, not {wanted}")


def _on_days(recurrences: Sequence[Recurrence], days: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each recurs on each of these local days: bool[recurrences, days]."""
    first = np.array([_days(each.first) for each in recurrences], dtype=np.int64)
    last = np.array([_last_day(each) for each in recurrences], dtype=np.int64)
    return occurring([each.rule for each in recurrences], first, last, Calendar.of(days))


def _on(recurrences: Sequence[Recurrence], days: NDArray[np.int64]) -> Occurrences:
    """Return the occurrences on these local days, also those that last no time."""
    place, day = np.nonzero(_on_days(recurrences, days))
    at = np.array([_since_midnight(each.time) for each in recurrences], dtype=np.int64)
    lasting = np.array([each.duration for each in recurrences], dtype=np.int64)
    wall = days[day] * DAY + at[place]
    start, end = _in_utc([each.zone for each in recurrences], place, wall, wall + lasting[place])
    return Occurrences(recurrence=place, start=start, end=end)


def _in_utc(
    zones: Sequence[str],
    place: NDArray[np.int64],
    wall_start: NDArray[np.int64],
    wall_end: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the instants of wall times, zone by zone."""
    start, end = np.empty_like(wall_start), np.empty_like(wall_end)
    names, zone = np.unique(np.array(zones, dtype=object), return_inverse=True)
    for number, name in enumerate(names):
        of_zone = zone[place] == number
        if of_zone.any():
            # Whole weeks, so that the staircase of a zone is made once for many reports.
            low = int(wall_start[of_zone].min()) // (7 * DAY) * 7 * DAY - 7 * DAY
            high = int(wall_end[of_zone].max()) // (7 * DAY) * 7 * DAY + 14 * DAY
            steps = offset_steps(load_zone(str(name)), low, high)
            start[of_zone] = opening_instants(wall_start[of_zone], steps)
            end[of_zone] = closing_instants(wall_end[of_zone], steps)
    return start, end


@lru_cache(maxsize=4096)
def _last_day(recurrence: Recurrence) -> int:
    """Return the last day on which it may occur, by UNTIL or COUNT."""
    if recurrence.rule.count is not None:
        days = _first_days(recurrence)
        return int(days[: recurrence.rule.count][-1]) if len(days) else _days(recurrence.first) - 1
    return _until_day(recurrence)


def _first_days(recurrence: Recurrence) -> NDArray[np.int64]:
    """Return the days of 28 years on which it occurs, whatever its COUNT."""
    first = _days(recurrence.first)
    days = np.arange(first, first + _SEARCHED_DAYS, dtype=np.int64)
    last = np.array([_until_day(recurrence)], dtype=np.int64)
    on = occurring([recurrence.rule], np.array([first]), last, Calendar.of(days))
    found: NDArray[np.int64] = days[on[0]]
    return found


def _until_day(recurrence: Recurrence) -> int:
    """Return the last day whose occurrence begins at or before UNTIL."""
    until = recurrence.rule.until
    if until is None:
        return _BEYOND_DAYS
    if not isinstance(until, datetime):
        return _days(until)
    if until.tzinfo is not None:
        until = until.astimezone(load_zone(recurrence.zone)).replace(tzinfo=None)
    return _days(until.date()) - (until.time() < recurrence.time)


def _days(day: date) -> int:
    return (day - _EPOCH).days


def _since_midnight(at: time) -> int:
    return at.hour * HOUR + at.minute * MINUTE + at.second * SECOND + at.microsecond
