"""Wall times of many zones to UTC, and what a closing time means (rules 3 and 5)."""

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Horizon
from uptime.open_time.zones import (
    FARTHEST_OFFSET,
    closing_instants,
    load_zone,
    offset_steps,
    opening_instants,
)
from uptime.windows.elapsed import DAY, MINUTE

_MIDNIGHT_FROM = DAY - MINUTE
# A closing may be on the next date, so a time of day needs up to 38 bits.
TIME_BITS = 38


def closing_times(opens: NDArray[np.int64], closes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return when openings end, in microseconds since the midnight at which their day began.

    The last minute of a day means midnight; at or before the opening means on the next day (rule
    3). All are int64[k], what is returned up to two days.
    """
    overnight = np.where(closes <= opens, DAY, 0)
    return np.where(closes >= _MIDNIGHT_FROM, DAY, closes + overnight)


def dates_near(horizon: Horizon) -> tuple[int, int]:
    """Return the first and the last date, in days since 1970, whose openings can touch it."""
    # One day earlier, for an opening that lasts past midnight into the horizon.
    return (horizon.start - FARTHEST_OFFSET) // DAY - 1, (horizon.end + FARTHEST_OFFSET) // DAY


def to_instants(
    zone: NDArray[np.int64],
    wall: NDArray[np.int64],
    names: list[str],
    horizon: Horizon,
    *,
    closing: bool,
) -> NDArray[np.int64]:
    """Return the UTC instants of wall times, converted zone by zone.

    ``zone``: int64[k], indexes into ``names``; ``wall``: int64[..., k] microseconds since 1970.
    """
    instants = np.empty_like(wall)
    convert = closing_instants if closing else opening_instants
    for number in np.unique(zone):
        # Four days on each side cover every date near the horizon with openings past midnight.
        steps = offset_steps(
            load_zone(names[number]), horizon.start - 4 * DAY, horizon.end + 4 * DAY
        )
        of_zone = zone == number
        here = wall[..., of_zone]
        instants[..., of_zone] = convert(here.ravel(), steps).reshape(here.shape)
    return instants
