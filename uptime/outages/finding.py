"""The outages of every store that touch the windows (rule 21)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, fill, spread
from uptime.evidence.selection import select_evidence, sort_polls
from uptime.fleet import Fleet
from uptime.open_time.clock import Clock, run_edges
from uptime.question import Question
from uptime.windows.bounds import Bounds


@dataclass(frozen=True, kw_only=True)
class WholeOutages:
    """Outages by store and time; one item of each array per outage, instants in microseconds.

    ``store``: int64. ``start`` and ``end``: int64, the first down instant and the end of the last.
    ``is_over``: bool, whether the store was up again by as of. ``lost``: int64 microseconds of
    downtime, ``lost_in_windows`` those between the start of the first window and the end of the
    last. ``start_after``, ``start_by``, ``end_after``, ``end_by``: int64, the polls between which
    the store went down and came up; 0 if there is none.
    """

    store: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    is_over: NDArray[np.bool_]
    lost: NDArray[np.int64]
    lost_in_windows: NDArray[np.int64]
    start_after: NDArray[np.int64]
    start_by: NDArray[np.int64]
    end_after: NDArray[np.int64]
    end_by: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class _Runs:
    """Consecutive evidence of one status, as far as the status is known at any open instant.

    All int64[r]: the first and the last poll by their place in the evidence, and where the run
    begins and ends on the axis of known time.
    """

    store: NDArray[np.int64]
    active: NDArray[np.bool_]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def whole_outages(fleet: Fleet, question: Question, clock: Clock | None = None) -> WholeOutages:
    """Return the outages with downtime between the first window's start and the last one's end.

    ``clock``: the result of ``fleet.open_time``, if somebody else needs it too. No loop runs over
    stores or polls. Raises ``ValueError`` as ``summarise``.
    """
    horizon, bounds = fleet.horizon(question), fleet.bounds(question)
    clock = fleet.open_time(question) if clock is None else clock
    seen = sort_polls(fleet.polls, horizon, bounds.start.min(axis=0) - question.look_back)
    evidence = select_evidence(seen, clock)
    del seen  # Large, and no longer needed.
    filling = fill(evidence, clock, horizon, question.max_gap, fleet.silences)
    return _among(_runs(filling, question.as_of), filling, bounds)


def _runs(filling: Filling, as_of: int) -> _Runs:
    """Return the runs until ``as_of`` that have known time, in order."""
    evidence, horizon = filling.evidence, filling.horizon
    segments = spread(evidence, horizon, None)
    first, last = map(np.flatnonzero, _edges(segments.store, evidence.active))
    store = segments.store[first]
    here = horizon.keys(store, as_of)
    reads = Bounds(
        start=np.minimum(segments.start[first], here), end=np.minimum(segments.end[last], here)
    )
    known = reads.read_by(filling.clock).read_by(filling.known)
    kept = known.lasting() > 0
    return _Runs(
        store=store[kept],
        active=evidence.active[first][kept],
        first=first[kept],
        last=last[kept],
        start=known.start[kept],
        end=known.end[kept],
    )


def _among(runs: _Runs, filling: Filling, bounds: Bounds) -> WholeOutages:
    """Join the runs that have no known time of the other status between them."""
    first, last = _edges(runs.store, runs.active)
    # The next one of the same store, if there is one, has the other status.
    is_over = np.append(runs.store[1:], -1)[: len(last)][last] == runs.store[last]
    store, start, end = runs.store[first], runs.start[first], runs.end[last]
    in_windows = _hull(filling, bounds)
    lost = np.minimum(end, in_windows.end[store]) - np.maximum(start, in_windows.start[store])
    kept = ~runs.active[first] & (lost > 0)
    base = store[kept] * filling.horizon.span - filling.horizon.start
    opened = (filling.known.instants_from(start[kept]), filling.known.instants_to(end[kept]))
    before, after = _around(filling, runs.first[first][kept], runs.last[last][kept])
    polls = filling.evidence.keys
    return WholeOutages(
        store=store[kept],
        start=filling.clock.instants_from(opened[0]) - base,
        end=filling.clock.instants_to(opened[1]) - base,
        is_over=is_over[kept],
        lost=(end - start)[kept],
        lost_in_windows=lost[kept],
        start_after=np.where(before < 0, 0, before - base),
        start_by=polls[runs.first[first][kept]] - base,
        end_after=polls[runs.last[last][kept]] - base,
        end_by=np.where(after < 0, 0, after - base),
    )


def _edges(
    store: NDArray[np.int64], active: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return run_edges((store[1:] != store[:-1]) | (active[1:] != active[:-1]), len(store))


def _hull(filling: Filling, bounds: Bounds) -> Bounds:
    """Return where the first window starts and the last one ends: int64[n] of known time."""
    hull = Bounds(start=bounds.start.min(axis=0), end=bounds.end.max(axis=0))
    return hull.as_keys(filling.horizon).read_by(filling.clock).read_by(filling.known)


def _around(
    filling: Filling, first: NDArray[np.int64], last: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the keys of the same store's evidence before and after; -1 if there is none."""
    keys, span = np.append(filling.evidence.keys, -1), filling.horizon.span
    before, after = keys[first - 1], keys[last + 1]
    own = keys[first] // span
    return (
        np.where((first > 0) & (before // span == own), before, -1),
        np.where(after // span == own, after, -1),
    )
