"""Local days as intervals, including days of 23 and 25 hours."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from uptime.instants import from_microseconds, to_microseconds
from uptime.open_time.zones import load_zone

TICK_HOURS = (6, 12, 18)


@dataclass(frozen=True, kw_only=True)
class LocalDay:
    """``[start, end)`` in microseconds of UTC, and the instants of 6, 12 and 18 o'clock."""

    date: date
    start: int
    end: int
    ticks: tuple[tuple[int, int], ...]


def last_days(as_of: int, zone: str, count: int) -> tuple[LocalDay, ...]:
    """Return the last days of a zone including that of ``as_of``; skipped dates are left out."""
    return days_from(local_date(as_of, zone) - timedelta(days=count - 1), zone, count)


def days_from(first: date, zone: str, count: int) -> tuple[LocalDay, ...]:
    """Return ``count`` days of a zone from a date on; skipped dates are left out."""
    days = (_day(first + timedelta(days=number), zone) for number in range(count))
    return tuple(day for day in days if day.start < day.end)


def local_date(at: int, zone: str) -> date:
    """Return the date of an instant in a zone."""
    return from_microseconds(at).astimezone(load_zone(zone)).date()


def _day(day: date, zone: str) -> LocalDay:
    return LocalDay(
        date=day,
        start=_instant(day, 0, zone),
        end=_instant(day + timedelta(days=1), 0, zone),
        ticks=tuple((hour, _instant(day, hour, zone)) for hour in TICK_HOURS),
    )


def _instant(day: date, hour: int, zone: str) -> int:
    """Return the first instant that shows this hour of the day, or the first after a jump."""
    return to_microseconds(datetime.combine(day, time(hour), tzinfo=load_zone(zone)))
