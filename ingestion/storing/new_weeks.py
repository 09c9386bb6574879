"""A limit on the weeks without polls that one file may fill: each creates tables forever."""

import numpy as np
from django.conf import settings

from feeds.errors import UnusableFile
from fleet.models import Poll
from fleet.polls.partitions import Week, week_numbers
from ingestion.storing.spool import Spool


def refuse_many_new_weeks(spool: Spool) -> None:
    """Raise UnusableFile if the polls of a file are in too many weeks without polls.

    The limit is the same on both databases, so that both accept the same files.
    """
    most: int = settings.POLL_MAX_NEW_WEEKS
    weeks = _weeks(spool, most)
    if len(weeks) <= most:
        return
    new = sum(not _has_polls(Week(number)) for number in sorted(weeks))
    if new > most:
        raise UnusableFile(
            f"The file has polls in {new:,} weeks that had none, and {most:,} are allowed at once:"
            " are its timestamps right? Send several files, or raise POLL_MAX_NEW_WEEKS."
        )


def _weeks(spool: Spool, most: int) -> set[int]:
    """Return the numbers of the weeks; none if the polls are too close together for many weeks."""
    blocks = [week_numbers(rows["at"]) for rows in spool.blocks()]
    if not blocks or max(map(np.max, blocks)) - min(map(np.min, blocks)) < most:
        return set()
    return {int(number) for block in blocks for number in np.unique(block)}


def _has_polls(week: Week) -> bool:
    return Poll.objects.filter(polled_at__gte=week.start, polled_at__lt=week.end).exists()
