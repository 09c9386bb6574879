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


def fill(evidence: Evidence, horizon: Horizon, max_gap: int | None) -> Segments:
    """Spread each poll over the instants it is nearest to (rule 7), at most ``max_gap`` away."""
    store = evidence.keys // horizon.span
    fresh = np.ones(len(store), dtype=bool)
    fresh[1:] = store[1:] != store[:-1]
    start = np.empty_like(evidence.keys)
    start[1:] = (evidence.keys[:-1] + evidence.keys[1:]) // 2
    start[fresh] = store[fresh] * horizon.span
    final = np.append(fresh[1:], True)[: len(store)]
    end = np.append(start[1:], 0)[: len(store)]
    end[final] = (store[final] + 1) * horizon.span - 1
    if max_gap is not None:
        start = np.maximum(start, evidence.keys - max_gap)
        end = np.maximum(np.minimum(end, evidence.keys + max_gap), start)
        return Segments(store=store, active=evidence.active, start=start, end=end)
    # Neighbours that say the same are one segment: four times fewer to measure.
    fresh[1:] |= evidence.active[1:] != evidence.active[:-1]
    final = np.append(fresh[1:], True)[: len(store)]
    return Segments(
        store=store[fresh], active=evidence.active[fresh], start=start[fresh], end=end[final]
    )
