"""Selecting stores by id, time zone and tag."""

from collections.abc import Collection

from django.db.models import QuerySet

from fleet.models import Store, StoreTag
from fleet.polls.database import database


def selected_stores(
    *, ids: Collection[str] | None = None, time_zone: str | None = None, tag: str | None = None
) -> QuerySet[Store]:
    """Return the stores that meet every given condition, unordered; unknown ids are ignored.

    ``time_zone`` is the store's own, not the default.
    """
    stores = Store.objects.order_by()
    if ids is not None:
        stores = stores.filter(database().is_one_of("store_id", list(ids)))
    if time_zone is not None:
        stores = stores.filter(time_zone=time_zone)
    if tag is not None:
        # Not a join: the through table has a column called store_id too.
        tagged = StoreTag.objects.filter(tag__name=tag)
        stores = stores.filter(key__in=tagged.values("store"))
    return stores
