"""The order in which files are stored: those of one feed as they were accepted.

An ingestion's number is its place. One that waits for a worker has its turn when no earlier one of
its feed is unfinished, be it one that came with its request or on the command line; one that failed
for good lets the next go. A file whose header tells no feed may be of any, until a worker refuses
it.

A file that is tried again counts as sent again: it goes before those that still wait, replaces what
was stored since, and does not begin while another of its feed is being stored.
"""

import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ingestion.models import Ingestion
from jobs import clock

_PAUSE_SECONDS = 0.5
_KEPT = ~Q(upload="")


def has_turn() -> Q:
    """Return the condition for ingestions with a kept file that no other goes before."""
    held = Q(status=Ingestion.Status.RUNNING, lease_expires_at__gt=clock.now())
    earlier = Q(pk__lt=OuterRef("pk")) & (_KEPT | _without_file(held))
    later = Q(pk__gt=OuterRef("pk")) & _KEPT & held
    before = _unfinished().filter(earlier | later)
    of_one_feed = before.filter(Q(feed=OuterRef("feed")) | Q(feed=""))
    return ~Exists(of_one_feed) & ~(Q(feed="") & Exists(before))


def is_waited_for(feed: str, *, before: int | None = None) -> bool:
    """Tell whether a kept file of a feed is unfinished; ``before`` asks of earlier numbers only."""
    return _waited_for(feed, before=before).exists()


def wait_for_turn(record: Ingestion, say: Callable[[str], None]) -> None:
    """Return once no earlier file of the record's feed waits for a worker.

    ``say`` is told once where that is not at once: what is waited for, and what to do where no
    worker runs.
    """
    earlier = _waited_for(record.feed, before=record.pk).order_by("pk").first()
    if earlier is None:
        return
    # Quoted, since a stranger may have named it, and this goes to a terminal.
    say(
        f"{record.name} waits: a worker has to store {earlier.name!r} (ingestion {earlier.pk})"
        " first."
        " If no worker runs, start one by ./run in another terminal;"
        " or press Ctrl-C, and nothing of this file is stored."
    )
    while is_waited_for(record.feed, before=record.pk):
        time.sleep(_PAUSE_SECONDS)


def _waited_for(feed: str, *, before: int | None) -> QuerySet[Ingestion]:
    kept = _unfinished().filter(_KEPT, Q(feed=feed) | Q(feed=""))
    return kept if before is None else kept.filter(pk__lt=before)


def _unfinished() -> QuerySet[Ingestion]:
    # Named as the index has it, and without an order, so that only what is unfinished is read.
    states = [Ingestion.Status.QUEUED, Ingestion.Status.RUNNING]
    return Ingestion.objects.filter(status__in=states).order_by()


def _without_file(held: Q) -> Q:
    """Return what a live ingestion is that came with its request or on the command line."""
    if connection.vendor == "sqlite":
        # While one stores, nobody else can write: one that can be overtaken has been killed.
        return held & ~Q(phase=Ingestion.Phase.STORING)
    return held
