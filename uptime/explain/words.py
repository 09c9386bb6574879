"""How explanations write instants, lengths and reasons."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from uptime.explain.explanation import (
    AFTER_AS_OF,
    BEFORE_LOOK_BACK,
    DECIDES,
    FARTHER,
    IN_EXCLUSION,
    OUTSIDE_HOURS,
    REPLACED,
)
from uptime.explain.rows import (
    CLOSES_NEVER,
    CLOSES_TWICE,
    MIDNIGHT,
    NEXT_DATE,
    OPENS_NEVER,
    OPENS_TWICE,
    RULES_OF_NOTES,
    RowOfDate,
)
from uptime.instants import from_microseconds
from uptime.windows.elapsed import HOUR, MINUTE, SECOND

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_NOTES = {
    MIDNIGHT: "closing in the last minute of a day means midnight",
    NEXT_DATE: "closing at or before the opening is on the next date",
    OPENS_TWICE: "the clocks show the opening time twice: the earlier counts",
    OPENS_NEVER: "the clocks skip the opening time: it opens when they jump",
    CLOSES_TWICE: "the clocks show the closing time twice: the later counts",
    CLOSES_NEVER: "the clocks skip the closing time: it closes when they jump",
}
USES = {
    DECIDES: "counts",
    FARTHER: "counts, but decides none of this window",
    OUTSIDE_HOURS: "left out: the store is closed then",
    IN_EXCLUSION: "left out: in excluded time",
    BEFORE_LOOK_BACK: "left out: too long before the report's windows",
    AFTER_AS_OF: "left out: later than the report",
    REPLACED: "left out: replaced by a later row of the same instant",
}


def status(*, active: bool) -> str:
    return "active" if active else "inactive"


def clock(at: int, zone: tzinfo) -> str:
    """Return the time of day, with as many digits as the instant needs."""
    return local(at, zone).time().isoformat()


def local(at: int, zone: tzinfo) -> datetime:
    return from_microseconds(at).astimezone(zone)


def moment(at: int, zone: tzinfo) -> str:
    """Return date and time in a zone, such as ``Tue 24 Jan 2023 10:14:00``."""
    return f"{short_date(local(at, zone).date())} {clock(at, zone)}"


def utc(at: int) -> str:
    """Return an instant as the feeds write it."""
    return f"{from_microseconds(at).astimezone(UTC).replace(tzinfo=None)} UTC"


def short_date(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()][:3]} {day:%-d %b %Y}"


def long_date(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day:%-d %B %Y}"


def length(microseconds: int) -> str:
    """Return a length exactly, such as ``1:44:30`` or ``0:00:00.000001``."""
    hours, rest = divmod(microseconds, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, fraction = divmod(rest, SECOND)
    decimals = f".{fraction:06}" if fraction else ""
    return f"{hours}:{minutes:02}:{seconds:02}{decimals}"


def wall(microseconds: int) -> str:
    """Return a time of day as the business hours have it."""
    midnight = datetime(1970, 1, 1, tzinfo=UTC)
    return (midnight + timedelta(microseconds=microseconds)).time().isoformat()


def row_in_words(row: RowOfDate) -> str:
    """Return a row of business hours as it was written, on its date."""
    written = f"{WEEKDAYS[row.weekday]} {wall(row.opens)}-{wall(row.closes)}"
    return f"{written} of {short_date(row.date)}"


def special_row_in_words(row: RowOfDate) -> str:
    """Return the hours of a special day as they were written."""
    return f"{wall(row.opens)}-{wall(row.closes)} of {short_date(row.date)}"


def notes_in_words(row: RowOfDate) -> list[str]:
    """Return what had to be decided about a row, each with its rule."""
    return [f"{_NOTES[note]} (rule {RULES_OF_NOTES[note]})" for note in row.notes]
