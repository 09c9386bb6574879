"""The openings of a fleet as seen from one of their edges (rule 32).

Polls are looked at from the edge inwards: from an opening time forwards, from a closing time
backwards. So both are one computation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import SortedPolls
from uptime.fleet import Fleet
from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.hours import weekly_openings

# Further inside than any poll.
NEVER = np.int64(1) << 62


@dataclass(frozen=True, kw_only=True)
class Edges:
    """One edge of ``o`` whole openings, each made by one row of business hours.

    ``row``: int64[o], its place in the fleet's hours. ``length``: int64[o] microseconds. The others
    are distances of polls from the edge, int64[o] microseconds, ``NEVER`` for none: ``first`` of
    the first poll inside, ``active`` of the first active one, ``inactive`` of the last inactive one
    before that, -1 if the first poll is active.
    """

    row: NDArray[np.int64]
    length: NDArray[np.int64]
    first: NDArray[np.int64]
    inactive: NDArray[np.int64]
    active: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Openings:
    """Whole openings between two instants: int64[o], ``start`` and ``end`` on the shared axis."""

    row: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def whole_openings(fleet: Fleet, clock: Clock, horizon: Horizon) -> Openings:
    """Return the openings in the horizon that touch no other one of their store."""
    weekly = weekly_openings(
        fleet.hours,
        fleet.special_days,
        time_zones=fleet.time_zones,
        zone_names=fleet.zone_names,
        horizon=horizon,
    )
    row, start, end = weekly.row.ravel(), weekly.start.ravel(), weekly.end.ravel()
    inside = (start >= horizon.start) & (end < horizon.end) & (start < end)
    row, start, end = row[inside], start[inside], end[inside]
    store = fleet.hours.store[row]
    begin, finish = horizon.keys(store, start), horizon.keys(store, end)
    # Openings that overlap or touch are one, and have no edge in between.
    alone = np.isin(begin, clock.starts) & np.isin(finish, clock.ends)
    return Openings(row=row[alone], start=begin[alone], end=finish[alone])


def opening_edges(openings: Openings, polls: SortedPolls) -> Edges:
    """Return the edges at which stores open."""
    first = np.searchsorted(polls.keys, openings.start)
    after = np.searchsorted(polls.keys, openings.end)
    return _edges(openings, openings.start, polls.keys, polls.active, first, after)


def closing_edges(openings: Openings, polls: SortedPolls) -> Edges:
    """Return the edges at which stores close."""
    # Backwards in time: the sorted keys, negated and reversed, are sorted again.
    keys, active = -polls.keys[::-1], polls.active[::-1]
    first = np.searchsorted(keys, -openings.end, side="right")
    after = np.searchsorted(keys, -openings.start, side="right")
    return _edges(openings, -openings.end, keys, active, first, after)


def _edges(  # noqa: PLR0913, PLR0917 - of one computation
    openings: Openings,
    edge: NDArray[np.int64],
    keys: NDArray[np.int64],
    active: NDArray[np.bool_],
    first: NDArray[np.int64],
    after: NDArray[np.int64],
) -> Edges:
    """``first`` and ``after``: the places of the first poll inside, and behind the last."""
    count = len(keys)
    # The next active poll at or after each place.
    places = np.where(active, np.arange(count), count)
    following = np.append(np.minimum.accumulate(places[::-1])[::-1], count)
    turn = following[first]
    found = turn < after
    padded = np.append(keys, 0)
    distance = padded[turn] - edge
    before = padded[np.maximum(turn - 1, 0)] - edge
    seen = first < after
    return Edges(
        row=openings.row,
        length=openings.end - openings.start,
        first=np.where(seen, padded[first] - edge, NEVER),
        active=np.where(found, distance, NEVER),
        inactive=np.where(found & (turn > first), before, -1),
    )
