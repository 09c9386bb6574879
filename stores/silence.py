"""Silent stores: not polled for longer than usual, from what ingestion keeps for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from fleet.models import Store

# Stores are polled about once an hour, often only every few hours.
USUAL = timedelta(hours=6)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WORST = 10


@dataclass(frozen=True, kw_only=True)
class Silence:
    """The number of silent stores, counted for every limit that they exceed.

    Measured from the newest poll of all, not from now: if the poller itself stops, no store is more
    silent than another. ``worst`` are the silent ones, the longest first.
    """

    usual: int
    day: int
    week: int
    never: int
    worst: Sequence[Store]


def silence(newest: datetime) -> Silence:
    """Return the stores silent at the instant of the newest poll; two queries."""
    silent = Store.objects.filter(last_polled_at__lt=newest - USUAL)
    counts = Store.objects.filter(
        Q(last_polled_at__lt=newest - USUAL) | Q(last_polled_at=None)
    ).aggregate(
        usual=Count("last_polled_at"),
        day=Count("pk", filter=Q(last_polled_at__lt=newest - DAY)),
        week=Count("pk", filter=Q(last_polled_at__lt=newest - WEEK)),
        never=Count("pk", filter=Q(last_polled_at=None)),
    )
    worst = silent.order_by("last_polled_at").only("store_id", "name", "last_polled_at")[:WORST]
    return Silence(**counts, worst=list(worst))
