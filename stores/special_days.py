"""The special days that count for one store: its own, or its tags', or the fleet's (rule 20)."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import groupby, islice
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from fleet.extent import newest_poll
from fleet.models import SpecialDay, Store, StoreTag

SHOWN_BEFORE = timedelta(days=30)
MOST_SHOWN = 50


class DayInWords(NamedTuple):
    """A special day for people: ``hours`` are its openings or "closed"."""

    date: date
    hours: str
    reason: str
    scope: str


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


def in_words(rows: list[SpecialDay]) -> list[DayInWords]:
    """Return the first days that rows in order tell, each once."""
    days = ((day, list(those)) for day, those in groupby(rows, attrgetter("date")))
    return [
        DayInWords(
            day,
            ", ".join(map(hours_of, those)),
            ", ".join(dict.fromkeys(row.reason for row in those if row.reason)),
            ", ".join(dict.fromkeys(map(_scope, those))),
        )
        for day, those in islice(days, MOST_SHOWN)
    ]


def hours_of(row: SpecialDay) -> str:
    """Return the opening of a row, or "closed"."""
    if row.opens is None or row.closes is None:
        return "closed"
    return f"{_clock(row.opens)}-{_clock(row.closes)}"


def _clock(at: time) -> str:
    return at.isoformat("minutes" if not (at.second or at.microsecond) else "auto")


def _scope(row: SpecialDay) -> str:
    if row.store_id is not None:
        return "this store"
    return "the whole fleet" if row.tag is None else f"tag {row.tag.name}"


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
