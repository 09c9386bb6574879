"""What a file's rows change, told before anything is written. Pure NumPy.

Rows are parallel columns; a *key* is the tuple of columns that says which row it is. Keys are
compared column by column, so nothing has to fit into one number.
"""

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
    order = np.lexsort(tuple(reversed(key)))  # Stable: rows of one key keep the file's order.
    last = np.ones(len(order), dtype=bool)
    last[:-1] = ~_same(key, order[1:], order[:-1])
    rows = order[last]
    # For every row, the row that has the last word on its key.
    final = rows[np.cumsum(last) - last]
    differs = int(np.count_nonzero(value[order] != value[final]))
    return Distinct(rows=rows, repeated=len(order) - len(rows) - differs, superseded=differs)


def find(key: Key, known: Key) -> NDArray[np.int64]:
    """Return, for each key, the index of the equal one in ``known``, or -1: int64[n].

    Neither side may hold a key twice.
    """
    size = len(key[0])
    both = [np.concatenate(pair) for pair in zip(key, known, strict=True)]
    order = np.lexsort(tuple(reversed(both)))  # Stable: the key comes just before its equal.
    found = np.full(size, -1, dtype=np.int64)
    first, second = order[:-1], order[1:]
    same = _same(both, first, second)
    found[first[same]] = second[same] - size
    return found


def _same(key: Key, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return where rows ``left`` and ``right`` have equal keys."""
    same = np.ones(len(left), dtype=bool)
    for column in key:
        same &= column[left] == column[right]
    return same
