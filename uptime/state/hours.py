"""A week hour by hour; the sum of the hours is the week's number in a report."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling
from uptime.open_time.clock import Clock
from uptime.windows.elapsed import DAY, HOUR

WEEK = 7 * DAY


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Each whole hour of UTC in a week; the first and the last are cut at the week's edges.

    ``edges``: int64[h + 1] microseconds. ``up``, ``down``, ``unknown``, ``excluded``: uint32[n, h]
    microseconds of open time, of which an hour has less than 32 bits.
    """

    edges: NDArray[np.int64]
    up: NDArray[np.uint32]
    down: NDArray[np.uint32]
    unknown: NDArray[np.uint32]
    excluded: NDArray[np.uint32]


def edges_of_week(as_of: int) -> NDArray[np.int64]:
    """Return the edges of the hours in the week before ``as_of``."""
    start = as_of - WEEK
    whole = np.arange(start // HOUR + 1, -(-as_of // HOUR)) * HOUR
    return np.concatenate([[start], whole, [as_of]]).astype(np.int64)


def hour_by_hour(filling: Filling, excluded: Clock, as_of: int) -> Hours:
    """Return the week before ``as_of``, which must be inside the horizon.

    ``excluded``: the clock of excluded time.
    """
    horizon, edges = filling.horizon, edges_of_week(as_of)
    stores = np.arange(horizon.stores)[:, None]
    keys = horizon.keys(stores, edges[None, :]).ravel()
    counted = filling.clock.read_in_order(keys)
    shape = (horizon.stores, len(edges))
    known = np.diff(filling.known.read_in_order(counted).reshape(shape))
    up = np.diff(filling.up.read_in_order(counted).reshape(shape))
    return Hours(
        edges=edges,
        up=up.astype(np.uint32),
        down=(known - up).astype(np.uint32),
        unknown=(np.diff(counted.reshape(shape)) - known).astype(np.uint32),
        excluded=np.diff(excluded.read_in_order(keys).reshape(shape)).astype(np.uint32),
    )
