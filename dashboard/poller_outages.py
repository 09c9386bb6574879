"""When nobody polled, as the pages show it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from dashboard.snapshots.reading import Snapshot
from uptime.instants import to_microseconds
from uptime.state.hours import WEEK


def of_week(snapshot: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """Return the poller's outages of the snapshot's week and since, newest first.

    Each has its columns in the head and how long it ``lasted``, up to now if it goes on.
    """
    instant = max(to_microseconds(now), snapshot.head.as_of)
    return [
        {**one, "lasted": (one["ended_at"] or instant) - one["started_at"]}
        for one in reversed(snapshot.head.poller_outages)
        if one["counts_from"] <= instant
        and (one["ended_at"] or instant) > snapshot.head.as_of - WEEK
    ]


def silences_of(
    snapshot: Snapshot, scopes: Collection[str], now: datetime
) -> list[tuple[int, int]]:
    """Return the start and end of all outages of some scopes, in microseconds, oldest first."""
    instant = max(to_microseconds(now), snapshot.head.as_of)
    return [
        (one["started_at"], one["ended_at"] or instant)
        for one in snapshot.head.poller_outages
        if one["scope"] in scopes and one["counts_from"] <= instant
    ]


def going_on(snapshot: Snapshot, now: datetime) -> list[dict[str, Any]]:
    """Return those that nothing has ended."""
    return [one for one in of_week(snapshot, now) if one["ended_at"] is None]
