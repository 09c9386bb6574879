"""A clock for each store that runs while the store is open.

All stores share one axis: store ``s`` at instant ``t`` is the key ``s * span + (t - start)``. One
sorted array on it holds the open time of all stores, and one binary search serves them all.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


def run_edges(parted: NDArray[np.bool_], count: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of ``count`` neighbours are the first and which the last of a run.

    ``parted``: bool[count - 1], whether a run ends between one and the next; empty for none.
    """
    return np.append(True, parted)[:count], np.append(parted, True)[:count]


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """The interval of UTC ``[start, end)`` that a report covers, and its number of stores.

    Raises ``ValueError`` if the keys of so many stores over so long a time, plus one bit for a
    poll's status, do not fit into 63 bits; 14,000 stores over a decade do.
    """

    start: int
    end: int
    stores: int

    def __post_init__(self) -> None:
        if self.stores * self.span * 2 >= 1 << 63:
            raise ValueError(
                f"{self.stores} stores over {self.end - self.start} microseconds do not fit into"
                " one computation; compute fewer stores at a time"
            )

    @property
    def span(self) -> int:
        """The length of one store's part of the axis, one more than needed, so that none touch."""
        return self.end - self.start + 1

    def keys(self, store: NDArray[np.integer], at: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Return the keys of instants ``at`` (UTC microseconds) of stores ``store``."""
        keys: NDArray[np.int64] = store.astype(np.int64) * self.span + (at - self.start)
        return keys


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A clock that runs in some intervals of an axis and stops between them.

    ``starts`` and ``ends``: int64[m], disjoint intervals in order; ``before``: int64[m], the
    reading at each start. The clock of open time runs on the axis of keys. Its readings are an axis
    too, of open time only, on which other clocks run, such as the one of uptime.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    before: NDArray[np.int64]

    @classmethod
    def over(cls, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Self:
        """Return the clock that runs in these intervals, which must be disjoint and in order."""
        first, final = run_edges(starts[1:] != ends[:-1], len(starts))
        starts, ends = starts[first], ends[final]
        lasting = ends - starts
        return cls(starts=starts, ends=ends, before=np.cumsum(lasting) - lasting)

    @classmethod
    def merged(
        cls,
        horizon: Horizon,
        *,
        store: NDArray[np.int64],
        start: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> Self:
        """Return the clock of any intervals of any stores; overlaps count once."""
        start = np.clip(start, horizon.start, horizon.end)
        end = np.clip(end, horizon.start, horizon.end)
        lasting = end > start
        begin = horizon.keys(store[lasting], start[lasting])
        order = np.argsort(begin)
        begin = begin[order]
        # Keys grow from store to store, so one running maximum never reaches into the next store.
        reached = np.maximum.accumulate(horizon.keys(store[lasting], end[lasting])[order])
        first = np.ones(len(begin), dtype=bool)
        first[1:] = begin[1:] > reached[:-1]
        last = np.append(first[1:], True)[: len(begin)]
        return cls.over(begin[first], reached[last])

    def read(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the reading at each key; only differences within a store have a meaning."""
        if not len(self.starts):
            return np.zeros(keys.shape, dtype=np.int64)
        return self._shown(np.searchsorted(self.starts, keys, side="right") - 1, keys)

    def read_in_order(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Like ``read`` for sorted ``keys``: faster if they outnumber the intervals."""
        if not len(self.starts):
            return np.zeros(keys.shape, dtype=np.int64)
        begun = np.bincount(np.searchsorted(keys, self.starts), minlength=len(keys) + 1)
        return self._shown(np.cumsum(begun)[:-1] - 1, keys)

    def _shown(self, last_begun: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
        stretch = np.maximum(last_begun, 0)
        starts = self.starts[stretch]
        return self.before[stretch] + np.clip(keys, starts, self.ends[stretch]) - starts

    def instants_from(self, readings: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the last place on the axis at which it shows each reading: where it runs on.

        It must run somewhere, and each reading must be one that it leaves.
        """
        return self._where(np.searchsorted(self.before, readings, side="right") - 1, readings)

    def instants_to(self, readings: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first place on the axis at which it shows each reading, all of them > 0."""
        return self._where(np.searchsorted(self.before, readings, side="left") - 1, readings)

    def _where(self, stretch: NDArray[np.intp], readings: NDArray[np.int64]) -> NDArray[np.int64]:
        at: NDArray[np.int64] = self.starts[stretch] + readings - self.before[stretch]
        return at

    def running(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether it runs at each of the sorted ``keys``, searching the smaller side."""
        size = len(keys) + 1
        opened = np.bincount(np.searchsorted(keys, self.starts), minlength=size)
        closed = np.bincount(np.searchsorted(keys, self.ends), minlength=size)
        return np.cumsum(opened - closed)[:-1] > 0
