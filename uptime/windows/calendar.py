"""Days, weeks and months on the calendar of each store's own time zone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.zones import FARTHEST_OFFSET, load_zone, offset_steps, opening_instants
from uptime.windows.elapsed import DAY, HOUR, SECOND

Dates = tuple[date, date]

_EPOCH = date(1970, 1, 1)
_ONE_DAY = timedelta(days=1)


def day_of(day: date) -> Dates:
    """Return the date and the next one."""
    return day, day + _ONE_DAY


def week_of(day: date) -> Dates:
    """Return the Monday of the ISO week of ``day``, and the next Monday."""
    monday = day - day.weekday() * _ONE_DAY
    return monday, monday + 7 * _ONE_DAY


def month_of(day: date) -> Dates:
    """Return the first of the month of ``day``, and of the next month."""
    first = day.replace(day=1)
    return first, (first + 31 * _ONE_DAY).replace(day=1)


# Each maps a store's local date at as of to dates; times after as of are cut off later.
_RELATIVE: dict[str, tuple[str, Callable[[date], Dates]]] = {
    "today": ("today", day_of),
    "this-week": ("this_week", week_of),
    "this-month": ("this_month", month_of),
    "yesterday": ("yesterday", lambda today: day_of(today - _ONE_DAY)),
    # Not "last_week", which has always meant the 7 days before as of.
    "last-week": ("last_calendar_week", lambda today: week_of(today - 7 * _ONE_DAY)),
    "last-month": (
        "last_calendar_month",
        lambda today: month_of(month_of(today)[0] - _ONE_DAY),
    ),
}
RELATIVE_TEXTS = tuple(_RELATIVE)


@dataclass(frozen=True, kw_only=True)
class CalendarWindow:
    """A day, week or month in each store's zone, either fixed or relative to as of.

    ``dates``: the first date and the one after the last; None for a text such as "yesterday".
    """

    text: str
    dates: Dates | None = None

    @property
    def name(self) -> str:
        """The name in column headers."""
        return _RELATIVE[self.text][0] if self.dates is None else self.text.replace("-", "_")

    @property
    def unit(self) -> int:
        """The unit its times are printed in."""
        return HOUR

    @property
    def is_calendar(self) -> bool:
        """Whether it depends on a store's time zone."""
        return True

    def earliest_start(self, as_of: int) -> int:
        """Return an instant before which the window begins in no zone."""
        first, _ = self._dates_on(_date_at(as_of - FARTHEST_OFFSET))
        return _days(first) * DAY - FARTHEST_OFFSET

    def spans(self, as_of: int, zone_names: Sequence[str]) -> NDArray[np.int64]:
        """Return start and end for each zone, int64[zones, 2]."""
        spans = np.empty((len(zone_names), 2), dtype=np.int64)
        for number, name in enumerate(zone_names):
            dates = self._dates_on(_date_at(as_of, name))
            spans[number] = [start_of_date(name, _days(day)) for day in dates]
        return spans

    def _dates_on(self, today: date) -> Dates:
        return _RELATIVE[self.text][1](today) if self.dates is None else self.dates


@lru_cache(maxsize=4096)
def start_of_date(zone_name: str, day: int) -> int:
    """Return the earliest instant at which the zone shows that date or a later one.

    ``day``: days since 1970. A date ends where the next one starts, so dates never overlap, and a
    date that the zone skipped is empty.
    """
    midnight = day * DAY
    reach = FARTHEST_OFFSET + DAY
    steps = offset_steps(load_zone(zone_name), midnight - reach, midnight + reach)
    return int(opening_instants(np.array([midnight], dtype=np.int64), steps)[0])


def _date_at(instant: int, zone_name: str | None = None) -> date:
    zone = load_zone(zone_name) if zone_name else UTC
    return datetime.fromtimestamp(instant // SECOND, UTC).astimezone(zone).date()


def _days(day: date) -> int:
    return (day - _EPOCH).days
