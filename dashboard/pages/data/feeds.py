"""How far the data of each feed reaches, from queries that read no polls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from fleet.extent import newest_poll
from fleet.models import BusinessHours, SpecialDay, Store
from ingestion.models import Feed, Ingestion


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far the data reach.

    ``newest_poll``: None without polls. ``special_days``: how many rows a tag or the fleet has. The
    others: how many stores there are of each kind.
    """

    newest_poll: datetime | None
    stores: int
    polled: int
    with_hours: int
    with_zone: int
    named: int
    with_special_days: int
    special_days: int
    sample: int


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """A feed and the last file of it that was stored, None if there was none."""

    feed: Feed
    last: Ingestion | None


def extent() -> Extent:
    """Return the extent of the data; two queries, and one or two for the newest poll."""
    hours = BusinessHours.objects.order_by().values("store")
    own_days = SpecialDay.objects.filter(store__isnull=False).order_by().values("store")
    shared = SpecialDay.objects.filter(store=None).count()
    counts = Store.objects.aggregate(
        stores=Count("pk"),
        polled=Count("last_polled_at"),
        with_hours=Count("pk", filter=Q(pk__in=hours)),
        with_zone=Count("time_zone"),
        named=Count("pk", filter=~Q(name="")),
        with_special_days=Count("pk", filter=Q(pk__in=own_days)),
        sample=Count("pk", filter=Q(is_sample=True)),
    )
    return Extent(newest_poll=newest_poll(), special_days=shared, **counts)


def feeds() -> Sequence[FeedState]:
    """Return all feeds in the order of their importance; one query."""
    stored = Ingestion.objects.filter(status=Ingestion.Status.COMPLETE).order_by()
    last = stored.values("feed").annotate(last=Max("pk")).values("last")
    found = {record.feed: record for record in Ingestion.objects.filter(pk__in=last)}
    return [FeedState(feed=feed, last=found.get(feed.value)) for feed in Feed]
