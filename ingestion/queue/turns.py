"""The order in which files are stored: within one feed, in the order they were accepted.

An ingestion's number is its place. A waiting file has its turn when no earlier ingestion of its
feed is unfinished, including those in a request or on the command line; one that failed for good
lets the next one go. A file whose header matches no feed may belong to any, until a worker refuses
it.

A file that is tried again counts as sent again: it goes before those still waiting, replaces what
was stored since, and does not start while another file of its feed is being stored.
"""

import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from ingestion.models import Ingestion
from jobs import clock
from jobs.models import UNFINISHED

_PAUSE_SECONDS = 0.5
_KEPT = ~Q(upload="")


def has_turn() -> Q:
    """Return the condition for ingestions with a kept file whose turn it is."""
    held = Q(status=Ingestion.Status.RUNNING, lease_expires_at__gt=clock.now())
    earlier = Q(pk__lt=OuterRef("pk")) & (_KEPT | _without_file(held))
    later = Q(pk__gt=OuterRef("pk")) & _KEPT & held
    before = _unfinished().filter(earlier | later)
    of_one_feed = before.filter(Q(feed=OuterRef("feed")) | Q(feed=""))
    return ~Exists(of_one_feed) & ~(Q(feed="") & Exists(before))


def is_waited_for(feed: str, *, before: int | None = None) -> bool:
    """Tell whether a kept file of a feed is unfinished; ``before`` limits it to earlier numbers."""
    return _waited_for(feed, before=before).exists()


def wait_for_turn(record: Ingestion, say: Callable[[str], None]) -> None:
    """Return once no earlier file of the record's feed waits for a worker.

    ``say`` is called once if there is a wait, with what it waits for and what to do if no worker is
    running.
    """
    earlier = _waited_for(record.feed, before=record.pk).order_by("pk").first()
    if earlier is None:
        return
    # Quoted, since a stranger may have chosen the name, and this goes to a terminal.
    say(
        f"{record.name} is waiting: a worker must first store {earlier.name!r}"
        f" (ingestion {earlier.pk})."
        " If no worker is running, start one with ./run in another terminal,"
        " or press Ctrl-C to store nothing of this file."
    )
    while is_waited_for(record.feed, before=record.pk):
        time.sleep(_PAUSE_SECONDS)


def _waited_for(feed: str, *, before: int | None) -> QuerySet[Ingestion]:
    kept = _unfinished().filter(_KEPT, Q(feed=feed) | Q(feed=""))
    return kept if before is None else kept.filter(pk__lt=before)


def _unfinished() -> QuerySet[Ingestion]:
    # Named as the index has it, and unordered, so that only unfinished rows are read.
    return Ingestion.objects.filter(status__in=UNFINISHED).order_by()


def _without_file(held: Q) -> Q:
    """Return the condition for live ingestions in a request or on the command line."""
    if connection.vendor == "sqlite":
        # While one stores, nothing else can write: one that can be overtaken has been killed.
        return held & ~Q(phase=Ingestion.Phase.STORING)
    return held
