"""Names and tags from a file of stores to the database: each row replaces those of its store.

Call inside a transaction, after ``database().serialise()``.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from feeds.naming import split_tags
from fleet.models import Store
from fleet.names import Named, named, rename
from fleet.polls.database import Database
from ingestion.storing.diff import keep_last
from ingestion.storing.loader import Counts, OnRows
from ingestion.storing.spool import Spool
from ingestion.storing.stores import find_or_create

_NAMELESS = Named("", frozenset())


def load_stores(
    spool: Spool,
    store_ids: Sequence[str],
    texts: Sequence[str],
    database: Database,
    on_rows: OnRows,
) -> Counts:
    """Store the rows of one file.

    ``spool`` refers to stores by index into ``store_ids``, and to names and joined tags by index
    into ``texts``. A row is new if its store was unknown, or had no name and no tags.
    """
    counts = Counts()
    known = set(
        Store.objects.filter(database.is_one_of("store_id", store_ids)).values_list(
            "key", flat=True
        )
    )
    keys = find_or_create(store_ids, database).key
    for rows in spool.groups("store", 1):
        said = rows["name"].astype(np.int64) << 32 | rows["tags"]
        distinct = keep_last((rows["store"],), said)
        counts.add(distinct)
        kept = rows[distinct.rows]
        given = _given(keys[kept["store"]], kept, texts)
        _count(counts, given, before := named(list(given)), known)
        rename({key: now for key, now in given.items() if now != before[key]}, before, database)
        on_rows(len(rows))
    return counts


def _given(
    keys: NDArray[np.int32], rows: NDArray[np.void], texts: Sequence[str]
) -> dict[int, Named]:
    """Return the names and tags in distinct rows, by store key."""
    tags = {code: frozenset(split_tags(texts[code])) for code in np.unique(rows["tags"]).tolist()}
    names, sets = rows["name"].tolist(), rows["tags"].tolist()
    return {
        key: Named(texts[name], tags[code])
        for key, name, code in zip(keys.tolist(), names, sets, strict=True)
    }


def _count(
    counts: Counts, given: Mapping[int, Named], before: Mapping[int, Named], known: set[int]
) -> None:
    for key, now in given.items():
        if key in known and now == before[key]:
            counts.repeated += 1
        elif before[key] == _NAMELESS:
            counts.new += 1
        else:
            counts.changed += 1
