"""The days on which rules occur: one table of rules and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from uptime.recurrence.rule import Frequency, Rule

# Indexes of days of the month, and of numbered weekdays, may be negative.
_MONTH_DAYS, _NUMBERED = 31, 5


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Days since 1970, int64[d], and their places in month and week.

    ``day`` and ``left``: the day of the month from its start and from its end, 1 and -1 for the
    outermost. ``weekday``: 0 is Monday.
    """

    days: NDArray[np.int64]
    months: NDArray[np.int64]
    day: NDArray[np.int64]
    left: NDArray[np.int64]
    weekday: NDArray[np.int64]

    @classmethod
    def of(cls, days: NDArray[np.int64]) -> Self:
        """Return the calendar of these days."""
        months = days.astype("M8[D]").astype("M8[M]")
        firsts = months.astype("M8[D]").astype(np.int64)
        nexts = (months + 1).astype("M8[D]").astype(np.int64)
        return cls(
            days=days,
            months=months.astype(np.int64),
            day=days - firsts + 1,
            left=days - nexts,
            weekday=(days + 3) % 7,
        )


def occurring(
    rules: Sequence[Rule], first: NDArray[np.int64], last: NDArray[np.int64], calendar: Calendar
) -> NDArray[np.bool_]:
    """Return whether each rule occurs on each day: bool[rules, days].

    ``first``: int64[rules], the days on which they start, which tell the weekday, day or month that
    a rule leaves out; ``last``: the last day on which each may occur. COUNT is not considered.
    """
    start = Calendar.of(first)
    within = (calendar.days >= first[:, None]) & (calendar.days <= last[:, None])
    return (
        within
        & _in_period(rules, start, calendar)
        & _in_month(rules, start, calendar)
        & _on_day_of_month(rules, start, calendar)
        & _on_weekday(rules, start, calendar)
    )


def _in_period(rules: Sequence[Rule], start: Calendar, calendar: Calendar) -> NDArray[np.bool_]:
    """Return whether the day's period is one of each so many."""
    week_start = np.array([rule.week_start for rule in rules], dtype=np.int64)
    frequency = np.array([rule.frequency for rule in rules], dtype=np.int64)
    interval = np.array([rule.interval for rule in rules], dtype=np.int64)
    passed = np.choose(
        frequency[:, None],
        [
            calendar.days - start.days[:, None],
            _week(calendar.days, week_start[:, None]) - _week(start.days, week_start)[:, None],
            calendar.months - start.months[:, None],
            calendar.months // 12 - start.months[:, None] // 12,
        ],
    )
    inside: NDArray[np.bool_] = passed % interval[:, None] == 0
    return inside


def _week(days: NDArray[np.int64], week_start: NDArray[np.int64]) -> NDArray[np.int64]:
    # 1970-01-01 was a Thursday, weekday 3.
    week: NDArray[np.int64] = (days + 3 - week_start) // 7
    return week


def _in_month(rules: Sequence[Rule], start: Calendar, calendar: Calendar) -> NDArray[np.bool_]:
    allowed = np.zeros((len(rules), 12), dtype=bool)
    for row, rule in enumerate(rules):
        months = [month - 1 for month in rule.months]
        if _leaves_all_out(rule):
            months = [int(start.months[row]) % 12]
        allowed[row, months or slice(None)] = True
    return allowed[:, calendar.months % 12]


def _leaves_all_out(rule: Rule) -> bool:
    """Return whether a yearly rule names no day and no month."""
    named = rule.months or rule.month_days or rule.weekdays
    return rule.frequency == Frequency.YEARLY and not named


def _on_day_of_month(
    rules: Sequence[Rule], start: Calendar, calendar: Calendar
) -> NDArray[np.bool_]:
    allowed = np.zeros((len(rules), 2 * _MONTH_DAYS + 1), dtype=bool)
    for row, rule in enumerate(rules):
        days = [day + _MONTH_DAYS for day in rule.month_days]
        if rule.frequency >= Frequency.MONTHLY and not rule.month_days and not rule.weekdays:
            days = [int(start.day[row]) + _MONTH_DAYS]
        allowed[row, days or slice(None)] = True
    from_end: NDArray[np.bool_] = allowed[:, calendar.left + _MONTH_DAYS]
    return allowed[:, calendar.day + _MONTH_DAYS] | from_end


def _on_weekday(rules: Sequence[Rule], start: Calendar, calendar: Calendar) -> NDArray[np.bool_]:
    allowed = np.zeros((len(rules), 2 * _NUMBERED + 1, 7), dtype=bool)
    for row, rule in enumerate(rules):
        weekdays = rule.weekdays
        if rule.frequency == Frequency.WEEKLY and not weekdays:
            weekdays = frozenset({(0, int(start.weekday[row]))})
        for which, weekday in weekdays:
            allowed[row, which + _NUMBERED, weekday] = True
        if not weekdays:
            allowed[row, _NUMBERED] = True
    nth, nth_left = (calendar.day - 1) // 7 + 1, -((-calendar.left - 1) // 7 + 1)
    found: NDArray[np.bool_] = allowed[:, _NUMBERED, calendar.weekday]
    for numbers in (nth, nth_left):
        found = found | allowed[:, numbers + _NUMBERED, calendar.weekday]
    return found
