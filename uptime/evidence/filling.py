"""The interval of time that each poll speaks for (rules 7, 8 and 19)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import SortedPolls
from uptime.open_time.clock import Clock, Horizon, run_edges
from uptime.poller.silences import Silences


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Intervals ``[start, end)`` of one status: int64[s] keys, with int64[s] store, bool[s] active.

    Segments of one store do not overlap. They cover closed time too, which the clock leaves out.
    """

    store: NDArray[np.int64]
    active: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def spread(evidence: SortedPolls, horizon: Horizon, max_gap: int | None) -> Segments:
    """Give each poll the instants nearest to it (rule 7), at most ``max_gap`` away (rule 8)."""
    store = evidence.keys // horizon.span
    first, final = run_edges(store[1:] != store[:-1], len(store))
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
    """Return the segments, merging neighbours that touch and have the same status.

    In real data this leaves many times fewer to measure.
    """
    # Segments of different stores never touch.
    differ = segments.start[1:] != segments.end[:-1]
    differ |= segments.active[1:] != segments.active[:-1]
    first, final = run_edges(differ, len(segments.start))
    return Segments(
        store=segments.store[first],
        active=segments.active[first],
        start=segments.start[first],
        end=segments.end[final],
    )


def outside(segments: Segments, silent: Clock) -> Segments:
    """Return the segments without the time at which ``silent`` runs, on the same axis (rule 19)."""
    if not len(silent.starts):
        return segments
    segment, start, end = silent.stopped(segments.start, segments.end)
    return Segments(
        store=segments.store[segment], active=segments.active[segment], start=start, end=end
    )


@dataclass(frozen=True, kw_only=True)
class Filling:
    """Open time filled from evidence, without exclusions.

    ``clock`` counts it on the axis of keys. On the axis of its readings, ``known`` counts the time
    whose status is known, and ``up`` the uptime.
    """

    evidence: SortedPolls
    horizon: Horizon
    max_gap: int | None
    clock: Clock
    known: Clock
    up: Clock

    def segments(self) -> Segments:
        """Return what each poll speaks for, silences included.

        It is recomputed: stored, it would be most of the memory.
        """
        return spread(self.evidence, self.horizon, self.max_gap)


def fill(
    evidence: SortedPolls,
    clock: Clock,
    horizon: Horizon,
    max_gap: int | None,
    silences: Silences,
) -> Filling:
    """Fill the time of ``clock`` from evidence (rules 7, 8 and 19)."""
    segments = outside(merge(spread(evidence, horizon, max_gap)), silences.clock(horizon))
    start, end = clock.read(segments.start), clock.read(segments.end)
    return Filling(
        evidence=evidence,
        horizon=horizon,
        max_gap=max_gap,
        clock=clock,
        known=Clock.over(start, end),
        up=Clock.over(start[segments.active], end[segments.active]),
    )
