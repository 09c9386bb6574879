"""Uptime, downtime, unknown and open time for each store and window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.uptime.bounds import AnyWindow, Bounds, earliest_start, find_bounds
from reports.uptime.clock import Clock, Horizon
from reports.uptime.evidence import Polls, Segments, fill, select_evidence
from reports.uptime.hours import BusinessHours, open_clock
from reports.uptime.windows import HOUR

LOOK_BACK = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class UptimeSummary:
    """``up``, ``down``, ``unknown``, ``open``: int64[windows, n] microseconds.

    ``up + down + unknown == open`` exactly, for each store and window (rule 9).
    """

    windows: tuple[AnyWindow, ...]
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
    windows: Sequence[AnyWindow],
    look_back: int = LOOK_BACK,
    max_gap: int | None = None,
) -> UptimeSummary:
    """Compute rules 2 to 9 for ``n = len(time_zones)`` stores, numbered from 0.

    ``time_zones``: int32[n], an index into ``zone_names``, -1 for none. ``as_of``, ``look_back``
    and ``max_gap`` are microseconds. No loop runs over stores or polls.

    Raises ``ValueError`` for no window, a window that cannot be asked for (``earliest_start``),
    an unknown zone, or more stores and time than one computation holds (``Horizon``).
    """
    horizon = Horizon(
        start=earliest_start(windows, as_of) - look_back,
        end=as_of + 1,  # A poll at as_of counts.
        stores=len(time_zones),
    )
    bounds = find_bounds(windows, as_of=as_of, time_zones=time_zones, zone_names=zone_names)
    clock = open_clock(time_zones=time_zones, zone_names=zone_names, hours=hours, horizon=horizon)
    first = bounds.start.min(axis=0) - look_back
    segments = fill(select_evidence(polls, clock, horizon, first), horizon, max_gap)
    return _add_up(segments, clock, read_bounds(bounds, clock, horizon), tuple(windows))


def read_bounds(bounds: Bounds, clock: Clock, horizon: Horizon) -> Bounds:
    """Return what the clock of open time shows where windows begin and end."""
    stores = np.arange(horizon.stores)
    return Bounds(
        start=clock.read(horizon.keys(stores, bounds.start)),
        end=clock.read(horizon.keys(stores, bounds.end)),
    )


def time_within(bounds: Bounds, clock: Clock) -> NDArray[np.int64]:
    """Return how long ``clock`` runs between the bounds, int64[windows, n]."""
    return clock.read(bounds.end) - clock.read(bounds.start)


def _add_up(
    segments: Segments, clock: Clock, opened: Bounds, windows: tuple[AnyWindow, ...]
) -> UptimeSummary:
    """Measure the segments in open time, and read off how much of each window they fill.

    ``opened``: the bounds of the windows in open time. However many windows there are, no
    segment is measured twice.
    """
    start, end = _measure(segments, clock)
    up = time_within(opened, Clock.over(start[segments.active], end[segments.active]))
    known = time_within(opened, Clock.over(start, end))
    whole = opened.end - opened.start
    return UptimeSummary(windows=windows, up=up, down=known - up, unknown=whole - known, open=whole)


def _measure(segments: Segments, clock: Clock) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return start and end of each segment in open time, reading shared borders once."""
    start = clock.read(segments.start)
    end = np.append(start[1:], 0)[: len(start)]
    apart = np.append(segments.end[:-1] != segments.start[1:], True)[: len(start)]
    end[apart] = clock.read(segments.end[apart])
    return start, end
