"""How a report is cut into shards: ranges of store keys with about as many polls each.

A block of store keys has partitions of its own on PostgreSQL, so a shard that is one block, or
several, reads what it needs and nothing else. A block with more polls than a shard should have is
cut further, into equal ranges of keys.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min

from ingestion import partition_sizes, partitions
from ingestion.models import Poll, Store
from reports.instants import from_microseconds


@dataclass(frozen=True, kw_only=True)
class KeyRange:
    """Stores from ``first`` to ``last``, both included, with an estimate of their polls."""

    first: int
    last: int
    polls: int


def plan(start: int, end: int) -> list[KeyRange]:
    """Return ranges that hold every store, for polls from ``start`` to ``end`` (microseconds).

    The numbers of polls are the planner's estimates; they decide about speed and memory only.
    """
    keys = Store.objects.aggregate(first=Min("key"), last=Max("key"))
    if keys["first"] is None:
        return [KeyRange(first=1, last=1, polls=0)]
    pieces: list[KeyRange] = []
    size = partitions.STORES_IN_BLOCK
    blocks = range(keys["first"] // size, keys["last"] // size + 1)
    polls = _polls_of_blocks(start, end, blocks)
    for block in blocks:
        first = max(block * size, keys["first"])
        last = min((block + 1) * size - 1, keys["last"])
        pieces += _cut(KeyRange(first=first, last=last, polls=polls.get(block, 0)))
    return _joined(pieces)


def _polls_of_blocks(start: int, end: int, blocks: range) -> dict[int, int]:
    """Return about how many polls each block of stores has in that time."""
    since, until = from_microseconds(start), from_microseconds(end)
    if connection.vendor == "postgresql":
        return partition_sizes.estimates(since, until)
    polls = Poll.objects.filter(polled_at__gte=since, polled_at__lte=until).count()
    return dict.fromkeys(blocks, polls // len(blocks))


def _cut(whole: KeyRange) -> Iterator[KeyRange]:
    """Yield equal ranges of ``whole`` with no more polls than a shard should have."""
    keys = whole.last - whole.first + 1
    count = min(max(math.ceil(whole.polls / settings.REPORT_SHARD_POLLS), 1), keys)
    edges = [whole.first + keys * number // count for number in range(count + 1)]
    for first, end in pairwise(edges):
        yield KeyRange(first=first, last=end - 1, polls=whole.polls // count)


def _joined(pieces: list[KeyRange]) -> list[KeyRange]:
    """Return neighbours as one while they have no more polls than a shard should have."""
    joined = pieces[:1]
    for piece in pieces[1:]:
        polls = joined[-1].polls + piece.polls
        if polls <= settings.REPORT_SHARD_POLLS:
            joined[-1] = KeyRange(first=joined[-1].first, last=piece.last, polls=polls)
        else:
            joined.append(piece)
    return joined
