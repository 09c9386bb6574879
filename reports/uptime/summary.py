"""Uptime, downtime, unknown and open time for each store and window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.uptime.clock import Horizon, OpenClock
from reports.uptime.evidence import Polls, Segments, fill, select_evidence
from reports.uptime.hours import BusinessHours, open_clock
from reports.uptime.windows import HOUR, Window

LOOK_BACK = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class UptimeSummary:
    """``up``, ``down``, ``unknown``, ``open``: int64[windows, n] microseconds.

    ``up + down + unknown == open`` exactly, for each store and window (rule 9).
    """

    windows: tuple[Window, ...]
    up: NDArray[np.int64]
    down: NDArray[np.int64]
    unknown: NDArray[np.int64]
    open: NDArray[np.int64]


def summarise(  # noqa: PLR0913 - every one by name
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    hours: BusinessHours,
    polls: Polls,
    as_of: int,
    windows: Sequence[Window],
    look_back: int = LOOK_BACK,
    max_gap: int | None = None,
) -> UptimeSummary:
    """Compute rules 2 to 9 for ``n = len(time_zones)`` stores, numbered from 0.

    ``time_zones``: int32[n], an index into ``zone_names``, -1 for none. ``as_of``, ``look_back``
    and ``max_gap`` are microseconds. No loop runs over stores or polls.

    Raises ``ValueError`` for no window, a window that ends after ``as_of``, an unknown zone, or
    more stores and time than one computation holds (see ``Horizon``).
    """
    if not windows or max(window.end for window in windows) > as_of:
        raise ValueError("windows must be given, and end at or before as_of")
    horizon = Horizon(
        start=min(window.start for window in windows) - look_back,
        end=as_of + 1,  # A poll at as_of counts.
        stores=len(time_zones),
    )
    clock = open_clock(time_zones=time_zones, zone_names=zone_names, hours=hours, horizon=horizon)
    segments = fill(select_evidence(polls, clock, horizon), horizon, max_gap)
    return _add_up(segments, clock, horizon, tuple(windows))


def _add_up(
    segments: Segments, clock: OpenClock, horizon: Horizon, windows: tuple[Window, ...]
) -> UptimeSummary:
    """Cut the segments to each window, on the stores' clocks, and sum them per store.

    The clock never runs backwards, so cutting to a window is clipping to its two readings and
    no segment has to be measured twice.
    """
    stores = np.arange(horizon.stores)
    start, end = clock.read(segments.start), clock.read(segments.end)
    row = segments.store * 2 + segments.active
    known = np.zeros((len(windows), horizon.stores, 2), dtype=np.int64)
    opened = np.zeros((len(windows), horizon.stores), dtype=np.int64)
    for number, window in enumerate(windows):
        low = clock.read(horizon.keys(stores, window.start))
        high = clock.read(horizon.keys(stores, window.end))
        opened[number] = high - low
        low, high = low[segments.store], high[segments.store]
        lasting = np.clip(end, low, high) - np.clip(start, low, high)
        # Sums of whole microseconds stay exact in a float64 up to 285 years.
        sums = np.bincount(row, weights=lasting, minlength=2 * horizon.stores)
        known[number] = sums.astype(np.int64).reshape(-1, 2)
    up, down = known[:, :, 1], known[:, :, 0]
    return UptimeSummary(windows=windows, up=up, down=down, unknown=opened - up - down, open=opened)
