"""Reading a report's data: a few set-based queries in one snapshot."""

import logging

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from fleet.exclusions.reading import read_exclusions
from fleet.models import BusinessHours, Poll, Store, StoreTag
from fleet.polls.columns import Columns, Read, snapshot
from fleet.polls.database import database
from reports.build.special_days import special_days_of
from uptime import BusinessHours as HoursColumns
from uptime import Fleet, Polls
from uptime.instants import from_microseconds

logger = logging.getLogger(__name__)


def load_fleet(  # noqa: PLR0913 - every one by name
    *,
    start: int,
    end: int,
    keys: tuple[int, int] | None = None,
    stores: QuerySet[Store] | None = None,
    tagged: bool = False,
    ahead: int = 0,
) -> Fleet:
    """Return stores, what is known of their hours, and the polls from ``start`` to ``end``.

    Both are microseconds of UTC, and included. With ``tagged`` also tags, which the poller's
    outages need. Special days and exclusions are also read for so many microseconds ``ahead`` of
    the end, which targets of windows that have not ended need. Only
    ``stores`` are read, by default all, and only those with keys in the range ``keys``, both ends
    included. Raises ``adbc_driver_manager.Error`` (PostgreSQL) or
    ``django.db.Error`` if the database cannot be read.
    """
    wanted = Store.objects.all() if stores is None else stores
    with snapshot(few=keys is not None and keys[0] == keys[1]) as read:
        listed = _read_stores(read, wanted.filter(_within("key", keys)))
        number = _numbering(listed["key"])
        of_store = _of_stores(keys) if stores is None else _one_of(listed["key"])
        hours = _read_hours(read, number, of_store)
        special_days = special_days_of(read, number, of_store, start=start, end=end + ahead)
        exclusions = read_exclusions(read, number, _within("store", keys), start, end + ahead)
        tags = _read_tags(read, number, _within("store", keys)) if tagged else {}
        since, until = from_microseconds(start), from_microseconds(end)
        polls = _read_polls(read, number, of_store & Q(polled_at__range=(since, until)))
    zone_names, time_zones = np.unique(listed["time_zone"], return_inverse=True)
    # Stores without a zone have "", which sorts first, so no zone gets its number.
    unset = int(len(zone_names) > 0 and zone_names[0] == "")
    return Fleet(
        store_ids=listed["store_id"].tolist(),
        time_zones=(time_zones - unset).astype(np.int32),
        zone_names=zone_names[unset:].tolist(),
        hours=hours,
        polls=polls,
        special_days=special_days,
        exclusions=exclusions,
        tags=tags,
    )


def _within(key: str, keys: tuple[int, int] | None) -> Q:
    """Return the condition that ``key`` is between two keys; None means no condition."""
    return Q() if keys is None else Q(**{f"{key}__gte": keys[0], f"{key}__lte": keys[1]})


def _of_stores(keys: tuple[int, int] | None) -> Q:
    """Return the condition that a row belongs to a store in a range of keys."""
    if keys is None:
        return Q()
    first, last = keys
    return Q(store=first) if first == last else Q(database().is_between("store_key", first, last))


def _one_of(keys: NDArray[np.int32]) -> Q:
    """Return the condition that a row belongs to one of these stores.

    Their first and last key let the database skip the blocks of all others.
    """
    # Without stores the range is empty.
    within = _within("store", (int(keys.min(initial=1 << 30)), int(keys.max(initial=0))))
    return within & Q(database().is_one_of("store_key", keys.tolist()))


def _read_stores(read: Read, which: QuerySet[Store]) -> Columns:
    """Return ``key``, ``store_id`` and ``time_zone`` of stores, in byte order of their ids."""
    stores = read(
        which.order_by().values_list("key", "store_id", Coalesce("time_zone_id", Value(""))),
        {"key": "int32", "store_id": "text", "time_zone": "text"},
    )
    order = pc.sort_indices(pa.array(stores["store_id"], pa.string())).to_numpy()
    return {name: column[order] for name, column in stores.items()}


def _numbering(keys: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return a table from ``store_key`` to the store's number, -1 for unknown keys."""
    number = np.full(int(keys.max(initial=0)) + 1, -1, dtype=np.int32)
    number[keys] = np.arange(len(keys), dtype=np.int32)
    return number


def _read_hours(read: Read, number: NDArray[np.int32], which: Q) -> HoursColumns:
    hours = read(
        BusinessHours.objects.filter(which)
        .order_by()
        .values_list("store_id", "weekday", "opens", "closes"),
        {"store": "int32", "weekday": "int8", "opens": "time", "closes": "time"},
    )
    return HoursColumns(
        store=number[hours["store"]],
        weekday=hours["weekday"],
        opens=hours["opens"],
        closes=hours["closes"],
    )


def _read_tags(read: Read, number: NDArray[np.int32], which: Q) -> dict[str, NDArray[np.int64]]:
    """Return the numbers of the stores of each tag."""
    rows = read(
        StoreTag.objects.filter(which).order_by().values_list("store_id", "tag__name"),
        {"store": "int32", "tag": "text"},
    )
    known = (rows["store"] < len(number)) & (number[rows["store"] % len(number)] >= 0)
    place = number[rows["store"][known]].astype(np.int64)
    names, tag = np.unique(rows["tag"][known].astype(object), return_inverse=True)
    order = np.lexsort((place, tag))
    each = np.split(place[order], np.cumsum(np.bincount(tag, minlength=len(names)))[:-1])
    return dict(zip(names.tolist(), each, strict=True)) if len(names) else {}


def _read_polls(read: Read, number: NDArray[np.int32], which: Q) -> Polls:
    """Return the polls unordered: sorting them afterwards is cheaper than in the database."""
    polls = read(
        Poll.objects.filter(which).values_list("store_id", "polled_at", "status"),
        {"store": "int32", "at": "instant", "status": "int8"},
    )
    known = (polls["store"] < len(number)) & (number[polls["store"] % len(number)] >= 0)
    if not known.all():
        # No foreign key guards the polls; see Poll.
        logger.warning("ignored %d polls of stores that no longer exist", np.count_nonzero(~known))
        polls = {name: column[known] for name, column in polls.items()}
    return Polls(store=number[polls["store"]], at=polls["at"], active=polls["status"].astype(bool))
