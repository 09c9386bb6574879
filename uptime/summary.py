"""Uptime, downtime, unknown and open time for each store and window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.bounds import AnyWindow, Bounds, earliest_start, find_bounds
from uptime.clock import Clock, Horizon
from uptime.evidence import Polls, select_evidence, sort_polls
from uptime.filling import fill
from uptime.hours import BusinessHours, open_clock
from uptime.quality import Quality, assess, find_last_polls
from uptime.windows import HOUR

LOOK_BACK = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class UptimeSummary:
    """``up``, ``down``, ``unknown``, ``open``: int64[windows, n] microseconds.

    ``up + down + unknown == open`` exactly, for each store and window (rule 9). ``quality`` is
    there if it was asked for.
    """

    windows: tuple[AnyWindow, ...]
    up: NDArray[np.int64]
    down: NDArray[np.int64]
    unknown: NDArray[np.int64]
    open: NDArray[np.int64]
    quality: Quality | None = None


def summarise(  # noqa: PLR0913 - every one by name
    *,
    time_zones: NDArray[np.int32],
    zone_names: Sequence[str],
    hours: BusinessHours,
    polls: Polls,
    as_of: int,
    windows: Sequence[AnyWindow],
    look_back: int = LOOK_BACK,
    max_gap: int | None = None,
    fresh: int = HOUR,
    full: bool = False,
) -> UptimeSummary:
    """Compute rules 2 to 9, with ``full`` also 13 to 17, for ``n = len(time_zones)`` stores.

    ``time_zones``: int32[n], an index into ``zone_names``, -1 for none. ``as_of``, ``look_back``,
    ``max_gap`` and ``fresh`` are microseconds. No loop runs over stores or polls.

    Raises ``ValueError`` for no window, a window that cannot be asked for (``earliest_start``),
    an unknown zone, more stores and time than one computation holds (``Horizon``), and with
    ``full`` for a window of more than four years.
    """
    horizon = Horizon(
        start=earliest_start(windows, as_of) - look_back,
        end=as_of + 1,  # A poll at as_of counts.
        stores=len(time_zones),
    )
    bounds = find_bounds(windows, as_of=as_of, time_zones=time_zones, zone_names=zone_names)
    clock = open_clock(time_zones=time_zones, zone_names=zone_names, hours=hours, horizon=horizon)
    seen = sort_polls(polls, horizon, bounds.start.min(axis=0) - look_back)
    last = find_last_polls(seen, horizon) if full else None
    evidence = select_evidence(seen, clock)
    del seen  # Large, and of no more use.
    filling = fill(evidence, clock, horizon, max_gap)
    opened = _in_open_time(bounds, clock, horizon)
    up, known, whole = opened.lasting(filling.up), opened.lasting(filling.known), opened.lasting()
    return UptimeSummary(
        windows=tuple(windows),
        up=up,
        down=known - up,
        unknown=whole - known,
        open=whole,
        quality=None if last is None else assess(filling, opened, last, fresh),
    )


def _in_open_time(bounds: Bounds, clock: Clock, horizon: Horizon) -> Bounds:
    """Return what the clock of open time shows where windows begin and end."""
    stores = np.arange(horizon.stores)
    keys = Bounds(start=horizon.keys(stores, bounds.start), end=horizon.keys(stores, bounds.end))
    return keys.read_by(clock)
