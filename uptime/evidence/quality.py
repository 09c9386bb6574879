"""How much of a number was measured, and how far off it can be (rules 14 to 17)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, Segments
from uptime.evidence.selection import SortedPolls
from uptime.evidence.uncertainty import bounds_of_uptime, differing_pairs, margins
from uptime.open_time.clock import Clock, Horizon, run_edges
from uptime.windows.bounds import Bounds


@dataclass(frozen=True, kw_only=True)
class Quality:
    """``covered``, ``longest_gap``, ``least_up``, ``most_up``, ``margin``: int64[windows, n].

    All are microseconds of open time; ``covered`` is the time near enough to evidence.
    ``last_polled_at``: int64[n] microseconds of UTC, 0 without a poll in the horizon;
    ``last_active``: int8[n], 1, 0, or -1 without such a poll.
    """

    covered: NDArray[np.int64]
    longest_gap: NDArray[np.int64]
    least_up: NDArray[np.int64]
    most_up: NDArray[np.int64]
    margin: NDArray[np.int64]
    last_polled_at: NDArray[np.int64]
    last_active: NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class LastPolls:
    """Each store's last poll, evidence or not; see ``Quality``."""

    at: NDArray[np.int64]
    active: NDArray[np.int8]


def find_last_polls(polls: SortedPolls, horizon: Horizon) -> LastPolls:
    """Return each store's last poll that the report knows."""
    starts = np.arange(horizon.stores) * horizon.span
    last = np.searchsorted(polls.keys, starts + horizon.span) - 1
    keys, active = np.append(polls.keys, -1)[last], np.append(polls.active, False)[last]
    polled = keys >= starts
    return LastPolls(
        at=np.where(polled, keys - starts + horizon.start, 0),
        active=np.where(polled, active, -1).astype(np.int8),
    )


def assess(filling: Filling, opened: Bounds, last: LastPolls, fresh: int) -> Quality:
    """Return the quality of ``filling`` in the windows.

    ``opened``: the bounds of the windows in open time. ``fresh``: microseconds.
    """
    at = filling.clock.read_in_order(filling.evidence.keys)
    segments = filling.segments()
    pairs = differing_pairs(filling, segments, at)
    known = opened.read_by(filling.known)
    up = opened.lasting(filling.up)
    least_up, most_up = bounds_of_uptime(up, pairs, known)
    return Quality(
        covered=opened.lasting(_near(filling, segments, fresh)),
        longest_gap=_longest_gaps(at, opened),
        least_up=least_up,
        most_up=most_up,
        margin=np.minimum(margins(pairs, known), np.maximum(up - least_up, most_up - up)),
        last_polled_at=last.at,
        last_active=last.active,
    )


def _near(filling: Filling, segments: Segments, distance: int) -> Clock:
    """Return the clock, on the axis of open time, of all time near evidence (rule 14)."""
    keys, store, span = filling.evidence.keys, segments.store, filling.horizon.span
    far = (np.diff(keys) > 2 * distance) | (store[1:] != store[:-1])
    first, final = run_edges(far, len(keys))
    start = np.maximum(keys[first] - distance, store[first] * span)
    end = np.minimum(keys[final] + distance, (store[final] + 1) * span - 1)
    return Clock.over(filling.clock.read_in_order(start), filling.clock.read_in_order(end))


def _longest_gaps(at: NDArray[np.int64], opened: Bounds) -> NDArray[np.int64]:
    """Return the most open time in each window without evidence in between (rule 15).

    ``at``: int64[e], the places of evidence in open time, in order.
    """
    whole = opened.lasting()
    if not len(at):
        return whole
    first = np.searchsorted(at, opened.start)
    after = np.searchsorted(at, opened.end)
    # Gaps between the first and the last evidence, or 0 if there are fewer than two.
    gaps = np.append(np.diff(at), 0)
    pairs = np.stack([np.minimum(first, len(at) - 1), np.maximum(after - 1, 0)], axis=-1)
    between = np.maximum.reduceat(gaps, pairs.ravel())[::2].reshape(whole.shape)
    between = np.where(after - first > 1, between, 0)
    before = at[pairs[..., 0]] - opened.start
    behind = opened.end - at[pairs[..., 1]]
    gap = np.maximum(between, np.maximum(before, behind))
    return np.where(first < after, gap, whole)
