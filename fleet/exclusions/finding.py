"""Finding exclusions: of a store or tag, of an interval, and when they are next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from fleet.exclusions.models import Exclusion, Scope
from fleet.models import Store
from uptime.instants import from_microseconds, to_microseconds
from uptime.recurrence.occurrences import next_occurrences, occurrences

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Touching:
    """An exclusion, and its stretches that touch an interval, neither cut nor merged."""

    exclusion: Exclusion
    stretches: list[Stretch]


def concerning(store: Store) -> QuerySet[Exclusion]:
    """Return the exclusions of a store: its own, those of its tags, those of the fleet."""
    tags = store.tags.values("pk")
    return Exclusion.objects.filter(Q(scope=Scope.FLEET) | Q(store=store) | Q(tag__in=tags))


def within(rows: QuerySet[Exclusion], start: datetime, end: datetime) -> QuerySet[Exclusion]:
    """Return those that touch ``[start, end)``, of some exclusions."""
    recurring = _recurring(rows.exclude(rule=""), start, end)
    once = Q(rule="", starts_at__lt=end, ends_at__gt=start)
    return rows.filter(once | Q(pk__in=[one.exclusion.pk for one in recurring]))


def touching(rows: QuerySet[Exclusion], start: datetime, end: datetime) -> list[Touching]:
    """Return those that touch ``[start, end)`` in the order in which they begin."""
    named = rows.select_related("store", "tag")
    once = [
        Touching(exclusion=row, stretches=[(row.starts_at, row.ends_at)])
        for row in named.filter(rule="", starts_at__lt=end, ends_at__gt=start)
        if row.starts_at is not None and row.ends_at is not None
    ]
    found = [*once, *_recurring(named.exclude(rule=""), start, end)]
    return sorted(found, key=lambda one: (one.stretches[0], one.exclusion.pk))


def next_stretches(exclusion: Exclusion, after: datetime, most: int) -> list[Stretch]:
    """Return the first stretches that end after an instant, at most so many; [] if all are over."""
    recurrence = exclusion.recurrence
    if recurrence is not None:
        next_ones = next_occurrences(recurrence, to_microseconds(after), most)
        return [*_cut(map(_instants, next_ones), exclusion.ends_at)]
    if exclusion.starts_at is None or exclusion.ends_at is None or exclusion.ends_at <= after:
        return []
    return [(exclusion.starts_at, exclusion.ends_at)]


def _recurring(rows: QuerySet[Exclusion], start: datetime, end: datetime) -> Iterable[Touching]:
    every = [(row, row.recurrence) for row in rows]
    there = [(row, recurrence) for row, recurrence in every if recurrence is not None]
    found = occurrences(
        [recurrence for _, recurrence in there], to_microseconds(start), to_microseconds(end)
    )
    stretches: dict[int, list[tuple[int, int]]] = {}
    columns = (found.recurrence.tolist(), found.start.tolist(), found.end.tolist())
    for place, begin, until in zip(*columns, strict=True):
        stretches.setdefault(place, []).append((begin, until))
    for place, (row, _) in enumerate(there):
        cut = [*_cut(map(_instants, sorted(stretches.get(place, []))), row.ends_at)]
        if any(until > start for _, until in cut):
            yield Touching(exclusion=row, stretches=cut)


def _instants(stretch: tuple[int, int]) -> Stretch:
    return from_microseconds(stretch[0]), from_microseconds(stretch[1])


def _cut(stretches: Iterable[Stretch], end: datetime | None) -> Iterable[Stretch]:
    """Yield stretches as they are before ``end``."""
    for begin, until in stretches:
        if end is None or begin < end:
            yield begin, until if end is None else min(until, end)
