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
    -1 for none. An interval outside every opening has no segment either. ``excluded`` and
    ``silent``: bool[m], whether it is in an exclusion, or else in a silence.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    opening: NDArray[np.int64]
    segment: NDArray[np.int64]
    excluded: NDArray[np.bool_]
    silent: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Axis:
    """All that divides the axis of one store.

    ``clock`` runs in open time, ``excluded`` in excluded time, ``silent`` during silences.
    """

    clock: Clock
    segments: Segments
    excluded: Clock
    silent: Clock

    def cut(self, start: int, end: int) -> Cuts:
        """Cut the keys ``[start, end)`` at the edges of openings and, inside them, of segments.

        A segment ends where an exclusion or a silence begins; an exclusion comes before a silence.
        """
        edges = [np.array([start, end]), self.segments.start, self.segments.end]
        edges += [
            edge
            for one in (self.clock, self.excluded, self.silent)
            for edge in (one.starts, one.ends)
        ]
        every = np.concatenate(edges)
        every = np.unique(every[(every >= start) & (every <= end)])
        begin = every[:-1]
        opening = _holding(begin, self.clock.starts, self.clock.ends)
        is_excluded = (opening >= 0) & (
            _holding(begin, self.excluded.starts, self.excluded.ends) >= 0
        )
        counts = (opening >= 0) & ~is_excluded
        is_silent = counts & (_holding(begin, self.silent.starts, self.silent.ends) >= 0)
        segment = np.where(
            counts & ~is_silent, _holding(begin, self.segments.start, self.segments.end), -1
        )
        changes = np.ones(len(begin), dtype=bool)
        changes[1:] = np.any(
            [one[1:] != one[:-1] for one in (opening, segment, is_excluded, is_silent)], axis=0
        )
        return Cuts(
            start=begin[changes],
            end=np.append(begin[changes][1:], end)[: np.count_nonzero(changes)],
            opening=opening[changes],
            segment=segment[changes],
            excluded=is_excluded[changes],
            silent=is_silent[changes],
        )


def _holding(
    keys: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the index of the interval around each key, -1 for none; intervals are disjoint."""
    place = np.searchsorted(starts, keys, side="right") - 1
    return np.where((place >= 0) & (np.append(ends, 0)[place] > keys), place, -1)
