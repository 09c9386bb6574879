"""Intervals of time, each of one store."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Clock, Horizon


@dataclass(frozen=True, kw_only=True)
class StoreIntervals:
    """Intervals ``[start, end)`` of stores, in any order; those of one store may overlap.

    ``store``: int64[k]; ``start`` and ``end``: int64[k] microseconds of UTC.
    """

    store: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]

    @classmethod
    def none(cls) -> Self:
        nothing = np.empty(0, dtype=np.int64)
        return cls(store=nothing, start=nothing, end=nothing)

    def of_stores(self, first: int, end: int) -> Self:
        """Return those of the stores from ``first`` up to ``end``, numbered from 0."""
        kept = (self.store >= first) & (self.store < end)
        return type(self)(
            store=self.store[kept] - first, start=self.start[kept], end=self.end[kept]
        )

    def clock(self, horizon: Horizon) -> Clock:
        """Return the clock that runs during them, on the axis of keys."""
        return Clock.merged(horizon, store=self.store, start=self.start, end=self.end)
