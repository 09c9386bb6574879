"""Special days in the database to those of each store (rule 20).

A store's own rows of a date replace those of its tags, and these replace the fleet's. The tags of a
store are united.
"""

from datetime import date, timedelta

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from fleet.models import SpecialDay, StoreTag
from fleet.polls.columns import Columns, Read
from fleet.special_days.reading import read_special_days
from uptime import SpecialDays
from uptime.instants import from_microseconds

# Timelines and states show openings more than a week before and after the polls.
_AROUND = timedelta(days=14)
_ROW = ("date", "opens", "closes")


def special_days_of(
    read: Read, number: NDArray[np.int32], of_store: Q, *, start: int, end: int
) -> SpecialDays:
    """Return the special days of stores that can matter from ``start`` to ``end``.

    ``number``: int32[keys], the number of the store of each key, -1 for others. ``of_store``: the
    condition that a row belongs to one of them. Both instants are microseconds of UTC.
    """
    first, last = _around(start, end)
    days = SpecialDay.objects.filter(date__range=(first, last))
    own = read_special_days(read, days.filter(of_store, store__isnull=False))
    shared = read_special_days(read, days.filter(store=None))
    parts = [_numbered(own, number)]
    stores = number[number >= 0]
    if len(shared["date"]) and len(stores):
        is_tagged = shared["tag"] > 0
        if is_tagged.any():
            tagged = _picked(shared, is_tagged)
            pairs = _numbered(_members(read, tagged, np.flatnonzero(number >= 0)), number)
            parts.append(_distinct(_of_tags(tagged, pairs)))
        parts.append(_of_all(_picked(shared, ~is_tagged), stores))
    return _first_that_says_anything(parts)


def _members(read: Read, tagged: Columns, keys: NDArray[np.intp]) -> Columns:
    """Return the stores of the tags, and maybe others; ``keys``: those of all stores, in order."""
    rows = StoreTag.objects.filter(
        tag__in=np.unique(tagged["tag"]).tolist(),
        store__gte=int(keys[0]),
        store__lte=int(keys[-1]),
    )
    return read(
        rows.order_by().values_list("store_id", "tag_id"), {"store": "int32", "tag": "int64"}
    )


def _around(start: int, end: int) -> tuple[date, date]:
    """Return the dates that can matter."""
    return (from_microseconds(start) - _AROUND).date(), (from_microseconds(end) + _AROUND).date()


def _numbered(rows: Columns, number: NDArray[np.int32]) -> Columns:
    """Return the rows of known stores, with their numbers instead of their keys."""
    known = (rows["store"] < len(number)) & (number[rows["store"] % len(number)] >= 0)
    kept = _picked(rows, known)
    return {**kept, "store": number[kept["store"]]}


def _picked(rows: Columns, which: NDArray[np.bool_] | NDArray[np.intp]) -> Columns:
    return {name: column[which] for name, column in rows.items()}


def _of_tags(tagged: Columns, pairs: Columns) -> Columns:
    """Return the rows of tags for each store that has the tag; ``pairs``: stores and their tags."""
    rows = _picked(tagged, np.argsort(tagged["tag"], kind="stable"))
    first = np.searchsorted(rows["tag"], pairs["tag"])
    count = np.searchsorted(rows["tag"], pairs["tag"], side="right") - first
    before = np.cumsum(count) - count
    place = np.repeat(first - before, count) + np.arange(count.sum())
    return {**_picked(rows, place), "store": np.repeat(pairs["store"], count)}


def _distinct(rows: Columns) -> Columns:
    """Return each row once: two tags of a store may say the same."""
    columns = [rows["store"], *(rows[name] for name in _ROW)]
    order = np.lexsort(columns[::-1])
    again = np.ones(len(order), dtype=bool)
    again[:1] = False
    for column in columns:
        again[1:] &= column[order][1:] == column[order][:-1]
    return _picked(rows, order[~again])


def _of_all(fleet_wide: Columns, stores: NDArray[np.int32]) -> Columns:
    """Return the rows of the fleet for each store."""
    rows = {name: np.tile(fleet_wide[name], len(stores)) for name in _ROW}
    return {**rows, "store": np.repeat(stores, len(fleet_wide["date"]))}


def _first_that_says_anything(parts: list[Columns]) -> SpecialDays:
    """Return, for each store and date, the rows of the first part that has any, in order."""
    first = min((int(part["date"].min()) for part in parts if len(part["date"])), default=0)
    last = max((int(part["date"].max()) for part in parts if len(part["date"])), default=0)
    taken = np.empty(0, dtype=np.int64)
    kept: list[Columns] = []
    for part in parts:
        day = part["store"].astype(np.int64) * (last - first + 1) + (part["date"] - first)
        is_free = ~np.isin(day, taken)
        kept.append(_picked(part, is_free))
        taken = np.union1d(taken, day)
    columns = {name: np.concatenate([part[name] for part in kept]) for name in ("store", *_ROW)}
    order = np.lexsort([columns[name] for name in ("closes", "opens", "date", "store")])
    return SpecialDays(**_picked(columns, order))
