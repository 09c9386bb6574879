"""One change to many stores at once, with set-based statements.

Like the changes in ``editing`` they are serialised with ingestions, and raise ``OperationalError``
if ingestion is busy for longer than 3 seconds.
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
    """Set the zone of the stores, None for none; return how many had another."""
    with serialised():
        others = _of(keys).exclude(time_zone=time_zone)
        count = others.update(time_zone=time_zone)
    logger.info("set the time zone of %d stores to %s", count, time_zone)
    return count


def add_tag(keys: Sequence[int], name: str) -> int:
    """Add a tag to the stores, creating it if needed; return how many did not have it.

    Raises ``BadValue`` for an invalid tag, and if a store already has the maximum number.
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
    logger.info("added the tag %r to %d stores", name, len(added))
    return len(added)


def remove_tag(keys: Sequence[int], name: str) -> int:
    """Remove a tag from the stores; return how many had it."""
    with serialised():
        rows = StoreTag.objects.filter(store__in=_of(keys), tag__name=name.strip())
        count, _ = rows.delete()
    logger.info("removed the tag %r from %d stores", name, count)
    return count


def _of(keys: Sequence[Any]) -> QuerySet[Store]:
    return Store.objects.order_by().filter(database().is_one_of("store_key", keys))
