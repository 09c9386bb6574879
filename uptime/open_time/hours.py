"""Weekly business hours to the instants at which a store is open (rules 3, 4 and 5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.zones import (
    FARTHEST_OFFSET,
    closing_instants,
    load_zone,
    offset_steps,
    opening_instants,
    zones_of_stores,
)
from uptime.windows.elapsed import DAY, MINUTE

_MIDNIGHT_FROM = DAY - MINUTE
# A closing may be on the next date, so a time of day needs up to 38 bits.
_TIME_BITS = 38


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


def open_clock(
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    hours: BusinessHours,
    horizon: Horizon,
) -> Clock:
    """Return the clock that counts each store's open time over ``horizon``.

    ``time_zones``: int32[n], each store's index into ``zone_names``, -1 for none.
    """
    starts, ends = opening_times(
        time_zones=time_zones, zone_names=zone_names, hours=hours, horizon=horizon
    )
    rows = np.broadcast_to(hours.store.astype(np.int64), starts.shape)
    always = np.setdiff1d(np.arange(len(time_zones)), hours.store)
    return Clock.merged(
        horizon,
        store=np.concatenate([rows.ravel(), always]),
        start=np.concatenate([starts.ravel(), np.full(len(always), horizon.start)]),
        end=np.concatenate([ends.ravel(), np.full(len(always), horizon.end)]),
    )


def opening_times(
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    hours: BusinessHours,
    horizon: Horizon,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return when each row opens and closes, int64[weeks, k] microseconds of UTC.

    Covers every date that can touch ``horizon``, neither cut to it nor merged.
    """
    zones, names = zones_of_stores(time_zones, zone_names)
    day = zones[hours.store] * 7 + hours.weekday
    closes = closing_times(hours.opens, hours.closes)
    return (
        _convert(day << _TIME_BITS | hours.opens, names, horizon, closing=False),
        _convert(day << _TIME_BITS | closes, names, horizon, closing=True),
    )


def closing_times(opens: NDArray[np.int64], closes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return when openings end, in microseconds since the midnight at which their day began.

    The last minute of a day means midnight; at or before the opening means on the next day (rule
    3). All are int64[k], what is returned up to two days.
    """
    overnight = np.where(closes <= opens, DAY, 0)
    return np.where(closes >= _MIDNIGHT_FROM, DAY, closes + overnight)


def _convert(
    packed: NDArray[np.int64], names: list[str], horizon: Horizon, *, closing: bool
) -> NDArray[np.int64]:
    """Return the UTC instants, int64[weeks, k], of packed (zone, weekday, time of day).

    Values repeat: 86,000 rows of real data have a few hundred wall times per zone. Each distinct
    one is converted once, zone by zone.
    """
    distinct, row = np.unique(packed, return_inverse=True)
    zone, weekday = np.divmod(distinct >> _TIME_BITS, 7)
    dates = _dates(weekday, horizon)
    wall = dates * DAY + (distinct & ((1 << _TIME_BITS) - 1))
    instants = np.empty_like(wall)
    convert = closing_instants if closing else opening_instants
    for number in np.unique(zone):
        # Four days on each side cover every date above with openings past midnight.
        steps = offset_steps(
            load_zone(names[number]), horizon.start - 4 * DAY, horizon.end + 4 * DAY
        )
        of_zone = zone == number
        instants[:, of_zone] = convert(wall[:, of_zone].ravel(), steps).reshape(len(wall), -1)
    return instants[:, row]


def _dates(weekday: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
    """Return days since 1970, int64[weeks, k]: every date of the weekday near ``horizon``."""
    # One day earlier, for an opening that lasts past midnight into the horizon.
    first = (horizon.start - FARTHEST_OFFSET) // DAY - 1
    last = (horizon.end + FARTHEST_OFFSET) // DAY
    weeks = np.arange((last - first) // 7 + 1, dtype=np.int64)[:, None]
    # 1970-01-01 was a Thursday, weekday 3.
    dates: NDArray[np.int64] = first + (weekday - first - 3) % 7 + 7 * weeks
    return dates
