"""The text of a recurrence rule (RFC 5545, RRULE): the part of it that occurs at most once a day.

The time of day is that of the start. So there is no BYHOUR, BYMINUTE or BYSECOND, and the shortest
period is a day.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Any

LONGEST_TEXT = 300
MOST_OCCURRENCES = 1000
_LONGEST_INTERVAL = 1000
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")


class Frequency(IntEnum):
    """The period of which each, or each so many, has occurrences."""

    DAILY = 0
    WEEKLY = 1
    MONTHLY = 2
    YEARLY = 3


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule as parsed; empty sets do not limit it.

    ``weekdays``: (which one of the month, weekday), 0 for every one and below 0 from its end;
    weekday 0 is Monday. ``until``: a date or local time, or an instant in UTC.
    """

    text: str
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    weekdays: frozenset[tuple[int, int]] = frozenset()
    week_start: int = 0


@lru_cache(maxsize=4096)
def parse_rule(text: str) -> Rule:
    """Return the rule; raises ``ValueError``, with a message for people, for any other text."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"has more than {LONGEST_TEXT} characters")
    parts = _parts(text)
    rule = Rule(
        text=";".join(f"{name}={value}" for name, value in parts.items()),
        frequency=_frequency(parts),
        **{_FIELDS[name]: _READ[name](value) for name, value in parts.items() if name in _READ},
    )
    _check(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.replace(" ", "").upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{part[:30]!r} is not of the form NAME=VALUE")
        if name not in _KNOWN:
            raise ValueError(f"{name[:30]!r} is not supported; known: {', '.join(_KNOWN)}")
        if name in parts:
            raise ValueError(f"has {name} twice")
        parts[name] = value
    return parts


def _frequency(parts: Mapping[str, str]) -> Frequency:
    said = parts.get("FREQ", "")
    if said not in Frequency.__members__:
        known = ", ".join(Frequency.__members__)
        raise ValueError(f"needs a FREQ of {known}; it occurs at most once a day")
    return Frequency[said]


def _check(rule: Rule) -> None:
    """Refuse combinations without a meaning."""
    if rule.count is not None and rule.until is not None:
        raise ValueError("has both COUNT and UNTIL")
    if rule.month_days and rule.frequency == Frequency.WEEKLY:
        raise ValueError("has BYMONTHDAY, which a weekly rule cannot have")
    numbered = any(which for which, _ in rule.weekdays)
    if numbered and rule.frequency < Frequency.MONTHLY:
        raise ValueError("numbers a weekday in BYDAY, which needs FREQ=MONTHLY or YEARLY")
    if numbered and rule.frequency == Frequency.YEARLY and not rule.months:
        raise ValueError("numbers a weekday in BYDAY of a whole year; add BYMONTH")


def _number(value: str, low: int, high: int) -> int:
    if not _NUMBER.fullmatch(value) or not low <= int(value) <= high:
        raise ValueError(f"has {value[:30]!r} where a number from {low} to {high} belongs")
    return int(value)


def _numbers(value: str, low: int, high: int) -> frozenset[int]:
    found = frozenset(_number(each, low, high) for each in value.split(","))
    if 0 in found:
        raise ValueError("has a 0 where days are counted from 1 or -1")
    return found


def _weekday(value: str) -> tuple[int, int]:
    found = _BY_DAY.fullmatch(value)
    if not found:
        raise ValueError(f"has {value[:30]!r} in BYDAY, where MO, 1MO or -1FR belongs")
    return int(found[1] or 0), _WEEKDAYS.index(found[2])


def _week_start(value: str) -> int:
    if value not in _WEEKDAYS:
        raise ValueError(f"has {value[:30]!r} in WKST, where one of {', '.join(_WEEKDAYS)} belongs")
    return _WEEKDAYS.index(value)


def _until(value: str) -> date | datetime:
    if not _UNTIL.fullmatch(value):
        raise ValueError(f"has {value[:30]!r} in UNTIL, where 20240131T235959Z belongs")
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"has no date of the calendar in UNTIL: {value}") from error
    if not 1970 <= at.year < 2200:
        raise ValueError("has an UNTIL that is not between 1970 and 2199")
    return at if "T" in value else at.date()


_READ: Mapping[str, Callable[[str], Any]] = {
    "INTERVAL": lambda value: _number(value, 1, _LONGEST_INTERVAL),
    "COUNT": lambda value: _number(value, 1, MOST_OCCURRENCES),
    "UNTIL": _until,
    "BYMONTH": lambda value: _numbers(value, 1, 12),
    "BYMONTHDAY": lambda value: _numbers(value, -31, 31),
    "BYDAY": lambda value: frozenset(map(_weekday, value.split(","))),
    "WKST": _week_start,
}
_FIELDS = {
    "INTERVAL": "interval",
    "COUNT": "count",
    "UNTIL": "until",
    "BYMONTH": "months",
    "BYMONTHDAY": "month_days",
    "BYDAY": "weekdays",
    "WKST": "week_start",
}
_KNOWN = ("FREQ", *_READ)
