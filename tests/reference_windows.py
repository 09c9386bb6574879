"""Windows again, the slow way: stepping a wall clock hour by hour, then second by second."""

from datetime import date, timedelta
from functools import cache

from tests.reference import DAY, EPOCH, HOUR, MICROSECOND, MINUTE, SECOND, wall_clock, zone

LENGTHS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
ONE_DAY = timedelta(days=1)


def bounds_of(text: str, *, as_of: int, zone_name: str) -> tuple[int, int]:
    """Where a window begins and ends in a zone; time after ``as_of`` is cut off."""
    if text[-1] in LENGTHS and text[:-1].isdigit():
        return as_of - int(text[:-1]) * LENGTHS[text[-1]], as_of
    first, after = dates_of(text, wall_clock(as_of, zone(zone_name)).date())
    return tuple(min(start_of(day, zone_name), as_of) for day in (first, after))


def dates_of(text: str, today: date) -> tuple[date, date]:
    """The first date of a window, and the one after its last."""
    monday, first = today - today.weekday() * ONE_DAY, today.replace(day=1)
    known = {
        "today": (today, today + ONE_DAY),
        "yesterday": (today - ONE_DAY, today),
        "this-week": (monday, monday + 7 * ONE_DAY),
        "last-week": (monday - 7 * ONE_DAY, monday),
        "this-month": (first, next_month(first)),
        "last-month": ((first - ONE_DAY).replace(day=1), first),
    }
    if text in known:
        return known[text]
    if "W" in text:
        monday = date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
        return monday, monday + 7 * ONE_DAY
    if len(text) == len("2024-03"):
        first = date(int(text[:4]), int(text[5:]), 1)
        return first, next_month(first)
    return date.fromisoformat(text), date.fromisoformat(text) + ONE_DAY


def next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


@cache
def start_of(day: date, zone_name: str) -> int:
    """The first instant at which a clock on the wall shows that date or a later one."""
    where = zone(zone_name)
    midnight = (day - EPOCH.date()) // MICROSECOND
    hours = range(midnight - 26 * HOUR, midnight + 26 * HOUR, HOUR)
    hour = next(at for at in hours if wall_clock(at, where).date() >= day)
    # Some clocks went back over midnight within an hour of it.
    minutes = range(hour - 3 * HOUR, hour + MINUTE, MINUTE)
    minute = next(at for at in minutes if wall_clock(at, where).date() >= day)
    seconds = range(minute - MINUTE, minute + SECOND, SECOND)
    return next(at for at in seconds if wall_clock(at, where).date() >= day)
