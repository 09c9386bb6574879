"""Recurrences in words: ``every 2 weeks on Sunday at 03:00 for 1 h, America/Chicago``."""

from datetime import date, timedelta

from uptime.recurrence.occurrences import Recurrence
from uptime.recurrence.rule import Frequency, Rule
from uptime.windows.elapsed import DAY, HOUR, MINUTE

_UNITS = ("day", "week", "month", "year")
# The first day of this year was a Monday.
_MONDAY = date(2024, 1, 1)
_NUMBERS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}


def recurrence_in_words(recurrence: Recurrence) -> str:
    """Return when a recurrence occurs, without its beginning."""
    at = recurrence.time.isoformat("minutes" if recurrence.time.second == 0 else "seconds")
    return (
        f"{rule_in_words(recurrence.rule)} at {at} for {length_in_words(recurrence.duration)},"
        f" {recurrence.zone}"
    )


def rule_in_words(rule: Rule) -> str:
    """Return what a rule says; what it leaves to its beginning is not said."""
    unit = _UNITS[rule.frequency]
    each = f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"
    parts = [each]
    if rule.weekdays:
        parts.append(f"on {_listed([_weekday(*one) for one in sorted(rule.weekdays)])}")
    if rule.month_days:
        parts.append(f"on {_listed([_month_day(day) for day in _from_start(rule.month_days)])}")
    if rule.months:
        parts.append(f"in {_listed([_month(month) for month in sorted(rule.months)])}")
    if rule.count is not None:
        parts.append(f"{rule.count} times")
    if rule.until is not None:
        parts.append(f"until {rule.until:%Y-%m-%d}")
    if rule.frequency == Frequency.WEEKLY and rule.interval > 1 and rule.week_start:
        parts.append(f"(weeks begin on {_weekday(0, rule.week_start)})")
    return " ".join(parts)


def length_in_words(microseconds: int) -> str:
    """Return a length in days, hours, minutes and seconds, without those that are 0."""
    days, rest = divmod(microseconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [f"{days} d", f"{hours} h", f"{minutes} min", f"{rest / 1_000_000:g} s"]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 min"


def _from_start(days: frozenset[int]) -> list[int]:
    """Return days of the month in their order, those counted from its end last."""
    return sorted(days, key=lambda day: (day < 0, day))


def _month_day(day: int) -> str:
    if day > 0:
        return f"day {day}"
    return "the last day" if day == -1 else f"day {-day} from the end"


def _weekday(which: int, weekday: int) -> str:
    name = f"{_MONDAY + timedelta(days=weekday):%A}"
    if not which:
        return name
    numbered = _NUMBERS.get(which) or f"{_NUMBERS[-which]} to last"
    return f"the {numbered} {name}"


def _month(month: int) -> str:
    return f"{date(2024, month, 1):%B}"


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
