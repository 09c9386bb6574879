"""Pauses before another attempt, and before another message about it."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

# A full disk, an unreachable database or storage: about a quarter of an hour in all.
PASSING = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=4),
    timedelta(minutes=8),
)
# So that jobs that failed together are not all retried together.
JITTER = 0.2
# A pause between two messages about the same row doubles this often.
DOUBLINGS = 3


def pause(planned: Sequence[timedelta], failures: int) -> timedelta | None:
    """Return the pause after that many failures; None if no other attempt is planned."""
    if failures > len(planned):
        return None
    # Not for secrecy, only to spread.
    return planned[failures - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 # nosec B311


def unheard(now: datetime, *, after: timedelta) -> Q:
    """Return the condition for rows whose message was never sent, or is probably lost.

    A row counts its ``announcements`` since it was last claimed, the last one at ``enqueued_at``.
    If it is still waiting ``after`` that, the message may have been lost; but if the queue is just
    long, each further message makes it longer. So the pause doubles with each.
    """
    condition = Q(announcements=0)
    for doublings in range(DOUBLINGS):
        since = now - after * 2**doublings
        condition |= Q(announcements=doublings + 1, enqueued_at__lte=since)
    since = now - after * 2**DOUBLINGS
    return condition | Q(announcements__gt=DOUBLINGS, enqueued_at__lte=since)


def before(announcements: int, *, after: timedelta) -> timedelta:
    """Return how long a row waited at least from its first announcement to its last."""
    doublings = (min(number, DOUBLINGS) for number in range(max(announcements - 1, 0)))
    return sum((after * 2**number for number in doublings), timedelta())
