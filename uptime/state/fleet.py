"""The state of a fleet at one instant, by the same segments as a report."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, Segments, fill, merge
from uptime.evidence.quality import LastPolls, find_last_polls
from uptime.evidence.selection import Polls, SortedPolls, select_evidence, sort_polls
from uptime.fleet import Fleet
from uptime.open_time.clock import Clock, Horizon
from uptime.question import Question
from uptime.state.hours import WEEK, Hours, hour_by_hour
from uptime.state.now import Now, look
from uptime.state.outages import Outages, find_outages
from uptime.summary import UptimeSummary, add_up
from uptime.windows.bounds import Bounds
from uptime.windows.elapsed import DAY, HOUR, MINUTE

# The next opening or closing of any weekly hours, also with a clock change in between.
_AHEAD = 8 * DAY
_LONGEST_DISTANCE = 7 * 24 * 60
# Without two polls of one store nothing can be learned.
_DISTANCE_BY_DEFAULT = HOUR
_NEAR = 3


@dataclass(frozen=True, kw_only=True)
class FleetState:
    """All stores of a fleet.

    ``summary``: the full numbers of the question's windows. ``distances``: int64[10081], how many
    pairs of consecutive polls of a store are that many whole minutes apart, the last item for all
    that are further.
    """

    summary: UptimeSummary
    now: Now
    hours: Hours
    outages: Outages
    distances: NDArray[np.int64]


def fleet_state(fleet: Fleet, question: Question) -> FleetState:
    """Return the state of each store at ``as_of``, its last week and its outages.

    No loop runs over stores or polls. Raises ``ValueError`` as ``summarise``, and for windows that
    together are shorter than a week, or a question without the full columns.
    """
    as_of = question.as_of
    if not question.full or question.first_poll + question.look_back > as_of - WEEK:
        raise ValueError("The state of a fleet needs the full columns of a week.")
    sketch = _sketch(fleet, question)
    filling, segments = sketch.filling, sketch.segments
    return FleetState(
        summary=add_up(filling, sketch.excluded, sketch.bounds, question, sketch.last),
        now=look(filling, sketch.clock, segments, as_of),
        hours=hour_by_hour(filling, sketch.excluded, as_of),
        outages=find_outages(filling, segments, as_of - WEEK, as_of),
        distances=sketch.distances,
    )


def outages_of(fleet: Fleet, question: Question) -> Outages:
    """Return the outages in the one window of the question, cut at as of; see ``timeline``.

    Raises ``ValueError`` for any other window.
    """
    sketch, stretch = _sketch(fleet, question), question.stretch
    end = min(stretch.end, question.as_of)
    return find_outages(sketch.filling, sketch.segments, stretch.start, end)


@dataclass(frozen=True, kw_only=True)
class _Sketch:
    """What all measures are read from.

    ``clock`` and ``excluded``: those of open time, all of it, and of excluded time. ``segments``:
    those of ``filling``, merged.
    """

    clock: Clock
    excluded: Clock
    bounds: Bounds
    last: LastPolls
    distances: NDArray[np.int64]
    filling: Filling
    segments: Segments


def _sketch(fleet: Fleet, question: Question) -> _Sketch:
    as_of = question.as_of
    horizon = Horizon(
        start=question.first_poll, end=as_of + 1 + _AHEAD, stores=len(fleet.time_zones)
    )
    bounds = fleet.bounds(question)
    clock = fleet.openings(horizon).clock(horizon)
    excluded = fleet.excluded_time(clock, horizon)
    counts = clock.without(excluded)
    counted = bounds.start.min(axis=0) - question.look_back
    seen = sort_polls(_until(fleet.polls, as_of), horizon, counted)
    last, distances = find_last_polls(seen, horizon), _distances(seen, horizon)
    evidence = select_evidence(seen, counts)
    del seen  # Large, and no longer needed.
    filling = fill(evidence, counts, horizon, question.max_gap, fleet.silences)
    return _Sketch(
        clock=clock,
        excluded=excluded,
        bounds=bounds,
        last=last,
        distances=distances,
        filling=filling,
        segments=merge(filling.segments()),
    )


def usual_distance(distances: NDArray[np.int64]) -> int:
    """Return the median distance of consecutive polls in microseconds, in whole minutes."""
    if not distances.sum():
        return _DISTANCE_BY_DEFAULT
    reached = np.cumsum(distances) * 2 >= distances.sum()
    return max(int(np.argmax(reached)), 1) * MINUTE


def near(distances: NDArray[np.int64]) -> int:
    """Return how long a poll says something about now: three usual distances."""
    return _NEAR * usual_distance(distances)


def _until(polls: Polls, as_of: int) -> Polls:
    if (polls.at <= as_of).all():
        return polls
    kept = polls.at <= as_of
    return Polls(store=polls.store[kept], at=polls.at[kept], active=polls.active[kept])


def _distances(seen: SortedPolls, horizon: Horizon) -> NDArray[np.int64]:
    keys = seen.keys
    same = keys[1:] // horizon.span == keys[:-1] // horizon.span
    minutes = np.minimum(np.diff(keys)[same] // MINUTE, _LONGEST_DISTANCE)
    return np.bincount(minutes, minlength=_LONGEST_DISTANCE + 1).astype(np.int64)
