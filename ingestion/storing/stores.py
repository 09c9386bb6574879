"""The stores of a file: looked up, and created if new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db.models import Value
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from feeds.zones import known_time_zones
from fleet.models import Store
from fleet.polls.columns import Columns, snapshot
from fleet.polls.database import Database
from ingestion.storing.spool import Spool

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LastPolls:
    """The last poll of each store in a list.

    ``at``: int64[n] microseconds of UTC, 0 for never; ``status``: int8[n].
    """

    at: NDArray[np.int64]
    status: NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class KnownStores:
    """The stores of a list of ids, in the same order.

    ``key``: int32[n]; ``time_zone``: int16[n], an index into ``known_time_zones()``, -1 for none;
    ``last``: the last polls in the database.
    """

    key: NDArray[np.int32]
    time_zone: NDArray[np.int16]
    last: LastPolls


def last_polls(spool: Spool, stores: int) -> LastPolls:
    """Return the last polls of a file with that many stores; of equal instants the last row."""
    last = _never(stores)
    for rows in spool.blocks():
        store, at = rows["store"].copy(), rows["at"].copy()
        np.maximum.at(last.at, store, at)
        # If a store occurs more than once, the last assignment wins.
        newest = at >= last.at[store]
        last.status[store[newest]] = rows["status"][newest]
    return last


def find_or_create(
    store_ids: Sequence[str], database: Database, last: LastPolls | None = None
) -> KnownStores:
    """Return the stores of these distinct ids.

    New ones are inserted, in byte order, with their last polls if given.
    """
    size = len(store_ids)
    stores = KnownStores(
        key=np.zeros(size, np.int32),
        time_zone=np.full(size, -1, np.int16),
        last=_never(size),
    )
    _fill(stores, _known(store_ids, database), store_ids)
    missing = np.flatnonzero(stores.key == 0)
    if len(missing):
        ids = np.array(store_ids, dtype=object)
        _create(stores, ids, missing[np.argsort(ids[missing])], database, last)
    return stores


def _never(size: int) -> LastPolls:
    return LastPolls(at=np.zeros(size, np.int64), status=np.zeros(size, np.int8))


def _known(store_ids: Sequence[str], database: Database) -> Columns:
    rows = Store.objects.filter(database.is_one_of("store_id", store_ids)).order_by()
    with snapshot() as read:
        known = read(
            rows.values_list(
                "store_id",
                "key",
                Coalesce("time_zone_id", Value("")),
                Coalesce("last_polled_at", Value(_NEVER)),
                Coalesce("last_status", Value(0)),
                "is_sample",
            ),
            {
                "store_id": "text",
                "key": "int32",
                "time_zone": "text",
                "last_polled_at": "instant",
                "last_status": "int8",
                "is_sample": "int8",
            },
        )
    return _without_removed(known, database)


def _without_removed(known: Columns, database: Database) -> Columns:
    """Leave out sample stores that this transaction has removed but the reader still sees."""
    sample = known["key"][known["is_sample"] == 1]
    if not len(sample):
        return known
    there = Store.objects.filter(database.is_one_of("store_key", sample.tolist()))
    removed = np.setdiff1d(sample, list(there.order_by().values_list("key", flat=True)))
    kept = ~np.isin(known["key"], removed)
    return {name: column[kept] for name, column in known.items()}


def _fill(stores: KnownStores, known: Columns, store_ids: Sequence[str]) -> None:
    """Fill in the values from the database."""
    place = {store_id: index for index, store_id in enumerate(store_ids)}
    zone = {name: index for index, name in enumerate(known_time_zones())}
    places = np.array([place[store_id] for store_id in known["store_id"].tolist()], np.intp)
    stores.key[places] = known["key"]
    stores.time_zone[places] = [zone.get(name, -1) for name in known["time_zone"].tolist()]
    stores.last.at[places] = known["last_polled_at"]
    stores.last.status[places] = known["last_status"]


def _create(
    stores: KnownStores,
    store_ids: NDArray[np.object_],
    missing: NDArray[np.intp],
    database: Database,
    last: LastPolls | None,
) -> None:
    """Insert the missing stores, in order, and fill in their keys."""
    stores.key[missing] = database.next_keys(Store, len(missing))
    columns: Columns = {"key": stores.key[missing], "store_id": store_ids[missing]}
    if last is not None:
        stores.last.at[missing] = last.at[missing]
        stores.last.status[missing] = last.status[missing]
        polled: Columns = {"last_polled_at": last.at[missing], "last_status": last.status[missing]}
        columns = {**columns, **polled}
    database.insert(Store, columns)
