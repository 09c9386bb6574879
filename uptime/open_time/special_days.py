"""Special days: dates with hours of their own, or closed (rule 20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Horizon
from uptime.open_time.openings import Openings
from uptime.open_time.wall_times import closing_times, dates_near, to_instants
from uptime.open_time.zones import zones_of_stores
from uptime.windows.elapsed import DAY

# Instead of both times: closed on that date.
CLOSED_ALL_DAY = -1


@dataclass(frozen=True, kw_only=True)
class SpecialDays:
    """One opening of a date per row, or a date without any.

    ``store``: int32[k], the number of the store; ``date``: int32[k] days since 1970-01-01, local;
    ``opens`` and ``closes``: int64[k] microseconds since local midnight, below 24 h, both
    ``CLOSED_ALL_DAY`` for no opening. A date's other rows are further openings.
    """

    store: NDArray[np.int32]
    date: NDArray[np.int32]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]

    @classmethod
    def none(cls) -> Self:
        nothing = np.empty(0, dtype=np.int64)
        return cls(
            store=nothing.astype(np.int32),
            date=nothing.astype(np.int32),
            opens=nothing,
            closes=nothing,
        )

    def of_stores(self, first: int, end: int) -> "SpecialDays":
        """Return those of the stores from ``first`` up to ``end``, numbered from 0."""
        kept = (self.store >= first) & (self.store < end)
        return SpecialDays(
            store=self.store[kept] - np.int32(first),
            date=self.date[kept],
            opens=self.opens[kept],
            closes=self.closes[kept],
        )


def dates_of(
    special_days: SpecialDays,
    wanted: NDArray[np.bool_],
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    horizon: Horizon,
) -> Openings:
    """Return the special dates of some stores, in order and each once, from midnight to midnight.

    ``wanted``: bool[n], which stores. A date begins and ends as the window of that date does.
    """
    first, last = dates_near(horizon)
    is_near = (special_days.date >= first) & (special_days.date <= last)
    row = np.flatnonzero(is_near & wanted[special_days.store])
    place = special_days.store[row].astype(np.int64) * (last - first + 1)
    place, of_row = np.unique(place + special_days.date[row] - first, return_index=True)
    store, date = np.divmod(place, last - first + 1)
    zones, names = zones_of_stores(time_zones, zone_names)
    midnights = np.stack([first + date, first + date + 1]) * DAY
    start, end = to_instants(zones[store], midnights, names, horizon, closing=False)
    return Openings(row=row[of_row], store=store, start=start, end=end)


def special_openings(
    special_days: SpecialDays,
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    horizon: Horizon,
) -> Openings:
    """Return the opening of each row that has one and can touch ``horizon``."""
    first, last = dates_near(horizon)
    has_opening = (special_days.opens != CLOSED_ALL_DAY) | (special_days.closes != CLOSED_ALL_DAY)
    is_near = (special_days.date >= first) & (special_days.date <= last)
    row = np.flatnonzero(has_opening & is_near)
    store = special_days.store[row].astype(np.int64)
    date, opens = special_days.date[row].astype(np.int64), special_days.opens[row]
    closes = closing_times(opens, special_days.closes[row])
    zones, names = zones_of_stores(time_zones, zone_names)

    of_row, midnight = zones[store], date * DAY
    return Openings(
        row=row,
        store=store,
        start=to_instants(of_row, midnight + opens, names, horizon, closing=False),
        end=to_instants(of_row, midnight + closes, names, horizon, closing=True),
    )
