"""When nobody polled, as the pages show it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from dashboard.snapshots.reading import Snapshot
from fleet.extent import HISTORY
from uptime.instants import length_in_microseconds, to_microseconds
from uptime.state.hours import WEEK


def of_week(snapshot: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """Return the poller's outages of the snapshot's week and since, newest first.

    Each has its columns in the head and how long it ``lasted``, up to now if it goes on.
    """
    instant = max(to_microseconds(now), snapshot.head.as_of)
    return [
        {**one, "lasted": (one["ended_at"] or instant) - one["started_at"]}
        for one in reversed(_known(snapshot, instant))
        if (one["ended_at"] or instant) > snapshot.head.as_of - WEEK
    ]


def silences_of(
    snapshot: Snapshot, scopes: Collection[str], now: datetime
) -> list[tuple[int, int]]:
    """Return the start and end of all outages of some scopes, in microseconds, oldest first."""
    instant = max(to_microseconds(now), snapshot.head.as_of)
    return [
        (one["started_at"], one["ended_at"] or instant)
        for one in _known(snapshot, instant)
        if one["scope"] in scopes
    ]


def going_on(snapshot: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """Return those that nothing has ended."""
    return [one for one in of_week(snapshot, now) if one["ended_at"] is None]


def _known(snapshot: Snapshot, instant: int) -> list[Mapping[str, Any]]:
    """Return those that are outages by an instant. The end of historic data is none."""
    is_historic = instant - snapshot.head.as_of > length_in_microseconds(HISTORY)
    return [
        one
        for one in snapshot.head.poller_outages
        if one["counts_from"] <= instant and not (is_historic and one["ended_at"] is None)
    ]
