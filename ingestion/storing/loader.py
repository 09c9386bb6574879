"""From spooled rows to the database: only what is new or different is written.

Call inside a transaction, after ``database().serialise()``. Existing rows are read over a second
connection, which sees the same rows because no other ingestion writes meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from feeds.files.read_ahead import ahead
from feeds.zones import known_time_zones
from fleet.extent import correct_last_polls
from fleet.models import BusinessHours, Poll, Store
from fleet.polls.columns import Columns, Insert, Read, snapshot
from fleet.polls.database import Database
from fleet.polls.dropping import finish_dropping
from ingestion.storing.diff import Distinct, find, keep_last
from ingestion.storing.new_weeks import refuse_many_new_weeks
from ingestion.storing.spool import Spool
from ingestion.storing.stores import KnownStores, LastPolls, find_or_create, last_polls
from uptime.instants import from_microseconds
from uptime.windows.elapsed import HOUR

# Polls further apart are looked up with one query each, closer ones with one for the whole range.
_GAP = 3 * HOUR
_DELETED_AT_ONCE = 10_000

OnRows = Callable[[int], None]


@dataclass
class Counts:
    """The outcome of a file's accepted rows."""

    new: int = 0
    changed: int = 0
    repeated: int = 0
    superseded: int = 0
    removed: int = 0

    def add(self, distinct: Distinct) -> None:
        """Count the rows that a later row of the file repeats or supersedes."""
        self.repeated += distinct.repeated
        self.superseded += distinct.superseded


def load(
    feed: str, spool: Spool, store_ids: Sequence[str], database: Database, on_rows: OnRows
) -> Counts:
    """Store the rows of one file; ``spool`` refers to stores by index into ``store_ids``."""
    if feed == "status":
        return _load_polls(spool, store_ids, database, on_rows)
    stores = find_or_create(store_ids, database)
    load_rows = _load_hours if feed == "hours" else _load_time_zones
    return load_rows(spool, stores, database, on_rows)


def _load_polls(
    spool: Spool, store_ids: Sequence[str], database: Database, on_rows: OnRows
) -> Counts:
    """Insert new polls and correct known ones, hour by hour.

    Sorting a group, reading known polls of one and writing one run in parallel.
    """
    counts = Counts()
    dropped = finish_dropping(database.expect_polls(rows["at"] for rows in spool.blocks()))
    refuse_many_new_weeks(spool)
    with closing(ahead(spool.groups("at", HOUR))) as groups:
        last = last_polls(spool, len(store_ids))
        stores = find_or_create(store_ids, database, last)
        with (
            snapshot() as read,
            closing(ahead(_distinct_polls(groups, stores, counts))) as distinct,
            closing(ahead(_beside_known(distinct, read))) as compared,
            database.inserting(Poll) as insert,
        ):
            for rows, polls, known in compared:
                _merge_polls(polls, known, insert, database, counts)
                on_rows(rows)
    _touch(stores, last, database)
    for week in dropped:
        # They were read over another connection, which did not see the drop and still found polls.
        correct_last_polls(week.start, week.end)
    return counts


def _distinct_polls(
    groups: Iterable[NDArray[np.void]], stores: KnownStores, counts: Counts
) -> Iterator[tuple[int, Columns]]:
    """Yield the size of groups of rows, and the last row of each instant and store, sorted."""
    for rows in groups:
        store = stores.key[rows["store"]]
        distinct = keep_last((rows["at"], store), rows["status"])
        counts.add(distinct)
        kept = distinct.rows
        yield (
            len(rows),
            {"polled_at": rows["at"][kept], "store": store[kept], "status": rows["status"][kept]},
        )


def _beside_known(
    groups: Iterable[tuple[int, Columns]], read: Read
) -> Iterator[tuple[int, Columns, Columns]]:
    """Yield the groups with the database's polls around them."""
    for rows, polls in groups:
        yield rows, polls, _polls_around(polls["polled_at"], read)


def _merge_polls(
    polls: Columns, known: Columns, insert: Insert, database: Database, counts: Counts
) -> None:
    """Write those of ``polls`` (distinct, sorted by time) that the database does not have."""
    key = ("polled_at", "store")
    found = find([polls[name] for name in key], [known[name] for name in key])
    new = found < 0
    changed = np.flatnonzero(~new)
    changed = changed[known["status"][found[changed]] != polls["status"][changed]]
    if new.all():
        insert(polls)
    elif new.any():
        insert({name: column[new] for name, column in polls.items()})
    if len(changed):
        database.update(Poll, key, {name: column[changed] for name, column in polls.items()})
    counts.new += int(np.count_nonzero(new))
    counts.changed += len(changed)
    counts.repeated += len(new) - int(np.count_nonzero(new)) - len(changed)


def _polls_around(at: NDArray[np.int64], read: Read) -> Columns:
    """Return the known polls in the ranges around the ascending instants.

    A file may contain a few polls of a year ago; the time in between is not read.
    """
    kinds = {"polled_at": "instant", "store": "int32", "status": "int8"}
    stretches = np.split(at, np.flatnonzero(np.diff(at) > _GAP) + 1)
    parts = [
        read(
            Poll.objects.filter(
                polled_at__gte=from_microseconds(int(stretch[0])),
                polled_at__lte=from_microseconds(int(stretch[-1])),
            ).values_list("polled_at", "store_id", "status"),
            kinds,
        )
        for stretch in stretches
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in kinds}


def _touch(stores: KnownStores, last: LastPolls, database: Database) -> None:
    """Update each store's last poll, unless the same or a newer one is known."""
    known = stores.last
    newer = (last.at > known.at) | ((last.at == known.at) & (last.status != known.status))
    if newer.any():
        columns = {
            "key": stores.key[newer],
            "last_polled_at": last.at[newer],
            "last_status": last.status[newer],
        }
        database.update(Store, ("key",), columns)


def _load_hours(spool: Spool, stores: KnownStores, database: Database, on_rows: OnRows) -> Counts:
    """Set each store's business hours to those of the file."""
    counts = Counts()
    for rows in spool.groups("store", 1):
        hours = {
            "store": stores.key[rows["store"]],
            **{name: rows[name] for name in ("weekday", "opens", "closes")},
        }
        distinct = keep_last(list(hours.values()), np.zeros(len(rows), dtype=np.int8))
        counts.add(distinct)
        _replace_hours({name: c[distinct.rows] for name, c in hours.items()}, database, counts)
        on_rows(len(rows))
    return counts


def _replace_hours(hours: Columns, database: Database, counts: Counts) -> None:
    """Insert the rows (distinct) that their stores lack, delete those no longer in the file."""
    keys = hours["store"]
    with snapshot() as read:
        known = read(
            BusinessHours.objects.filter(store__gte=int(keys.min()), store__lte=int(keys.max()))
            .order_by()
            .values_list("store_id", "weekday", "opens", "closes", "pk"),
            {"store": "int32", "weekday": "int8", "opens": "time", "closes": "time", "pk": "int64"},
        )
    concerned = np.isin(known["store"], keys)
    known = {name: column[concerned] for name, column in known.items()}
    found = find(list(hours.values()), [known[name] for name in hours])
    new = found < 0
    gone = np.delete(known["pk"], found[~new]).tolist()
    for start in range(0, len(gone), _DELETED_AT_ONCE):
        BusinessHours.objects.filter(pk__in=gone[start : start + _DELETED_AT_ONCE]).delete()
    if new.any():
        database.insert(BusinessHours, {name: column[new] for name, column in hours.items()})
    counts.new += int(np.count_nonzero(new))
    counts.repeated += int(np.count_nonzero(~new))
    counts.removed += len(gone)


def _load_time_zones(
    spool: Spool, stores: KnownStores, database: Database, on_rows: OnRows
) -> Counts:
    """Set each store's time zone to that of the file."""
    counts = Counts()
    names = np.array(known_time_zones())
    for rows in spool.groups("store", 1):
        distinct = keep_last((rows["store"],), rows["time_zone"])
        counts.add(distinct)
        kept = rows[distinct.rows]
        before = stores.time_zone[kept["store"]]
        differs = before != kept["time_zone"]
        if differs.any():
            written = kept[differs]
            columns = {
                "key": stores.key[written["store"]],
                "time_zone": names[written["time_zone"]],
            }
            database.update(Store, ("key",), columns)
        counts.new += int(np.count_nonzero(before < 0))
        counts.changed += int(np.count_nonzero(differs & (before >= 0)))
        counts.repeated += int(np.count_nonzero(~differs))
        on_rows(len(rows))
    return counts
