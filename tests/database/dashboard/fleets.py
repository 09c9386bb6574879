"""A small fleet in the database, and its snapshot."""

from datetime import UTC, datetime, timedelta

from dashboard.models import FleetSnapshot
from dashboard.snapshots import services
from dashboard.snapshots.reading import current_snapshot
from fleet.models import BusinessHours, Poll, Store, StoreTag, Tag

NOON = datetime(2024, 1, 17, 12, tzinfo=UTC)  # A Wednesday.
HOUR = timedelta(hours=1)


def add_store(store_id, statuses="", *, zone="UTC", hours=(), tags=(), **values):
    """Add a store polled each hour; the last of ``statuses`` (1, 0, or - for no poll) is at noon.

    ``hours``: (opens, closes), each day.
    """
    store = Store.objects.create(store_id=store_id, time_zone_id=zone or None, **values)
    for name in tags:
        StoreTag.objects.create(store=store, tag=Tag.objects.get_or_create(name=name)[0])
    BusinessHours.objects.bulk_create(
        BusinessHours(store=store, weekday=day, opens=opens, closes=closes)
        for day in range(7)
        for opens, closes in hours
    )
    polls = [
        Poll(store=store, polled_at=NOON - HOUR * (len(statuses) - 1 - place), status=int(status))
        for place, status in enumerate(statuses)
        if status != "-"
    ]
    Poll.objects.bulk_create(polls)
    if polls:
        last = polls[-1]
        Store.objects.filter(pk=store.pk).update(
            last_polled_at=last.polled_at, last_status=last.status
        )
    return store


def take_snapshot():
    """Compute the snapshot of the current data, and return it as pages see it."""
    services.want_next()
    services.take(FleetSnapshot.objects.filter(status="Queued").get().pk)
    return current_snapshot()
