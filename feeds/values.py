"""Valid values of each kind: text in, a typed value or a reason out.

These functions are the specification. The block decoder applies them to distinct values and has
a shortcut for plain instants; everything else comes here.
"""

import re
from datetime import UTC, datetime
from functools import cache

from feeds.zones import known_time_zones

SECOND = 1_000_000
EARLIEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * SECOND
LATEST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * SECOND - 1
# In place of both times of a special day that is closed: no wall time is negative.
NO_TIME = -1

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # Offsets are integers: no overflow.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_UNDECODED = re.compile(r"[\udc80-\udcff]")
_ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d+)?E\+\d+|[+-]?\d+[.,]\d+E\d+", re.ASCII | re.IGNORECASE)
_STATUSES = {"inactive": 0, "active": 1}
_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:\s*(?:UTC|Z|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>[0-5]\d)))?",
    re.ASCII | re.IGNORECASE,
)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_WALL_TIME = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?", re.ASCII)
_NO_ZONE = {"", "null", "none", "nan", "n/a", "na", "\\n"}


class BadValue(ValueError):  # Named like UnusableFile.
    """An invalid value; ``str()`` is the reason and follows the value in a sentence."""


def store_id(text: str) -> str:
    """Return a store id without surrounding spaces: 1 to 100 printable characters.

    An id in exponent form was rounded by a spreadsheet and is rejected. One that was rounded and
    then written in full (1481966498820150000) cannot be told from a real one.
    """
    stripped = _stripped(text)
    if len(stripped) > 100:
        raise BadValue("is longer than 100 characters")
    if _UNPRINTABLE.search(stripped):
        raise BadValue("has characters that cannot be printed")
    if _ROUNDED.fullmatch(stripped):
        raise BadValue("is a number rounded by a spreadsheet: export the ids as text")
    return stripped


def status(text: str) -> int:
    """Return 1 for "active", 0 for "inactive", ignoring case and surrounding spaces."""
    try:
        return _STATUSES[_stripped(text).lower()]
    except KeyError:
        raise BadValue('is neither "active" nor "inactive"') from None


def instant(text: str) -> int:
    """Return an instant in microseconds of UTC.

    ``YYYY-MM-DD HH:MM:SS[.ffffff]`` with "T" or a space in between, followed by "UTC", "Z", an
    offset or nothing: a bare instant is UTC, as the column's name says.
    """
    match = _INSTANT.fullmatch(_stripped(text))
    if match is None:
        raise BadValue("is not an instant like 2023-01-22 12:09:39.388884 UTC")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if second == 60:
        raise BadValue("is a leap second, which is not supported")
    try:
        whole = datetime(year, month, day, hour, minute, second) - _EPOCH  # noqa: DTZ001
    except ValueError:
        raise BadValue("does not exist on the calendar or the clock") from None
    seconds = whole.days * 86_400 + whole.seconds - _offset(match)
    at = seconds * SECOND + _microseconds(match[7])
    if not EARLIEST <= at <= LATEST:
        raise BadValue("is outside the years 2000 to 2100")
    return at


def weekday(text: str) -> int:
    """Return a weekday, 0 for Monday to 6 for Sunday."""
    stripped = _stripped(text)
    if stripped not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise BadValue("is not a weekday from 0 (Monday) to 6 (Sunday)")
    return int(stripped)


def date(text: str) -> int:
    """Return a date, ``YYYY-MM-DD``, in days since 1970."""
    match = _DATE.fullmatch(_stripped(text))
    if match is None:
        raise BadValue("is not a date like 2026-12-25")
    year, month, day = (int(part) for part in match.groups())
    try:
        days = (datetime(year, month, day) - _EPOCH).days  # noqa: DTZ001
    except ValueError:
        raise BadValue("does not exist on the calendar") from None
    if not EARLIEST <= days * 86_400 * SECOND <= LATEST:
        raise BadValue("is outside the years 2000 to 2100")
    return days


def opening_time_or_none(text: str) -> int:
    """Return what ``opening_time`` does, ``NO_TIME`` for empty text."""
    return opening_time(text) if text.strip() else NO_TIME


def closing_time_or_none(text: str) -> int:
    """Return what ``closing_time`` does, ``NO_TIME`` for empty text."""
    return closing_time(text) if text.strip() else NO_TIME


def opening_time(text: str) -> int:
    """Return a wall time in microseconds since midnight, less than a day."""
    at = _wall_time(text)
    if at == 86_400 * SECOND:
        raise BadValue("opens at 24:00: write 00:00:00 of the next day")
    return at


def closing_time(text: str) -> int:
    """Return a wall time in microseconds since midnight; 24:00 is midnight, hence 0."""
    return _wall_time(text) % (86_400 * SECOND)


def time_zone(text: str) -> int:
    """Return the index of a zone in ``known_time_zones()``, ignoring case."""
    stripped = text.strip().lower()
    if stripped in _NO_ZONE:
        raise BadValue(
            "has no time zone: the store will use America/Chicago unless another row has one"
        )
    try:
        return _time_zones()[_stripped(text).lower()]
    except KeyError:
        raise BadValue("is not a time zone of the IANA database") from None


@cache
def _time_zones() -> dict[str, int]:
    return {name.lower(): index for index, name in enumerate(known_time_zones())}


def _stripped(text: str) -> str:
    """Return text without surrounding spaces; BadValue if it is empty or not UTF-8."""
    if _UNDECODED.search(text):
        raise BadValue("is not UTF-8 text")
    stripped = text.strip()
    if not stripped:
        raise BadValue("is empty")
    return stripped


def _offset(match: re.Match[str]) -> int:
    """Return the seconds by which an instant's wall clock is ahead of UTC, less than a day."""
    if match["sign"] is None:
        return 0
    if int(match["hours"]) > 23:
        raise BadValue("has an offset of a day or more")
    seconds = int(match["hours"]) * 3600 + int(match["minutes"]) * 60
    return -seconds if match["sign"] == "-" else seconds


def _microseconds(fraction: str | None) -> int:
    """Return the digits after a decimal point as microseconds."""
    digits = (fraction or "").rstrip("0")
    if len(digits) > 6:
        raise BadValue("is finer than a microsecond")
    return int(digits.ljust(6, "0"))


def _wall_time(text: str) -> int:
    """Return a wall time in microseconds since midnight, at most 24:00."""
    match = _WALL_TIME.fullmatch(_stripped(text))
    if match is None:
        raise BadValue("is not a time of day like 09:30:00")
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    at = (hour * 3600 + minute * 60 + second) * SECOND + _microseconds(match[4])
    if at > 86_400 * SECOND:
        raise BadValue("is later than 24:00")
    return at
