"""Which polls count, and the stretch of time each one speaks for (rules 6, 7 and 8)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.uptime.clock import Clock, Horizon


@dataclass(frozen=True, kw_only=True)
class Polls:
    """At most one poll per store and instant, in any order.

    ``store``: int32[p]; ``at``: int64[p] microseconds of UTC; ``active``: bool[p].
    """

    store: NDArray[np.int32]
    at: NDArray[np.int64]
    active: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Polls in open time, sorted. ``keys``: int64[e] on the shared axis; ``active``: bool[e]."""

    keys: NDArray[np.int64]
    active: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Stretches ``[start, end)`` of one status: int64[s] keys, with int64[s] store, bool[s] active.

    Segments of one store do not overlap; they cover closed time too, which the clock leaves out.
    """

    store: NDArray[np.int64]
    active: NDArray[np.bool_]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def select_evidence(
    polls: Polls, clock: Clock, horizon: Horizon, first: NDArray[np.int64]
) -> Evidence:
    """Return the polls that lie inside ``horizon`` and in open time (rule 6).

    ``first``: int64[n], the instant from which on polls of each store count.
    """
    inside = (polls.at >= horizon.start) & (polls.at < horizon.end)
    if (first > horizon.start).any():
        inside &= polls.at >= first[polls.store]
    keys = horizon.keys(polls.store[inside], polls.at[inside])
    # Sorting numbers that carry the status in their last bit is ten times faster than sorting
    # an index and gathering through it.
    keys = keys << 1 | polls.active[inside]
    keys.sort()
    active = (keys & 1).astype(bool)
    keys >>= 1
    running = clock.running(keys)
    return Evidence(keys=keys[running], active=active[running])


def spread(evidence: Evidence, horizon: Horizon, max_gap: int | None) -> Segments:
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


def fill(evidence: Evidence, horizon: Horizon, max_gap: int | None) -> Segments:
    """Return segments as ``spread`` does, those of neighbours that say the same as one.

    Four times fewer are to be measured. With a limit something may be unknown between them.
    """
    segments = spread(evidence, horizon, max_gap)
    if max_gap is not None:
        return segments
    first, final = _edges(segments.store * 2 + segments.active)
    return Segments(
        store=segments.store[first],
        active=segments.active[first],
        start=segments.start[first],
        end=segments.end[final],
    )


def _edges(value: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which are the first and which the last of a run of equal values."""
    first = np.ones(len(value), dtype=bool)
    first[1:] = value[1:] != value[:-1]
    return first, np.append(first[1:], True)[: len(value)]
