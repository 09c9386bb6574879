"""One interval of one store's axis, cut wherever its opening or its nearest poll changes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Segments
from uptime.open_time.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Cuts:
    """Intervals ``[start, end)`` in order and without a gap: int64[m] keys.

    ``opening`` and ``segment``: int64[m], the indexes of the opening and the segment around each,
    -1 for none. An interval outside every opening has no segment either. ``silent``: bool[m],
    whether it is in a silence.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    opening: NDArray[np.int64]
    segment: NDArray[np.int64]
    silent: NDArray[np.bool_]


def cut(start: int, end: int, clock: Clock, segments: Segments, silent: Clock) -> Cuts:
    """Cut the keys ``[start, end)`` at the edges of openings and, inside them, of segments.

    A segment ends where a silence begins.
    """
    intervals = ((clock.starts, clock.ends), (segments.start, segments.end))
    edges = np.concatenate(
        [[start, end], *(edge for pair in intervals for edge in pair), silent.starts, silent.ends]
    ).astype(np.int64)
    edges = np.unique(edges[(edges >= start) & (edges <= end)])
    begin = edges[:-1]
    opening = _holding(begin, clock.starts, clock.ends)
    is_silent = (opening >= 0) & (_holding(begin, silent.starts, silent.ends) >= 0)
    is_filled = (opening >= 0) & ~is_silent
    segment = np.where(is_filled, _holding(begin, segments.start, segments.end), -1)
    changes = np.ones(len(begin), dtype=bool)
    changes[1:] = (opening[1:] != opening[:-1]) | (segment[1:] != segment[:-1])
    changes[1:] |= is_silent[1:] != is_silent[:-1]
    return Cuts(
        start=begin[changes],
        end=np.append(begin[changes][1:], end)[: np.count_nonzero(changes)],
        opening=opening[changes],
        segment=segment[changes],
        silent=is_silent[changes],
    )


def _holding(
    keys: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the index of the interval around each key, -1 for none; intervals are disjoint."""
    place = np.searchsorted(starts, keys, side="right") - 1
    return np.where((place >= 0) & (np.append(ends, 0)[place] > keys), place, -1)
