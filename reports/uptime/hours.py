"""From weekly business hours to the instants a store is open (rules 3, 4 and 5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.uptime.clock import Horizon, OpenClock
from reports.uptime.windows import DAY, HOUR, MINUTE
from reports.uptime.zones import closing_instants, load_zone, offset_steps, opening_instants

DEFAULT_TIME_ZONE = "America/Chicago"

# No zone was ever further than this from UTC.
_FARTHEST_OFFSET = 16 * HOUR
_MIDNIGHT_FROM = DAY - MINUTE
# A closing may lie on the next date, so a time of day needs up to 38 bits.
_TIME_BITS = 38


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """One opening a row.

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
) -> OpenClock:
    """Return the clock that counts each store's open time over ``horizon``.

    ``time_zones``: int32[n], an index into ``zone_names`` for each store, -1 for none.
    """
    starts, ends = _instants(hours, _zones_of_rows(time_zones, zone_names, hours), horizon)
    rows = np.broadcast_to(hours.store.astype(np.int64), starts.shape)
    always = np.setdiff1d(np.arange(len(time_zones)), hours.store)
    return OpenClock.merged(
        horizon,
        store=np.concatenate([rows.ravel(), always]),
        start=np.concatenate([starts.ravel(), np.full(len(always), horizon.start)]),
        end=np.concatenate([ends.ravel(), np.full(len(always), horizon.end)]),
    )


def _zones_of_rows(
    time_zones: NDArray[np.int32], zone_names: Sequence[str], hours: BusinessHours
) -> tuple[NDArray[np.int64], list[str]]:
    """Return each row's zone as an index into the returned names, the default last."""
    names = [*zone_names, DEFAULT_TIME_ZONE]
    zones = time_zones[hours.store].astype(np.int64)
    return np.where(zones < 0, len(zone_names), zones), names


def _instants(
    hours: BusinessHours, zones: tuple[NDArray[np.int64], list[str]], horizon: Horizon
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return openings and closings, int64[weeks, k], for every date that can touch ``horizon``."""
    of_row, names = zones
    day = of_row * 7 + hours.weekday
    closes = np.where(
        hours.closes >= _MIDNIGHT_FROM,
        DAY,
        hours.closes + np.where(hours.closes <= hours.opens, DAY, 0),
    )
    return (
        _convert(day << _TIME_BITS | hours.opens, names, horizon, closing=False),
        _convert(day << _TIME_BITS | closes, names, horizon, closing=True),
    )


def _convert(
    packed: NDArray[np.int64], names: list[str], horizon: Horizon, *, closing: bool
) -> NDArray[np.int64]:
    """Return the UTC instants, int64[weeks, k], of packed (zone, weekday, time of day).

    A fleet repeats itself: 86,000 rows of real data hold a few hundred wall times a zone. Each
    distinct one is converted once, zone by zone, and handed back to all rows that said it.
    """
    distinct, row = np.unique(packed, return_inverse=True)
    zone, weekday = np.divmod(distinct >> _TIME_BITS, 7)
    dates = _dates(weekday, horizon)
    wall = dates * DAY + (distinct & ((1 << _TIME_BITS) - 1))
    instants = np.empty_like(wall)
    convert = closing_instants if closing else opening_instants
    for number in np.unique(zone):
        # Four days to each side hold every date above with its opening over midnight.
        steps = offset_steps(
            load_zone(names[number]), horizon.start - 4 * DAY, horizon.end + 4 * DAY
        )
        of_zone = zone == number
        instants[:, of_zone] = convert(wall[:, of_zone].ravel(), steps).reshape(len(wall), -1)
    return instants[:, row]


def _dates(weekday: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
    """Return days since 1970, int64[weeks, k]: every date of the weekday near ``horizon``."""
    # One day earlier, for an opening that lasts over midnight into the horizon.
    first = (horizon.start - _FARTHEST_OFFSET) // DAY - 1
    last = (horizon.end + _FARTHEST_OFFSET) // DAY
    weeks = np.arange((last - first) // 7 + 1, dtype=np.int64)[:, None]
    # 1970-01-01 was a Thursday, weekday 3.
    dates: NDArray[np.int64] = first + (weekday - first - 3) % 7 + 7 * weeks
    return dates
