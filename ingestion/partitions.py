"""The poll table on PostgreSQL: cut by week, and each week by blocks of stores.

A report reads one or two weeks out of all there are; one worker's share of a large report reads
its blocks and no others; retention drops a week as a whole. A leaf holds what 16,384 stores say
in a week, about two million polls, however large the fleet and however long the history.

Partitions are made by the ingestion that needs them. Attaching one, rather than creating it in
place, takes no lock that readers would wait for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

TABLE = "ingestion_poll"
STORES_IN_BLOCK = 1 << 14
# A poll takes 44 bytes of a page; the planner's own count is old until the next analysis.
_ROWS = "greatest(c.reltuples, pg_relation_size(c.oid) / 44)::bigint"
_WEEK = timedelta(weeks=1)
_WEEK_US = _WEEK // timedelta(microseconds=1)
_FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_FIRST_MONDAY_US = 4 * 24 * 3600 * 1_000_000


@dataclass(frozen=True, order=True)
class Week:
    """Monday 00:00 UTC to the next one; ``number`` counts from 5 January 1970."""

    number: int

    @property
    def start(self) -> datetime:
        """The instant at which the week begins."""
        return _FIRST_MONDAY + self.number * _WEEK

    @property
    def end(self) -> datetime:
        """The instant at which the next week begins."""
        return self.start + _WEEK

    @property
    def table(self) -> str:
        """The name of the week's table."""
        return f"{TABLE}_{self.start:%Y%m%d}"


def existing_weeks() -> list[Week]:
    """Return the weeks that have a table, oldest first, loose ones of a killed prune included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right(relname, 8) FROM pg_class"
            " WHERE relkind = 'p' AND relname ~ %s AND pg_table_is_visible(oid)",
            [rf"^{TABLE}_\d{{8}}$"],
        )
        starts = [
            datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) for (day,) in cursor.fetchall()
        ]
    return sorted(Week((start - _FIRST_MONDAY) // _WEEK) for start in starts)


def make_room(polled_at: NDArray[np.int64], store_key: NDArray[np.integer]) -> None:
    """Make the partitions that rows with these instants (microseconds of UTC) and keys need."""
    weeks_of = (polled_at - _FIRST_MONDAY_US) // _WEEK_US
    # A key has 31 bits, so a block's number has 17.
    needed = np.unique(weeks_of << 17 | store_key // STORES_IN_BLOCK).tolist()
    weeks = set(_children(TABLE))
    blocks: dict[str, set[str]] = {}
    for packed in needed:
        week, block = Week(packed >> 17), packed & ((1 << 17) - 1)
        table = week.table
        if table not in weeks:
            _attach_week(week)
            weeks.add(table)
        if table not in blocks:
            blocks[table] = set(_children(table))
        if _leaf(table, block) not in blocks[table]:
            _attach_block(table, block)


def make_room_for(polls: Iterable[tuple[datetime, int]]) -> None:
    """Make the partitions that polls of these instants and store keys need, where there are any."""
    if connection.vendor != "postgresql":
        return
    rows = list(polls)
    microsecond = timedelta(microseconds=1)
    first = _FIRST_MONDAY - timedelta(days=4)
    make_room(
        np.array([(polled_at - first) // microsecond for polled_at, _ in rows], dtype=np.int64),
        np.array([store_key for _, store_key in rows], dtype=np.int64),
    )


def drop_week(week: Week) -> None:
    """Drop a week of polls; readers are not kept waiting. Not inside a transaction.

    A drop that was killed at any point is finished by the next.
    """
    link = _link(week)
    if link == "attached":
        _detach(week, "CONCURRENTLY")
    elif link == "pending":
        _detach(week, "FINALIZE")
    _execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(week.table)))


def _link(week: Week) -> str:
    """Return whether a week is ``missing``, ``loose``, ``attached``, or its detach ``pending``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.oid IS NULL, i.inhdetachpending"
            " FROM (SELECT to_regclass(%s) AS oid) c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid",
            [week.table],
        )
        missing, detaching = cursor.fetchone()
    if missing:
        return "missing"
    return {None: "loose", False: "attached", True: "pending"}[detaching]


def _detach(week: Week, manner: str) -> None:
    statement = sql.SQL("ALTER TABLE {} DETACH PARTITION {} ").format(
        sql.Identifier(TABLE), sql.Identifier(week.table)
    )
    _execute(statement + sql.SQL(manner))


def size(week: Week) -> tuple[int, int]:
    """Return the rows of a week, as the planner estimates them, and its bytes with the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum({_ROWS}), 0)::bigint,"  # noqa: S608 - a constant
            " coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint"
            " FROM pg_partition_tree(%s::regclass) t JOIN pg_class c ON c.oid = t.relid"
            " WHERE t.isleaf",
            [week.table],
        )
        rows, size = cursor.fetchone()
    return rows, size


def estimates(since: datetime, until: datetime) -> dict[int, int]:
    """Return about how many polls each block of stores has from ``since`` to ``until``.

    Of a week that the time cuts, its share is counted; the first and the last week there are
    count whole, since they begin late and end early.
    """
    found: dict[int, int] = {}
    weeks = existing_weeks()
    for week in weeks:
        overlap = min(week.end, until) - max(week.start, since)
        share = 1.0 if week in {weeks[0], weeks[-1]} else overlap / _WEEK
        if overlap >= timedelta():
            for block, rows in _rows_of_blocks(week).items():
                found[block] = found.get(block, 0) + round(rows * share)
    return found


def _rows_of_blocks(week: Week) -> dict[int, int]:
    """Return the rows of each block of a week, as the planner estimates them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.relname, {_ROWS}"  # noqa: S608 - a constant
            " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass",
            [week.table],
        )
        return {int(name.rpartition("_")[2]): rows for name, rows in cursor.fetchall()}


def _leaf(table: str, block: int) -> str:
    return f"{table}_{block}"


def _attach_week(week: Week) -> None:
    link = _link(week)
    if link == "missing":
        _create(week.table, TABLE, sql.SQL("PARTITION BY RANGE (store_key)"))
    elif link == "pending":
        _detach(week, "FINALIZE")
    _attach(TABLE, week.table, sql.Literal(week.start), sql.Literal(week.end))


def _attach_block(table: str, block: int) -> None:
    leaf = _leaf(table, block)
    _create(leaf, table, sql.SQL(""))
    _attach(
        table,
        leaf,
        sql.Literal(block * STORES_IN_BLOCK),
        sql.Literal((block + 1) * STORES_IN_BLOCK),
    )


def _create(table: str, like: str, partitioning: sql.Composable) -> None:
    _execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) {}").format(
            sql.Identifier(table), sql.Identifier(like), partitioning
        )
    )


def _attach(parent: str, table: str, low: sql.Literal, high: sql.Literal) -> None:
    _execute(
        sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            sql.Identifier(parent), sql.Identifier(table), low, high
        )
    )


def _children(table: str) -> list[str]:
    """Return the names of a table's partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s) AND NOT i.inhdetachpending",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def _execute(statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
