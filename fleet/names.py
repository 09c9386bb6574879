"""Names and tags of stores: read and written in bulk.

Call inside a transaction, after ``database().serialise()``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from fleet.models import Store, StoreTag, Tag
from fleet.polls.database import Database

_AT_ONCE = 10_000


class Named(NamedTuple):
    """A store's name and tags."""

    name: str
    tags: frozenset[str]


def named(keys: Sequence[int]) -> dict[int, Named]:
    """Return the current names and tags of stores, by key."""
    low, high = min(keys), max(keys)
    wanted = set(keys)
    tags: dict[int, set[str]] = {}
    rows = StoreTag.objects.filter(store_id__gte=low, store_id__lte=high).exclude(tag=None)
    for key, name in rows.values_list("store_id", "tag__name").iterator(_AT_ONCE):
        tags.setdefault(key, set()).add(name)
    names = Store.objects.filter(key__range=(low, high)).order_by().values_list("key", "name")
    return {
        key: Named(name, frozenset(tags.get(key, ())))
        for key, name in names.iterator(_AT_ONCE)
        if key in wanted
    }


def rename(given: Mapping[int, Named], before: Mapping[int, Named], database: Database) -> None:
    """Set names and tags to ``given``; ``before`` has the current ones, by key."""
    names = {key: now.name for key, now in given.items() if now.name != before[key].name}
    if names:
        columns: dict[str, Any] = {
            "key": np.array(list(names), np.int32),
            "name": np.array(list(names.values()), object),
        }
        database.update(Store, ("key",), columns)
    gone = [(key, tag) for key, now in given.items() for tag in before[key].tags - now.tags]
    more = [(key, tag) for key, now in given.items() for tag in now.tags - before[key].tags]
    _untag(gone)
    _tag(more, database)


def _untag(pairs: Sequence[tuple[int, str]]) -> None:
    """Remove tags from stores, grouped by tag."""
    stores: dict[str, list[int]] = {}
    for key, name in pairs:
        stores.setdefault(name, []).append(key)
    for name, keys in stores.items():
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            StoreTag.objects.filter(tag__name=name, store_id__in=some).delete()


def _tag(pairs: Sequence[tuple[int, str]], database: Database) -> None:
    """Add tags to stores that do not have them."""
    ids = _tag_ids({name for _, name in pairs}, database)
    rows = [StoreTag(store_id=key, tag_id=ids[name]) for key, name in pairs]
    StoreTag.objects.bulk_create(rows, batch_size=_AT_ONCE)


def _tag_ids(names: Iterable[str], database: Database) -> dict[str, int]:
    """Return the ids of tags by name, creating missing ones.

    The admin creates tags without a lock; one that appears meanwhile is used.
    """
    wanted = sorted(names)
    rows = Tag.objects.filter(database.is_one_of("name", wanted)).values_list("name", "id")
    known = dict(rows)
    missing = [Tag(name=name) for name in wanted if name not in known]
    if not missing:
        return known
    Tag.objects.bulk_create(missing, batch_size=_AT_ONCE, ignore_conflicts=True)
    return dict(rows.all())
