"""How a week of polls goes on PostgreSQL, while others read and write."""

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

# What PostgreSQL says to a prune where an ingestion with polls of the week was faster.
_ENDED_BY_OTHERS = (ObjectNotInPrerequisiteState, UndefinedTable)
# How long readers are waited for, and others behind them, where nothing is lost by giving up.
_PATIENCE = "1s"


def drop_week(week: Week) -> None:
    """Drop a week of polls; readers are not kept waiting. Not inside a transaction.

    1. It is noted, before anything goes, that polls of this week are no longer complete.
    2. The week is cut off, once those who read it have ended.
    3. One transaction drops it, and has stores forget polls that are gone.

    A drop that was killed at any point is finished by the next, or by an ingestion that has polls
    of this week.
    """
    note_pruned(week.end)
    _cut_off(week)
    with transaction.atomic():
        # As ingestions do: stores are theirs to write.
        database().serialise()
        partitions.lock()
        state = partitions.link(week)
        if state == "loose":
            _drop(week)
            correct_last_polls(week.start, week.end)
            raise_version()
        elif state != "missing":
            logger.warning("the week from %s stays: polls came in for it", week.start.date())


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
        logger.info("an ingestion ended the cutting off of the week from %s", week.start.date())


def finish_dropping(weeks: Iterable[Week]) -> list[Week]:
    """Drop those of the cut off weeks that a prune was about to drop, and return them.

    For an ingestion that brings polls of them. What the weeks hold is seen by nobody any more, and
    would be in the way of the same polls coming in again. A week that somebody else has cut off,
    by hand, stays; the ingestion attaches it again.
    """
    before = pruned_before()
    dropped = [week for week in weeks if before and week.end <= before]
    for week in dropped:
        _drop(week)
        logger.info("dropped the week from %s, which a prune had cut off", week.start.date())
    return dropped


def drop_empty_weeks() -> int:
    """Drop the weeks that have no poll left and return how many; not inside a transaction.

    Readers are not kept waiting for long: where some go on reading, the weeks stay for the next
    prune. Nobody else writes polls meanwhile.
    """
    if connection.vendor != "postgresql":
        return 0
    empty = [week for week in partitions.existing_weeks() if _is_empty(week)]
    try:
        return sum(_drop_if_empty(week) for week in empty)
    except OperationalError as error:
        logger.warning("empty weeks of polls stay until they are pruned: %s", str(error).strip())
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
