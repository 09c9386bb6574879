"""The same change to many stores at once, by statements over all of them.

Like the changes to one store in ``editing``: one after another with the ingestions, and
``OperationalError`` where ingestion is busy for longer than 3 seconds.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet

from feeds.naming import MOST_TAGS, tag
from feeds.values import BadValue
from fleet.editing import serialised
from fleet.models import Store, StoreTag, Tag
from fleet.polls.database import database

logger = logging.getLogger(__name__)

_AT_ONCE = 10_000


def set_time_zone(keys: Sequence[int], time_zone: str | None) -> int:
    """Give the stores a zone, None for none; return how many had another."""
    with serialised():
        others = _of(keys).exclude(time_zone=time_zone)
        count = others.update(time_zone=time_zone)
    logger.info("set the time zone of %d stores to %s", count, time_zone)
    return count


def add_tag(keys: Sequence[int], name: str) -> int:
    """Give the stores a tag, made if need be; return how many did not have it.

    Raises ``BadValue`` for a tag that cannot be, and where a store has as many as it may have.
    """
    name = tag(name)
    with serialised():
        without = _of(keys).exclude(tags__name=name)
        full = without.annotate(count=Count("tags")).filter(count__gte=MOST_TAGS).first()
        if full:
            raise BadValue(f"is one too many for {full}, which has {MOST_TAGS} tags")
        added = list(without.values_list("key", flat=True))
        if added:
            chosen, _ = Tag.objects.get_or_create(name=name)
            rows = (StoreTag(store_id=key, tag=chosen) for key in added)
            StoreTag.objects.bulk_create(rows, batch_size=_AT_ONCE)
    logger.info("gave %d stores the tag %r", len(added), name)
    return len(added)


def remove_tag(keys: Sequence[int], name: str) -> int:
    """Take a tag from the stores; return how many had it."""
    with serialised():
        rows = StoreTag.objects.filter(store__in=_of(keys), tag__name=name.strip())
        count, _ = rows.delete()
    logger.info("took the tag %r from %d stores", name, count)
    return count


def _of(keys: Sequence[Any]) -> QuerySet[Store]:
    return Store.objects.order_by().filter(database().is_one_of("store_key", keys))
