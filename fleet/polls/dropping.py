"""Dropping a week of polls on PostgreSQL, while other processes read and write."""

import logging
from collections.abc import Iterable

from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg import sql
from psycopg.errors import ObjectNotInPrerequisiteState, UndefinedTable

from fleet.extent import correct_last_polls, note_pruned, pruned_before
from fleet.polls import partitions
from fleet.polls.database import database
from fleet.polls.partitions import Week
from fleet.versions import raise_version

logger = logging.getLogger(__name__)

# Errors of a prune when an ingestion with polls of the week was faster.
_ENDED_BY_OTHERS = (ObjectNotInPrerequisiteState, UndefinedTable)
# How long to wait for readers, and make others queue behind, when giving up loses nothing.
_PATIENCE = "1s"


def drop_week(week: Week) -> None:
    """Drop a week of polls without blocking readers. Not inside a transaction.

    1. Record, before anything goes, that polls of this week are no longer complete.
    2. Detach the week, after its readers have ended.
    3. Drop it and update the last polls of stores, in one transaction.

    A drop that was killed at any point is finished by the next one, or by an ingestion with polls
    of this week.
    """
    note_pruned(week.end)
    _cut_off(week)
    with transaction.atomic():
        # Serialised with ingestions, since stores are updated.
        database().serialise()
        partitions.lock()
        state = partitions.link(week)
        if state == "loose":
            _drop(week)
            correct_last_polls(week.start, week.end)
            raise_version()
        elif state != "missing":
            logger.warning("the week from %s stays: new polls arrived for it", week.start.date())


def _cut_off(week: Week) -> None:
    state = partitions.link(week)
    try:
        if state == "attached":
            partitions.detach(week, "CONCURRENTLY")
        elif state == "pending":
            partitions.detach(week, "FINALIZE")
    except DatabaseError as error:
        if not isinstance(error.__cause__, _ENDED_BY_OTHERS):
            raise
        logger.info("an ingestion ended the detaching of the week from %s", week.start.date())


def finish_dropping(weeks: Iterable[Week]) -> list[Week]:
    """Drop those of the detached weeks that a prune was about to drop, and return them.

    For an ingestion with polls of these weeks. Their rows are no longer visible, and would conflict
    with the same polls when they are ingested again. A week that was detached by hand stays; the
    ingestion attaches it again.
    """
    before = pruned_before()
    dropped = [week for week in weeks if before and week.end <= before]
    for week in dropped:
        _drop(week)
        logger.info("dropped the week from %s, which a prune had detached", week.start.date())
    return dropped


def drop_empty_weeks() -> int:
    """Drop the weeks without polls and return how many; not inside a transaction.

    Readers are blocked only briefly: if some keep reading, the weeks stay until the next prune. No
    other process writes polls meanwhile.
    """
    if connection.vendor != "postgresql":
        return 0
    empty = [week for week in partitions.existing_weeks() if _is_empty(week)]
    try:
        return sum(_drop_if_empty(week) for week in empty)
    except OperationalError as error:
        logger.warning("empty weeks of polls stay until the next prune: %s", str(error).strip())
        return 0


def _drop_if_empty(week: Week) -> bool:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
        database().serialise()
        partitions.lock()
        if partitions.link(week) != "attached":
            return False
        partitions.detach(week, "")
        if not _is_empty(week):
            transaction.set_rollback(True)
            return False
        _drop(week)
    return True


def _is_empty(week: Week) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(sql.Identifier(week.table))
        )
        (empty,) = cursor.fetchone()
    return bool(empty)


def _drop(week: Week) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(week.table)))
