"""The time range of the stored polls: the newest poll, and what was pruned."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, OuterRef, Q, QuerySet
from django.utils import timezone

from fleet.models import Poll, Store
from fleet.polls import partitions
from fleet.versions import DataVersion, raise_version

# No live installation goes this long without polls: these are historic data.
HISTORY = timedelta(days=30)


def newest_poll() -> datetime | None:
    """Return the instant of the newest poll, None without polls.

    Polls more than ``POLL_MAX_AHEAD_HOURS`` ahead are ignored: one in the year 2100 would make
    every report begin there.
    """
    for polls in _newest_first(latest_poll()):
        newest: datetime | None = polls.aggregate(newest=Max("polled_at"))["newest"]
        if newest:
            return newest
    return None


def latest_poll() -> datetime:
    """Return the instant after which a poll counts as an error of the poller."""
    return timezone.now() + timedelta(hours=settings.POLL_MAX_AHEAD_HOURS)


def pruned_before() -> datetime | None:
    """Return the instant from which on polls are complete; None if none were pruned."""
    return DataVersion.objects.values_list("pruned_before", flat=True).first()


def note_pruned(before: datetime) -> None:
    """Record that polls before an instant are gone, or about to go, and raise the version.

    Commit it before the first of them goes: a reader that finds no such record after reading polls
    has read them all.
    """
    with transaction.atomic():
        raise_version()
        earlier = Q(pruned_before=None) | Q(pruned_before__lt=before)
        DataVersion.objects.filter(earlier).update(pruned_before=before)


def note_restored() -> None:
    """Record that polls are complete again, for example after old files were ingested again."""
    with transaction.atomic():
        raise_version()
        DataVersion.objects.update(pruned_before=None)


def correct_last_polls(start: datetime, end: datetime) -> None:
    """Update stores whose last poll was in ``[start, end)`` to the last poll that is left.

    Call it in the transaction that removed polls of these instants.
    """
    left = Poll.objects.filter(store=OuterRef("key"), polled_at__lt=end).order_by("-polled_at")
    Store.objects.filter(last_polled_at__gte=start, last_polled_at__lt=end).update(
        last_polled_at=left.values("polled_at")[:1], last_status=left.values("status")[:1]
    )


def _newest_first(latest: datetime) -> Iterator[QuerySet[Poll]]:
    """Yield the polls up to an instant, in parts that cost one index look-up each.

    On PostgreSQL a query over all partitions would plan and lock every one of them.
    """
    polls = Poll.objects.filter(polled_at__lte=latest)
    if connection.vendor != "postgresql":
        yield polls
        return
    for week in reversed(partitions.attached_weeks()):
        if week.start <= latest:
            yield polls.filter(polled_at__gte=week.start, polled_at__lt=week.end)
