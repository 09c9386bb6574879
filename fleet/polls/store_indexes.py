"""An index of polls by store, which makes viewing or deleting one store fast.

The table's key is ordered by time, so finding one store's polls without it reads a whole block of a
week: 75 ms of a core for two million polls, 1 ms with it. Maintained during a load it would cost a
third of the loading time. So it is built after the load, without blocking others, and kept while
hours come in.

On SQLite there is one for the whole table. Keeping it makes inserts take three times as long, so a
large load drops it (``fleet.polls.sqlite``), and it is built again afterwards.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from psycopg import sql

from fleet.polls import partitions
from fleet.polls.sqlite import STORE_INDEX

logger = logging.getLogger(__name__)

SUFFIX = "_store"
# Any number works, as long as no other lock has it.
_LOCK = 7_283_491_067


def index_by_store() -> int:
    """Create missing indexes and return how many; not inside a transaction.

    An index that a killed call left unfinished is built again by the next one. While another
    process builds them, nothing is done.
    """
    if connection.vendor != "postgresql":
        return _index_table()
    with _alone() as alone:
        return sum(map(_index, _unindexed().items())) if alone else 0


def _index_table() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = %s", [STORE_INDEX])
        if cursor.fetchone() == (1,):
            return 0
        table = partitions.TABLE
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {STORE_INDEX} ON {table} (store_key)")
    logger.info("indexed the polls by store")
    return 1


def unindexed_before(instant: datetime) -> int:
    """Return how many parts of weeks that ended before an instant lack the index; PostgreSQL."""
    weeks = tuple(week.table for week in partitions.existing_weeks() if week.end <= instant)
    return sum(
        not is_unsound and leaf.startswith(weeks) for leaf, is_unsound in _unindexed().items()
    )


@contextmanager
def _alone() -> Iterator[bool]:
    """Yield whether no other process is in this block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (alone,) = cursor.fetchone()
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _unindexed() -> dict[str, bool]:
    """Return the parts of attached weeks without a valid index, and whether they have a bad one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, x.indisvalid IS NOT NULL"
            " FROM pg_inherits w JOIN pg_inherits i ON i.inhparent = w.inhrelid"
            " JOIN pg_class c ON c.oid = i.inhrelid"
            " LEFT JOIN pg_class n ON n.relnamespace = c.relnamespace"
            " AND n.relname = c.relname || %s"
            " LEFT JOIN pg_index x ON x.indexrelid = n.oid"
            " WHERE w.inhparent = to_regclass(%s) AND NOT w.inhdetachpending"
            " AND x.indisvalid IS NOT TRUE ORDER BY c.relname",
            [SUFFIX, partitions.TABLE],
        )
        return dict(cursor.fetchall())


def _index(part: tuple[str, bool]) -> int:
    """Index a part of a week, after dropping what a killed call left."""
    leaf, is_unsound = part
    table, index = sql.Identifier(leaf), sql.Identifier(leaf + SUFFIX)
    if is_unsound:
        _execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(index))
    _execute(sql.SQL("CREATE INDEX CONCURRENTLY {} ON {} (store_key)").format(index, table))
    # Without statistics the planner takes the interval for narrow and prefers the key. It must not
    # wait for autovacuum, which analyses a new table a minute later, or never.
    _execute(sql.SQL("ANALYZE {}").format(table))
    logger.info("indexed %s by store", leaf)
    return 1


def _execute(statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
