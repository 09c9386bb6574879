"""The rows of business hours behind an opening, on their local dates, with what bends them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from uptime.fleet import Fleet
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
    """A row of business hours on one local date: ``[start, end)`` in microseconds of UTC.

    ``row``: its index in the fleet's business hours. ``opens`` and ``closes``: as written,
    microseconds since midnight. ``notes``: what had to be decided, see ``RULES_OF_NOTES``.
    """

    row: int
    date: date
    weekday: int
    opens: int
    closes: int
    start: int
    end: int
    notes: tuple[str, ...]


def rows_of_dates(fleet: Fleet, zone_name: str, start: int, end: int) -> list[RowOfDate]:
    """Return every row of the only store of ``fleet`` that is open in ``[start, end)``, in order.

    One that would be open for no time, since the clocks jump over it, is left out.
    """
    hours = fleet.hours
    if not len(hours.store):
        return []
    zone = load_zone(zone_name)
    steps = offset_steps(zone, start - 4 * DAY, end + 4 * DAY)
    # An opening may begin two dates before the instant at which it is looked at.
    first = (start - FARTHEST_OFFSET) // DAY - 2
    last = (end + FARTHEST_OFFSET) // DAY
    days = np.arange(first, last + 1)[:, None]
    # 1970-01-01 was a Thursday, weekday 3.
    day, row = np.nonzero((days + 3) % 7 == hours.weekday[None, :])
    days = days[day, 0]
    opens = days * DAY + hours.opens[row]
    closes = days * DAY + closing_times(hours.opens, hours.closes)[row]
    starts, ends = opening_instants(opens, steps), closing_instants(closes, steps)
    shown = np.flatnonzero((starts < ends) & (starts < end) & (ends > start))
    shown = shown[np.lexsort((row[shown], starts[shown]))]
    bends = _bends(opens, steps), _bends(closes, steps)
    return [
        RowOfDate(
            row=int(row[n]),
            date=_EPOCH + timedelta(days=int(days[n])),
            weekday=int(hours.weekday[row[n]]),
            opens=int(hours.opens[row[n]]),
            closes=int(hours.closes[row[n]]),
            start=int(starts[n]),
            end=int(ends[n]),
            notes=(
                *_of_closing(int(hours.closes[row[n]]), int(closes[n] - days[n] * DAY)),
                *_of_clocks(int(bends[0][n]), OPENS_TWICE, OPENS_NEVER),
                *_of_clocks(int(bends[1][n]), CLOSES_TWICE, CLOSES_NEVER),
            ),
        )
        for n in shown.tolist()
    ]


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
