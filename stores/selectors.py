"""Selecting stores and their polls: set-based, never one query per store."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from fleet.extent import newest_poll
from fleet.models import BusinessHours, Poll, PollStatus, Store

NEVER = "never"
MISSING = "missing"

_Filter = Callable[[QuerySet[Store], Any], QuerySet[Store]]


def matching_stores(filters: Mapping[str, Any]) -> QuerySet[Store]:
    """Return the stores that meet all filters, with their tags.

    ``search``: text in the id or the name. ``time_zone``: a name, None for stores without one.
    ``tag``. ``status``: "active", "inactive" or "never", at the last poll. ``never_polled``: bool.
    ``stale``: timedelta, see ``stale_since``. ``business_hours``: "missing" or "given". Other keys
    are ignored.
    """
    stores: QuerySet[Store] = Store.objects.prefetch_related("tags").order_by("store_id")
    for name, narrow in _FILTERS.items():
        if name in filters:
            stores = narrow(stores, filters[name])
    return stores


def stale_since(age: timedelta) -> datetime | None:
    """Return the instant since which stale stores were not polled: ``age`` before the newest poll.

    Not before now: if the poller itself is silent, no store is more silent than others. None
    without polls.
    """
    newest = newest_poll()
    return newest and newest - age


def polls_of(store: Store) -> QuerySet[Poll]:
    """Return the polls of one store, newest first.

    The search stops at its last poll, which is known; a store never polled has none.
    """
    if store.last_polled_at is None:
        return Poll.objects.none()
    polls = Poll.objects.filter(store=store.key, polled_at__lte=store.last_polled_at)
    return polls.order_by("-polled_at")


def _search(stores: QuerySet[Store], text: str) -> QuerySet[Store]:
    return stores.filter(Q(store_id__icontains=text) | Q(name__icontains=text))


def _status(stores: QuerySet[Store], status: str) -> QuerySet[Store]:
    if status == NEVER:
        return stores.filter(last_status=None)
    return stores.filter(last_status=PollStatus[status.upper()])


def _stale(stores: QuerySet[Store], age: timedelta) -> QuerySet[Store]:
    since = stale_since(age)
    return stores.none() if since is None else stores.filter(last_polled_at__lt=since)


def _business_hours(stores: QuerySet[Store], which: str) -> QuerySet[Store]:
    given = Exists(BusinessHours.objects.filter(store=OuterRef("key")))
    return stores.filter(~given if which == MISSING else given)


_FILTERS: dict[str, _Filter] = {
    "search": _search,
    "time_zone": lambda stores, name: stores.filter(time_zone=name),
    "tag": lambda stores, name: stores.filter(tags__name=name),
    "status": _status,
    "never_polled": lambda stores, never: stores.filter(last_polled_at__isnull=never),
    "stale": _stale,
    "business_hours": _business_hours,
}
