"""Exclusions of a report's stores as intervals, read in the report's own snapshot."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from fleet.exclusions.models import Exclusion
from fleet.models import StoreTag
from fleet.polls.columns import Columns, Read
from uptime import Exclusions
from uptime.instants import from_microseconds
from uptime.open_time.clock import Clock, Horizon
from uptime.recurrence.occurrences import Recurrence, occurrences
from uptime.recurrence.rule import parse_rule

_SCOPE = tuple(
    Coalesce(name, Value(0), output_field=BigIntegerField()) for name in ("store_id", "tag_id")
)
_SCOPE_KINDS = {"store": "int64", "tag": "int64"}
# Later than any instant of a report.
_NEVER = from_microseconds(1 << 53)


@dataclass(frozen=True, kw_only=True)
class _Intervals:
    """``store`` and ``tag``: keys, 0 for none; 0 for both is the fleet. All are int64[k]."""

    store: NDArray[np.int64]
    tag: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def read_exclusions(
    read: Read, number: NDArray[np.int32], of_store: Q, start: int, end: int
) -> Exclusions:
    """Return what is excluded of stores between two instants of UTC, in microseconds.

    ``number``: the table from ``store_key`` to the store's place, -1 for others; ``of_store``: the
    condition that a row with a store belongs to one of them. No loop runs over stores.
    """
    found = _joined(_read_once(read, start, end), _read_recurring(read, start, end))
    if not len(found.start):
        return Exclusions.none()
    span = Horizon(start=start, end=end + 1, stores=len(found.start))
    # Intervals of one scope are merged before each gets its stores: once instead of for each.
    scopes, scope = np.unique(
        np.stack([found.store, found.tag], axis=1), axis=0, return_inverse=True
    )
    merged = Clock.merged(span, store=scope.ravel(), start=found.start, end=found.end)
    group, since = np.divmod(merged.starts, span.span)
    members = _members(read, scopes, number, of_store)
    which, store = _crossed(group, *members)
    begin = (since + span.start)[which]
    return Exclusions(store=store, start=begin, end=begin + (merged.ends - merged.starts)[which])


def _read_once(read: Read, start: int, end: int) -> _Intervals:
    rows = Exclusion.objects.filter(
        rule="", starts_at__lte=from_microseconds(end), ends_at__gt=from_microseconds(start)
    )
    columns = read(
        rows.order_by().values_list(*_SCOPE, "starts_at", "ends_at"),
        {**_SCOPE_KINDS, "start": "instant", "end": "instant"},
    )
    return _Intervals(**columns)


def _read_recurring(read: Read, start: int, end: int) -> _Intervals:
    columns = read(
        _recurring(start, end),
        {
            **_SCOPE_KINDS,
            "until": "instant",
            "rule": "text",
            "first": "text",
            "time": "time",
            "duration": "int64",
            "zone": "text",
        },
    )
    found = occurrences(_recurrences(columns), start, end + 1)
    place = found.recurrence
    return _Intervals(
        store=columns["store"][place],
        tag=columns["tag"][place],
        start=found.start,
        end=np.minimum(found.end, columns["until"][place]),
    )


def _recurring(start: int, end: int) -> QuerySet[Exclusion, tuple[Any, ...]]:
    """Return the rules that may occur between two instants."""
    rows = Exclusion.objects.exclude(rule="").filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=from_microseconds(start)),
        # No zone is further than a day from UTC.
        first_date__lte=(from_microseconds(end) + timedelta(days=1)).date(),
    )
    return rows.order_by().values_list(
        *_SCOPE,
        Coalesce("ends_at", Value(_NEVER)),
        "rule",
        "first_date",
        "start_time",
        "duration_us",
        "time_zone_id",
    )


def _recurrences(columns: Columns) -> list[Recurrence]:
    names = ("rule", "first", "time", "duration", "zone")
    rows = zip(*(columns[name].tolist() for name in names), strict=True)
    return [
        Recurrence(
            rule=parse_rule(rule),
            first=date.fromisoformat(first),
            time=_time_of_day(at),
            duration=duration,
            zone=zone,
        )
        for rule, first, at, duration, zone in rows
    ]


def _time_of_day(microseconds: int) -> time:
    seconds, microsecond = divmod(microseconds, 1_000_000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, microsecond)


def _joined(first: _Intervals, second: _Intervals) -> _Intervals:
    names = ("store", "tag", "start", "end")
    return _Intervals(
        **{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in names}
    )


def _members(
    read: Read, scopes: NDArray[np.int64], number: NDArray[np.int32], of_store: Q
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of each scope's stores, ordered by scope: int64[m], and int64[m + 1] edges.

    ``scopes``: int64[s, 2], keys of store and tag.
    """
    store, tag = scopes[:, 0], scopes[:, 1]
    of_key = np.where(store < len(number), number[store % len(number)], -1)
    single = np.flatnonzero((store > 0) & (of_key >= 0))
    everywhere = np.flatnonzero((store == 0) & (tag == 0))
    every = np.flatnonzero(number >= 0)
    places = [of_key[single], np.tile(number[every], len(everywhere))]
    owners = [single, np.repeat(everywhere, len(every))]
    tags = tag[tag > 0]
    if len(tags):
        rows = read(
            StoreTag.objects.filter(of_store, tag__in=tags.tolist())
            .order_by()
            .values_list("store_id", "tag_id"),
            {"store": "int32", "tag": "int64"},
        )
        place = np.where(rows["store"] < len(number), number[rows["store"] % len(number)], -1)
        known = place >= 0
        by_tag = np.flatnonzero(tag > 0)
        places.append(place[known])
        owners.append(by_tag[np.searchsorted(tag[by_tag], rows["tag"][known])])
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(len(scopes) + 1))
    return np.concatenate(places)[order].astype(np.int64), edges


def _crossed(
    group: NDArray[np.int64], members: NDArray[np.int64], edges: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each interval with each member of its group, as places of both."""
    counts = (edges[1:] - edges[:-1])[group]
    which = np.repeat(np.arange(len(group)), counts)
    before = np.cumsum(counts) - counts
    rank = np.arange(len(which)) - before[which]
    return which, members[edges[group][which] + rank]
