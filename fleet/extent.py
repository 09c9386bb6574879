"""From when to when the database has polls: what was removed, and the newest."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, OuterRef, Q, QuerySet
from django.utils import timezone

from fleet.models import Poll, Store
from fleet.polls import partitions
from fleet.versions import DataVersion, raise_version


def newest_poll() -> datetime | None:
    """Return the instant of the newest poll, None where there is none.

    A poll more than ``POLL_MAX_AHEAD_HOURS`` ahead is passed over: one that says 2100 would have
    every report begin there.
    """
    latest = timezone.now() + timedelta(hours=settings.POLL_MAX_AHEAD_HOURS)
    for polls in _newest_first(latest):
        newest: datetime | None = polls.aggregate(newest=Max("polled_at"))["newest"]
        if newest:
            return newest
    return None


def pruned_before() -> datetime | None:
    """Return the instant from which on all polls that came in are there; None for all of them."""
    return DataVersion.objects.values_list("pruned_before", flat=True).first()


def note_pruned(before: datetime) -> None:
    """Note that polls from before an instant are gone, or about to go, and raise the version.

    To be committed before the first of them goes: whoever reads polls and then finds nothing
    noted has read them all.
    """
    with transaction.atomic():
        raise_version()
        earlier = Q(pruned_before=None) | Q(pruned_before__lt=before)
        DataVersion.objects.filter(earlier).update(pruned_before=before)


def note_restored() -> None:
    """Note that all polls are there again, as after old files were ingested once more."""
    with transaction.atomic():
        raise_version()
        DataVersion.objects.update(pruned_before=None)


def correct_last_polls(start: datetime, end: datetime) -> None:
    """Have stores whose last poll lay in ``[start, end)`` name the last that is there.

    For whoever has removed polls of these instants, in the same transaction.
    """
    left = Poll.objects.filter(store=OuterRef("key"), polled_at__lt=end).order_by("-polled_at")
    Store.objects.filter(last_polled_at__gte=start, last_polled_at__lt=end).update(
        last_polled_at=left.values("polled_at")[:1], last_status=left.values("status")[:1]
    )


def _newest_first(latest: datetime) -> Iterator[QuerySet[Poll]]:
    """Yield the polls up to an instant, in parts of which each costs one look at an index.

    On PostgreSQL a query over all partitions would plan and lock every one of them.
    """
    polls = Poll.objects.filter(polled_at__lte=latest)
    if connection.vendor != "postgresql":
        yield polls
        return
    for week in reversed(partitions.attached_weeks()):
        if week.start <= latest:
            yield polls.filter(polled_at__gte=week.start, polled_at__lt=week.end)
