"""Cutting a report into shards: ranges of store keys with about as much to read each.

On PostgreSQL a block of store keys has its own partitions, so a shard of one or several blocks
reads what it needs and nothing else. A block with more rows than a shard should have is cut
further, into equal ranges of keys.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray

from fleet.models import Poll, Store
from fleet.polls import partition_sizes, partitions
from reports.build.cutting import most_stores
from uptime.instants import from_microseconds
from uptime.windows.elapsed import DAY


@dataclass(frozen=True, kw_only=True)
class KeyRange:
    """Stores from ``first`` to ``last``, both included, with an estimate of their rows.

    Rows are polls, and openings: one for each store and day.
    """

    first: int
    last: int
    rows: int = 0


def plan(start: int, end: int, stores: QuerySet[Store] | None = None) -> list[KeyRange]:
    """Return ranges that hold all of ``stores``, by default every store.

    ``start`` and ``end``, in microseconds, are the interval whose polls and openings are needed.
    Row counts are estimates, which affect only speed and memory.
    """
    every = _keys(Store.objects.all())
    keys = every if stores is None else _keys(stores)
    if not len(keys):
        return [KeyRange(first=1, last=1, rows=0)]
    days = math.ceil((end - start) / DAY)
    most_keys = most_stores(end - start)
    polls = _polls_of_stores(start, end, every)
    pieces: list[KeyRange] = []
    for block, count in _counted(keys):
        first = max(block * partitions.STORES_IN_BLOCK, int(keys[0]))
        last = min((block + 1) * partitions.STORES_IN_BLOCK - 1, int(keys[-1]))
        rows = round(count * (polls.get(block, 0) + days))
        pieces += _cut(KeyRange(first=first, last=last, rows=rows), most_keys)
    return _joined(pieces, most_keys)


def _keys(stores: QuerySet[Store]) -> NDArray[np.int64]:
    found = stores.order_by().values_list("key", flat=True)
    return np.sort(np.fromiter(found.iterator(), dtype=np.int64))


def _counted(keys: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield each block that has any of the keys, with their number."""
    blocks, counts = np.unique(keys // partitions.STORES_IN_BLOCK, return_counts=True)
    yield from zip(blocks.tolist(), counts.tolist(), strict=True)


def _polls_of_stores(start: int, end: int, every: NDArray[np.int64]) -> dict[int, float]:
    """Return roughly how many polls one store of each block has in the interval."""
    since, until = from_microseconds(start), from_microseconds(end)
    if connection.vendor == "postgresql":
        polls = partition_sizes.estimates(since, until)
        return {block: polls.get(block, 0) / count for block, count in _counted(every)}
    count = Poll.objects.filter(polled_at__gte=since, polled_at__lte=until).count()
    return {block: count / len(every) for block, _ in _counted(every)}


def _cut(whole: KeyRange, most_keys: int) -> Iterator[KeyRange]:
    """Yield equal ranges of ``whole`` with no more rows and keys than a shard should have."""
    keys = whole.last - whole.first + 1
    wanted = max(math.ceil(whole.rows / settings.REPORT_SHARD_POLLS), math.ceil(keys / most_keys))
    count = min(max(wanted, 1), keys)
    edges = [whole.first + keys * number // count for number in range(count + 1)]
    for first, end in pairwise(edges):
        yield KeyRange(first=first, last=end - 1, rows=whole.rows // count)


def _joined(pieces: list[KeyRange], most_keys: int) -> list[KeyRange]:
    """Merge neighbours as long as they have no more than a shard should have."""
    joined = pieces[:1]
    for piece in pieces[1:]:
        both = KeyRange(first=joined[-1].first, last=piece.last, rows=joined[-1].rows + piece.rows)
        if both.rows <= settings.REPORT_SHARD_POLLS and both.last - both.first < most_keys:
            joined[-1] = both
        else:
            joined.append(piece)
    return joined
