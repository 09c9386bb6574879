"""The rows behind an opening, on their local dates, with what bends them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from uptime.fleet import Fleet
from uptime.open_time.special_days import CLOSED_ALL_DAY
from uptime.open_time.wall_times import closing_times
from uptime.open_time.zones import (
    FARTHEST_OFFSET,
    OffsetSteps,
    closing_instants,
    load_zone,
    offset_steps,
    opening_instants,
)
from uptime.windows.elapsed import DAY

_EPOCH = date(1970, 1, 1)

# Rule 3.
MIDNIGHT = "closes_at_midnight"
NEXT_DATE = "closes_on_the_next_date"
# Rule 5.
OPENS_TWICE = "opening_time_happens_twice"
OPENS_NEVER = "opening_time_never_happens"
CLOSES_TWICE = "closing_time_happens_twice"
CLOSES_NEVER = "closing_time_never_happens"

RULES_OF_NOTES = {
    MIDNIGHT: 3,
    NEXT_DATE: 3,
    OPENS_TWICE: 5,
    OPENS_NEVER: 5,
    CLOSES_TWICE: 5,
    CLOSES_NEVER: 5,
}


@dataclass(frozen=True, kw_only=True)
class RowOfDate:
    """A row on one local date: ``[start, end)`` in microseconds of UTC.

    ``row``: its index in the fleet's business hours, or special days. ``opens`` and ``closes``: as
    written, microseconds since midnight. ``notes``: what had to be decided, see ``RULES_OF_NOTES``.
    """

    row: int
    date: date
    weekday: int
    opens: int
    closes: int
    start: int
    end: int
    notes: tuple[str, ...]


def weekly_rows(fleet: Fleet, zone_name: str, start: int, end: int) -> list[RowOfDate]:
    """Return the business hours of the only store of ``fleet`` that are open in ``[start, end)``.

    They are in order, and without those that a special day replaces. One that would be open for no
    time, since the clocks jump over it, is left out.
    """
    hours = fleet.hours
    # An opening may begin two dates before the instant at which it is looked at.
    first = (start - FARTHEST_OFFSET) // DAY - 2
    last = (end + FARTHEST_OFFSET) // DAY
    days = np.arange(first, last + 1)
    days = days[~np.isin(days, fleet.special_days.date)][:, None]
    # 1970-01-01 was a Thursday, weekday 3.
    day, row = np.nonzero((days + 3) % 7 == hours.weekday[None, :])
    found = _Rows(row=row, day=days[day, 0], opens=hours.opens[row], closes=hours.closes[row])
    return list(found.within(load_zone(zone_name), start, end))


def special_rows(fleet: Fleet, zone_name: str, start: int, end: int) -> list[RowOfDate]:
    """Return the special days of the only store of ``fleet`` that are open in ``[start, end)``."""
    special = fleet.special_days
    row = np.flatnonzero(special.opens != CLOSED_ALL_DAY)
    found = _Rows(
        row=row,
        day=special.date[row].astype(np.int64),
        opens=special.opens[row],
        closes=special.closes[row],
    )
    return list(found.within(load_zone(zone_name), start, end))


def closed_dates(fleet: Fleet) -> list[date]:
    """Return the special days of the only store of ``fleet`` that have no opening, in order."""
    special = fleet.special_days
    opened = special.date[special.opens != CLOSED_ALL_DAY]
    closed = np.setdiff1d(special.date, opened)
    return [_EPOCH + timedelta(days=day) for day in closed.tolist()]


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Rows and the days since 1970 on which they open: int64[k]."""

    row: NDArray[np.intp]
    day: NDArray[np.int64]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]

    def within(self, zone: ZoneInfo, start: int, end: int) -> Iterator[RowOfDate]:
        """Yield those that are open in ``[start, end)``, in order."""
        if not len(self.row):
            return
        steps = offset_steps(zone, start - 4 * DAY, end + 4 * DAY)
        opens = self.day * DAY + self.opens
        closes = self.day * DAY + closing_times(self.opens, self.closes)
        starts, ends = opening_instants(opens, steps), closing_instants(closes, steps)
        bends = _bends(opens, steps), _bends(closes, steps)
        shown = np.flatnonzero((starts < ends) & (starts < end) & (ends > start))
        for n in shown[np.lexsort((self.row[shown], starts[shown]))].tolist():
            day, written = int(self.day[n]), int(self.closes[n])
            yield RowOfDate(
                row=int(self.row[n]),
                date=_EPOCH + timedelta(days=day),
                weekday=(day + 3) % 7,
                opens=int(self.opens[n]),
                closes=written,
                start=int(starts[n]),
                end=int(ends[n]),
                notes=(
                    *_of_closing(written, int(closes[n]) - day * DAY),
                    *_of_clocks(int(bends[0][n]), OPENS_TWICE, OPENS_NEVER),
                    *_of_clocks(int(bends[1][n]), CLOSES_TWICE, CLOSES_NEVER),
                ),
            )


def _bends(wall: NDArray[np.int64], steps: OffsetSteps) -> NDArray[np.int64]:
    """Return 2 for a wall time that happens twice, 0 for one that never happens, else 1."""
    earliest, latest = opening_instants(wall, steps), closing_instants(wall, steps)
    offset = steps.offsets[np.searchsorted(steps.starts, earliest, side="right") - 1]
    return np.where(earliest < latest, 2, np.where(earliest + offset == wall, 1, 0))


def _of_closing(written: int, meant: int) -> tuple[str, ...]:
    if meant == written:
        return ()
    return (MIDNIGHT,) if written and meant == DAY else (NEXT_DATE,)


def _of_clocks(times: int, twice: str, never: str) -> tuple[str, ...]:
    return {0: (never,), 2: (twice,)}.get(times, ())
