"""The worst store of each scope: the one with the lowest percentage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.summary import UptimeSummary


@dataclass(frozen=True, kw_only=True)
class Worst:
    """``store_ids``: object[windows, r], "" where nothing is known of any store.

    ``up`` and ``down``: int64[windows, r], the microseconds of that store.
    """

    store_ids: NDArray[np.object_]
    up: NDArray[np.int64]
    down: NDArray[np.int64]


def ranks(summary: UptimeSummary) -> NDArray[np.int64]:
    """Return each store's place from the worst on: int64[windows, n], n for one that has none.

    Lowest percentage as printed first, then most downtime, then byte order of ids.
    """
    known = summary.up + summary.down
    count = known.shape[1]
    found = np.empty(known.shape, dtype=np.int64)
    for place, share in enumerate(hundredths_of_percent(summary.up, summary.down)):
        order = np.lexsort((np.arange(count), -summary.down[place], share))
        found[place, order] = np.arange(count)
    found[known == 0] = count
    return found


def hundredths_of_percent(up: NDArray[np.int64], down: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the percentages of rule 13 times 100, 0 where nothing is known."""
    share: NDArray[np.int64] = up * 10_000 // np.maximum(up + down, 1)
    return share


def worst_of(
    store_ids: Sequence[str],
    summary: UptimeSummary,
    ranked: NDArray[np.int64],
    members: Sequence[NDArray[np.int64]],
) -> Worst:
    """Return the worst store of each scope; ``members``: the indexes of its stores."""
    shape = (len(summary.windows), len(members))
    worst = np.full(shape, -1, dtype=np.int64)
    windows = np.arange(len(ranked))
    for place, stores in enumerate(members):
        if len(stores):
            first = stores[ranked[:, stores].argmin(axis=1)]
            worst[:, place] = np.where(ranked[windows, first] < len(store_ids), first, -1)
    return Worst(
        store_ids=np.append(np.array(store_ids, dtype=object), "")[worst],
        up=_taken(summary.up, worst),
        down=_taken(summary.down, worst),
    )


def _taken(times: NDArray[np.int64], worst: NDArray[np.int64]) -> NDArray[np.int64]:
    padded = np.pad(times, ((0, 0), (0, 1)))
    return np.take_along_axis(padded, worst % padded.shape[1], axis=1)
