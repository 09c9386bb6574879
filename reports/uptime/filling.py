"""The stretch of time that each poll speaks for (rules 7 and 8)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.uptime.clock import Clock, Horizon
from reports.uptime.evidence import SortedPolls


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Stretches ``[start, end)`` of one status: int64[s] keys, with int64[s] store, bool[s] active.

    Segments of one store do not overlap; they cover closed time too, which the clock leaves out.
    """

    store: NDArray[np.int64]
    active: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def spread(evidence: SortedPolls, horizon: Horizon, max_gap: int | None) -> Segments:
    """Give each poll the instants it is nearest to (rule 7), at most ``max_gap`` away (rule 8)."""
    store = evidence.keys // horizon.span
    first, final = _edges(store)
    start = np.empty_like(evidence.keys)
    start[1:] = (evidence.keys[:-1] + evidence.keys[1:]) // 2
    start[first] = store[first] * horizon.span
    end = np.append(start[1:], 0)[: len(store)]
    end[final] = (store[final] + 1) * horizon.span - 1
    if max_gap is not None:
        start = np.maximum(start, evidence.keys - max_gap)
        end = np.maximum(np.minimum(end, evidence.keys + max_gap), start)
    return Segments(store=store, active=evidence.active, start=start, end=end)


def merge(segments: Segments) -> Segments:
    """Return the segments with neighbours that touch and say the same as one.

    In real data there are four times fewer to measure.
    """
    first, final = _edges(segments.store * 2 + segments.active)
    apart = segments.start[1:] != segments.end[:-1]
    first[1:] |= apart
    final[:-1] |= apart
    return Segments(
        store=segments.store[first],
        active=segments.active[first],
        start=segments.start[first],
        end=segments.end[final],
    )


@dataclass(frozen=True, kw_only=True)
class Filling:
    """Open time filled by polls.

    ``clock`` counts open time on the axis of keys. On the axis of open time, ``known`` counts what
    anything is known of, and ``up`` what is known to be up. Segments have the places of evidence.
    """

    evidence: SortedPolls
    segments: Segments
    clock: Clock
    known: Clock
    up: Clock


def fill(evidence: SortedPolls, clock: Clock, horizon: Horizon, max_gap: int | None) -> Filling:
    """Fill open time from evidence (rules 7 and 8)."""
    segments = spread(evidence, horizon, max_gap)
    merged = merge(segments)
    start, end = _measure(merged, clock)
    up = Clock.over(start[merged.active], end[merged.active])
    known = Clock.over(start, end)
    return Filling(evidence=evidence, segments=segments, clock=clock, known=known, up=up)


def _measure(segments: Segments, clock: Clock) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return start and end of each segment in open time, reading shared borders once."""
    start = clock.read_in_order(segments.start)
    end = np.append(start[1:], 0)[: len(start)]
    apart = np.append(segments.end[:-1] != segments.start[1:], True)[: len(start)]
    end[apart] = clock.read_in_order(segments.end[apart])
    return start, end


def _edges(value: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which are the first and which the last of a run of equal values."""
    first = np.ones(len(value), dtype=bool)
    first[1:] = value[1:] != value[:-1]
    return first, np.append(first[1:], True)[: len(value)]
