"""The uncertainty between consecutive polls that differ: bounds and margin (rules 16, 17)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, Segments
from uptime.open_time.clock import Clock
from uptime.windows.bounds import Bounds

# Squares of microseconds do not fit into 64 bits; those of the upper and lower halves do.
_HALF = 16
# Up to this length, four years, the squares of all lower halves in a window add up to 63 bits.
_LONGEST = 1 << 63 - _HALF
# 1.96 deviations of g over the root of 12, squared, are 2401/7500 of the square of g.
_SQUARED_MARGIN = (2401, 7500)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Consecutive evidence that differs: int64[p] on the axis of known time, in order.

    The status changed somewhere in ``[start, end)``; it is filled as if at ``turn``. ``rises``:
    bool[p], whether it went from down to up.
    """

    start: NDArray[np.int64]
    turn: NDArray[np.int64]
    end: NDArray[np.int64]
    rises: NDArray[np.bool_]


def differing_pairs(filling: Filling, segments: Segments, at: NDArray[np.int64]) -> Pairs:
    """Return the pairs.

    ``segments``: what each piece of evidence speaks for. ``at``: int64[e], its place in open time.
    """
    differ = segments.active[1:] != segments.active[:-1]
    first = np.flatnonzero(differ & (segments.store[1:] == segments.store[:-1]))
    turn = filling.clock.read_in_order(segments.start[first + 1])
    return Pairs(
        start=filling.known.read_in_order(at[first]),
        turn=filling.known.read_in_order(turn),
        end=filling.known.read_in_order(at[first + 1]),
        rises=segments.active[first + 1],
    )


def bounds_of_uptime(
    up: NDArray[np.int64], pairs: Pairs, known: Bounds
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most uptime that the evidence allows: int64[windows, n].

    ``known``: the bounds of the windows in known time.
    """
    doubtful = known.lasting(Clock.over(pairs.start, pairs.end))
    taken_for_up = known.lasting(
        Clock.over(
            np.where(pairs.rises, pairs.turn, pairs.start),
            np.where(pairs.rises, pairs.end, pairs.turn),
        )
    )
    return up - taken_for_up, up - taken_for_up + doubtful


def margins(pairs: Pairs, known: Bounds) -> NDArray[np.int64]:
    """Return 1.96 standard deviations, rounded up to a microsecond: int64[windows, n].

    Raises ``ValueError`` for windows with more than four years of known time.
    """
    if (known.lasting() >= _LONGEST).any():
        raise ValueError("a margin needs windows of at most four years")
    count = len(pairs.start)
    if not count:
        return np.zeros(known.start.shape, dtype=np.int64)
    # A store's pairs in a window: whole ones between the first and the last, which may be cut.
    first = np.searchsorted(pairs.end, known.start, side="right")
    last = np.searchsorted(pairs.start, known.end) - 1
    one, two = first <= last, first < last
    first, last = np.minimum(first, count - 1), np.maximum(last, 0)
    sums = np.zeros((3, count + 1), dtype=np.int64)
    np.cumsum(_squares(pairs.end - pairs.start), axis=1, out=sums[:, 1:])
    head = np.minimum(pairs.end[first], known.end) - np.maximum(pairs.start[first], known.start)
    tail = known.end - pairs.start[last]
    tail = np.minimum(tail, pairs.end[last] - pairs.start[last])
    squares = np.where(two, sums[:, last] - sums[:, np.minimum(first + 1, count)], 0)
    squares += _squares(np.where(one, head, 0)) + _squares(np.where(two, tail, 0))
    margin = np.zeros(one.shape, dtype=np.int64)
    margin[one] = _margin(*squares[:, one])
    return margin


def _squares(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return squares in three parts, int64[3, ...]: of upper halves, mixed, of lower halves.

    The sums of each fit into 64 bits for lengths that add up to at most four years.
    """
    upper, lower = lengths >> _HALF, lengths & ((1 << _HALF) - 1)
    return np.stack([upper * upper, upper * lower, lower * lower])


def _exact_margin(upper: int, mixed: int, lower: int) -> int:
    """Return the smallest whole number not below 1.96 deviations."""
    squares = (upper << 2 * _HALF) + (mixed << _HALF + 1) + lower
    times, by = _SQUARED_MARGIN
    least = -(-times * squares // by)
    return math.isqrt(least - 1) + 1 if least else 0


_margin = np.vectorize(_exact_margin, otypes=[np.int64])
