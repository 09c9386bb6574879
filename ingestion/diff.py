"""What a file's rows change, told before anything is written. Pure NumPy.

Rows are parallel columns; a *key* is the tuple of columns that says which row it is. Keys are
compared column by column, so nothing has to fit into one number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Key = Sequence[NDArray[np.integer]]


@dataclass(frozen=True, kw_only=True)
class Distinct:
    """One row per key, the last of the file. ``rows``: int64[d] indices, in the order of the key.

    ``repeated`` counts the other rows that say the same as the last, ``superseded`` those that
    said something else.
    """

    rows: NDArray[np.int64]
    repeated: int
    superseded: int


def keep_last(key: Key, value: NDArray[np.integer]) -> Distinct:
    """Return the last row of each key (rule 10); ``key[0]`` sorts first, ``value`` is compared."""
    order = _order(key)
    first = np.ones(len(order), dtype=bool)
    first[1:] = ~_same(key, order[1:], order[:-1])
    if first.all():
        return Distinct(rows=order, repeated=0, superseded=0)
    # The order within a key is arbitrary; its greatest index is the last row.
    rows = np.maximum.reduceat(order, np.flatnonzero(first))
    final = rows[np.cumsum(first) - 1]
    differs = int(np.count_nonzero(value[order] != value[final]))
    return Distinct(rows=rows, repeated=len(order) - len(rows) - differs, superseded=differs)


def find(key: Key, known: Key) -> NDArray[np.int64]:
    """Return, for each key, the index of the equal one in ``known``, or -1: int64[n].

    Neither side may hold a key twice.
    """
    size = len(key[0])
    found = np.full(size, -1, dtype=np.int64)
    if not size or not len(known[0]):
        return found
    both = [np.concatenate(pair) for pair in zip(key, known, strict=True)]
    order = _order(both)
    left, right = order[:-1], order[1:]
    same = _same(both, left, right)
    left, right = left[same], right[same]
    found[np.minimum(left, right)] = np.maximum(left, right) - size
    return found


def _order(key: Key) -> NDArray[np.int64]:
    """Return the rows in the order of their keys; equal keys come in any order.

    Columns whose ranges fit into one number together are sorted as one, three times faster.
    """
    if not len(key[0]):
        return np.empty(0, dtype=np.int64)
    ranges = [(int(column.min()), int(column.max())) for column in key]
    if math.prod(high - low + 1 for low, high in ranges) >= 1 << 63:
        return np.lexsort(tuple(reversed(key)))
    packed = np.zeros(len(key[0]), dtype=np.int64)
    for column, (low, high) in zip(key, ranges, strict=True):
        packed *= high - low + 1
        packed += column.astype(np.int64) - low
    return np.argsort(packed)


def _same(key: Key, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where rows ``left`` and ``right`` have equal keys."""
    same = np.ones(len(left), dtype=bool)
    for column in key:
        same &= column[left] == column[right]
    return same
