"""Outages: from the first down instant until the store is up again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, Segments
from uptime.state.now import first_open, last_open


@dataclass(frozen=True, kw_only=True)
class Outages:
    """Outages in an interval, by store and time; one item of each array per outage.

    ``store``: int64. ``start`` and ``end``: int64 microseconds of UTC, both at an instant when the
    store is open. Closed time inside does not end an outage. ``lost``: int64 microseconds of open
    time. ``began_before`` and ``lasts``: bool, cut at the interval's start or end.
    """

    store: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    lost: NDArray[np.int64]
    began_before: NDArray[np.bool_]
    lasts: NDArray[np.bool_]


def find_outages(filling: Filling, segments: Segments, start: int, end: int) -> Outages:
    """Return all outages with open time between two instants inside the horizon.

    ``segments``: those of ``filling``, merged.
    """
    clock, horizon = filling.clock, filling.horizon
    down = ~segments.active
    store, begins, finishes = segments.store[down], segments.start[down], segments.end[down]
    first, final = horizon.keys(store, start), horizon.keys(store, end)
    cut_start, cut_end = np.maximum(begins, first), np.minimum(finishes, final)
    lost = clock.read(cut_end) - clock.read(cut_start)
    kept = (cut_start < cut_end) & (lost > 0)
    base = store[kept] * horizon.span - horizon.start
    return Outages(
        store=store[kept],
        start=first_open(clock, cut_start[kept]) - base,
        end=last_open(clock, cut_end[kept]) - base,
        lost=lost[kept],
        began_before=(begins < first)[kept],
        lasts=(finishes > final)[kept],
    )
