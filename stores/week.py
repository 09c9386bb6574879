"""Business hours as a week of openings, in local time, merged by the rules of uptime."""

from collections.abc import Iterable
from datetime import time
from typing import NamedTuple

import numpy as np

from uptime.open_time.wall_times import closing_times
from uptime.windows.elapsed import DAY

WEEK = 7 * DAY


class OpeningOfWeek(NamedTuple):
    """``[opens, closes)`` in microseconds since Monday 00:00, local time.

    ``opens`` is in the week, ``closes`` at most a week later. A store that never closes has one
    opening of a whole week.
    """

    opens: int
    closes: int


ALWAYS = (OpeningOfWeek(0, WEEK),)


def weekly_openings(hours: Iterable[tuple[int, time, time]]) -> tuple[OpeningOfWeek, ...]:
    """Return the merged openings of rows of (weekday, opens, closes), in order (rules 3 and 4).

    Days with a clock change may differ. Without any row a store is always open.
    """
    opened = sorted(_within_week(*row) for row in hours)
    if not opened:
        return ALWAYS
    merged: list[OpeningOfWeek] = []
    # Three weeks in a row: the middle one is a regular week.
    for opens, closes in ((a + n * WEEK, b + n * WEEK) for n in range(3) for a, b in opened):
        if merged and opens <= merged[-1].closes:
            merged[-1] = OpeningOfWeek(merged[-1].opens, max(merged[-1].closes, closes))
        else:
            merged.append(OpeningOfWeek(opens, closes))
    middle = [one for one in merged if WEEK <= one.opens < 2 * WEEK]
    return tuple(OpeningOfWeek(a - WEEK, b - WEEK) for a, b in middle) or ALWAYS


def _within_week(weekday: int, opens: time, closes: time) -> tuple[int, int]:
    start, end = _since_midnight(opens), _since_midnight(closes)
    closing = int(closing_times(np.array([start]), np.array([end]))[0])
    return weekday * DAY + start, weekday * DAY + closing


def _since_midnight(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
