"""The poll table on PostgreSQL: partitioned by week, and each week by blocks of stores.

A report reads one or two weeks of all; a shard reads its own blocks and no others; retention drops
a week as a whole. A leaf holds the polls of 16,384 stores in a week, about two million, however
large the fleet and however long the history.

Partitions are created by the ingestion that needs them. Attaching one, instead of creating it in
place, takes no lock that blocks readers. Attaching also builds its index, which for a filled
partition takes half the time (``new_partitions``).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray
from psycopg import sql

from uptime.instants import length_in_microseconds

TABLE = "ingestion_poll"
STORES_IN_BLOCK = 1 << 14
_WEEK = timedelta(weeks=1)
_WEEK_US = length_in_microseconds(_WEEK)
_FIRST_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_FIRST_MONDAY_US = 4 * 24 * 3600 * 1_000_000
# A key has 31 bits, so a block's number has 17.
_BLOCK_BITS = 17
_BOUNDS = "poll_bounds"


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


@dataclass(frozen=True, order=True)
class Leaf:
    """The polls of one block of stores in one week."""

    week: Week
    block: int

    @classmethod
    def numbered(cls, number: int) -> "Leaf":
        """Return the leaf of a number from ``leaf_numbers``."""
        return cls(Week(number >> _BLOCK_BITS), number & ((1 << _BLOCK_BITS) - 1))

    @property
    def table(self) -> str:
        """The name of the leaf's table."""
        return f"{self.week.table}_{self.block}"


def existing_weeks() -> list[Week]:
    """Return the weeks with a table, oldest first, including detached ones of a killed prune."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'p' AND relname ~ %s AND pg_table_is_visible(oid)",
            [rf"^{TABLE}_\d{{8}}$"],
        )
        return sorted(_week_of(table) for (table,) in cursor.fetchall())


def attached_weeks() -> list[Week]:
    """Return the weeks that are part of the table, oldest first."""
    return sorted(_week_of(table) for table in _children(TABLE))


def week_numbers(polled_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each instant's week (microseconds of UTC): int64[n]."""
    return (polled_at - _FIRST_MONDAY_US) // _WEEK_US


def leaf_numbers(polled_at: NDArray[np.int64], store_key: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the number of each row's leaf, ascending by week: int64[n].

    Rows are given by instants (microseconds of UTC) and store keys.
    """
    return week_numbers(polled_at) << _BLOCK_BITS | store_key // STORES_IN_BLOCK


def lock() -> None:
    """Keep others from creating, detaching and dropping partitions until the transaction ends.

    Rows can still be read and written.
    """
    _execute(
        sql.SQL("LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE").format(sql.Identifier(TABLE))
    )


def expect(instants: Iterable[NDArray[np.int64]]) -> list[Week]:
    """Lock, and return the detached or half detached weeks with polls of these instants.

    Instants are microseconds of UTC. A half detached week is fully detached afterwards. Call this
    before the caller reads over another connection, too: it waits for existing readers, and would
    wait for the caller itself.
    """
    lock()
    attached = set(attached_weeks())
    cut_off = [week for week in existing_weeks() if week not in attached]
    if not cut_off:
        return []
    numbers = {int(n) for at in instants for n in np.unique(week_numbers(at))}
    expected = [week for week in cut_off if week.number in numbers]
    for week in expected:
        if link(week) == "pending":
            detach(week, "FINALIZE")
    return expected


def make_room(polled_at: NDArray[np.int64], store_key: NDArray[np.integer]) -> None:
    """Create the partitions for rows with these instants (microseconds of UTC) and keys."""
    needed = np.unique(leaf_numbers(polled_at, store_key)).tolist()
    with transaction.atomic():
        for leaf in create_missing([Leaf.numbered(number) for number in needed]):
            attach(leaf)


def create_missing(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Create the missing leaves, without an index and not yet attached.

    Inside a transaction; until it ends no other process creates partitions. All take the one lock
    before they create anything, to avoid deadlocks.
    """
    if not _missing(leaves):
        return []
    lock()
    missing = _missing(leaves)
    weeks = set(_children(TABLE))
    for week in sorted({leaf.week for leaf in missing}):
        if week.table not in weeks:
            attach_week(week)
    # A detached week has come back with its leaves.
    missing = _missing(missing)
    for leaf in missing:
        _create(leaf.table, leaf.week.table, sql.SQL(", {}").format(_bounds(leaf)), sql.SQL(""))
    return missing


def attach(leaf: Leaf) -> None:
    """Build a leaf's index and attach the leaf to its week."""
    low = leaf.block * STORES_IN_BLOCK
    _attach(leaf.week.table, leaf.table, sql.Literal(low), sql.Literal(low + STORES_IN_BLOCK))
    _execute(
        sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(
            sql.Identifier(leaf.table), sql.Identifier(_BOUNDS)
        )
    )


def make_room_for(polls: Iterable[tuple[datetime, int]]) -> None:
    """Create the partitions for polls of these instants and store keys, if partitions are used."""
    if connection.vendor != "postgresql":
        return
    rows = list(polls)
    microsecond = timedelta(microseconds=1)
    first = _FIRST_MONDAY - timedelta(days=4)
    make_room(
        np.array([(polled_at - first) // microsecond for polled_at, _ in rows], dtype=np.int64),
        np.array([store_key for _, store_key in rows], dtype=np.int64),
    )


def link(week: Week) -> str:
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


def leaf_of(table: str) -> Leaf:
    """Return the leaf with a table of this name."""
    week, _, block = table.rpartition("_")
    return Leaf(_week_of(week), int(block))


def detach(week: Week, manner: str) -> None:
    """Detach a week from the table, ``CONCURRENTLY``; ``FINALIZE`` completes an interrupted one."""
    statement = sql.SQL("ALTER TABLE {} DETACH PARTITION {} ").format(
        sql.Identifier(TABLE), sql.Identifier(week.table)
    )
    _execute(statement + sql.SQL(manner))


def _week_of(table: str) -> Week:
    start = datetime.strptime(table[-8:], "%Y%m%d").replace(tzinfo=UTC)
    return Week((start - _FIRST_MONDAY) // _WEEK)


def _missing(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Return the leaves that are not attached."""
    weeks = {leaf.week.table for leaf in leaves}.intersection(_children(TABLE))
    there = {table for week in weeks for table in _children(week)}
    return [leaf for leaf in leaves if leaf.table not in there]


def _bounds(leaf: Leaf) -> sql.Composable:
    """Return a constraint that saves PostgreSQL from reading a leaf again to attach it."""
    low = leaf.block * STORES_IN_BLOCK
    return sql.SQL(
        "CONSTRAINT {} CHECK (polled_at >= {} AND polled_at < {}"
        " AND store_key >= {} AND store_key < {})"
    ).format(sql.Identifier(_BOUNDS), leaf.week.start, leaf.week.end, low, low + STORES_IN_BLOCK)


def attach_week(week: Week) -> None:
    """Create a week's table if it is missing, and attach it; after ``lock``."""
    state = link(week)
    if state == "missing":
        _create(week.table, TABLE, sql.SQL(""), sql.SQL("PARTITION BY RANGE (store_key)"))
    elif state == "pending":
        detach(week, "FINALIZE")
    _attach(TABLE, week.table, sql.Literal(week.start), sql.Literal(week.end))


def _create(table: str, like: str, more: sql.Composable, partitioning: sql.Composable) -> None:
    _execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS{}) {}").format(
            sql.Identifier(table), sql.Identifier(like), more, partitioning
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
