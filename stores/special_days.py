"""The special days that count for one store: its own, or its tags', or the fleet's (rule 20)."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from django.db.models import Q, QuerySet
from django.utils import timezone

from fleet.extent import newest_poll
from fleet.models import SpecialDay, Store, StoreTag

SHOWN_BEFORE = timedelta(days=30)


def days_of(store: Store, first: date, last: date | None = None) -> list[SpecialDay]:
    """Return the rows that count from ``first`` to ``last``, both included, in order.

    Of several rows of tags that say the same times, the first is returned.
    """
    rows = _of_any_scope(store).filter(date__gte=first)
    if last is not None:
        rows = rows.filter(date__lte=last)
    ordered = rows.select_related("store", "tag").order_by("date", "opens", "closes", "id")
    return [row for _, day in groupby(ordered, attrgetter("date")) for row in _counting(list(day))]


def recent_days_of(store: Store) -> list[SpecialDay]:
    """Return the rows that count from a month before the newest poll on."""
    return days_of(store, ((newest_poll() or timezone.now()) - SHOWN_BEFORE).date())


def _of_any_scope(store: Store) -> QuerySet[SpecialDay]:
    tags = StoreTag.objects.filter(store=store).order_by().values("tag")
    return SpecialDay.objects.filter(
        Q(store=store) | Q(tag__in=tags) | Q(store__isnull=True, tag__isnull=True)
    )


def _counting(day: list[SpecialDay]) -> Iterator[SpecialDay]:
    """Yield the rows of the narrowest scope, each opening once."""
    own = [row for row in day if row.store_id is not None]
    tagged = [row for row in day if row.tag_id is not None]
    seen = set()
    for row in own or tagged or day:
        times = (row.opens, row.closes)
        if times not in seen:
            seen.add(times)
            yield row
