"""Weekly business hours to the instants at which a store is open (rules 3 and 5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uptime.open_time.clock import Horizon
from uptime.open_time.openings import Openings
from uptime.open_time.special_days import SpecialDays
from uptime.open_time.wall_times import TIME_BITS, closing_times, dates_near, to_instants
from uptime.open_time.zones import zones_of_stores
from uptime.windows.elapsed import DAY

# 1970-01-01 was a Thursday.
_WEEKDAY_OF_1970 = 3


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """One opening per row.

    ``store``: int32[k], the number of the store; ``weekday``: int8[k], 0 = Monday; ``opens`` and
    ``closes``: int64[k] microseconds since local midnight, below 24 h.
    """

    store: NDArray[np.int32]
    weekday: NDArray[np.int8]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]


def weekly_openings(
    hours: BusinessHours,
    special_days: SpecialDays,
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    horizon: Horizon,
) -> Openings:
    """Return the openings of each row, [weeks, k], on every date that can touch ``horizon``.

    Those that begin on a special day are empty (rule 20).
    """
    zones, names = zones_of_stores(time_zones, zone_names)
    day = zones[hours.store] * 7 + hours.weekday
    closes = closing_times(hours.opens, hours.closes)
    start = _convert(day << TIME_BITS | hours.opens, names, horizon, closing=False)
    end = _convert(day << TIME_BITS | closes, names, horizon, closing=True)
    if len(special_days.store):
        np.copyto(end, start, where=_replaced(hours, special_days, len(time_zones), horizon))
    return Openings(
        row=np.broadcast_to(np.arange(len(day)), start.shape),
        store=np.broadcast_to(hours.store.astype(np.int64), start.shape),
        start=start,
        end=end,
    )


def _replaced(
    hours: BusinessHours, special_days: SpecialDays, stores: int, horizon: Horizon
) -> NDArray[np.bool_]:
    """Return whether each opening, [weeks, k], begins on a special day."""
    weekday = (special_days.date + _WEEKDAY_OF_1970) % 7
    dates = _dates(np.arange(7), horizon)
    week = (special_days.date - dates[0, weekday]) // 7
    near = (week >= 0) & (week < len(dates))
    special = np.zeros((len(dates), stores * 7), dtype=bool)
    special[week[near], special_days.store[near] * np.int64(7) + weekday[near]] = True
    return special.take(hours.store * np.int64(7) + hours.weekday, axis=1)


def _convert(
    packed: NDArray[np.int64], names: list[str], horizon: Horizon, *, closing: bool
) -> NDArray[np.int64]:
    """Return the UTC instants, int64[weeks, k], of packed (zone, weekday, time of day).

    Values repeat: 86,000 rows of real data have a few hundred wall times per zone. Each distinct
    one is converted once.
    """
    # Several times as fast as np.unique, which sorts.
    row, distinct = pd.factorize(packed)
    zone, weekday = np.divmod(distinct >> TIME_BITS, 7)
    wall = _dates(weekday, horizon) * DAY + (distinct & ((1 << TIME_BITS) - 1))
    return to_instants(zone, wall, names, horizon, closing=closing)[:, row]


def _dates(weekday: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
    """Return days since 1970, int64[weeks, k]: every date of the weekday near ``horizon``."""
    first, last = dates_near(horizon)
    weeks = np.arange((last - first) // 7 + 1, dtype=np.int64)[:, None]
    dates: NDArray[np.int64] = first + (weekday - first - _WEEKDAY_OF_1970) % 7 + 7 * weeks
    return dates
