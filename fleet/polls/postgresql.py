"""Bulk writes on PostgreSQL: binary COPY of new rows, array-based UPDATE of changed ones."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from django.db import connection, models
from django.db.models.expressions import RawSQL
from numpy.typing import NDArray
from psycopg import sql

from fleet.polls import partitions
from fleet.polls.columns import Column, Columns, Insert
from fleet.polls.new_partitions import NewPartitions

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# PostgreSQL counts from 2000.
_POSTGRESQL_EPOCH = 946_684_800_000_000
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"
_COPY_ROWS = 1 << 13
# Field type: its binary format, and the array type it is sent as.
_BINARY = {
    "AutoField": ">i4",
    "DateTimeField": ">i8",
    "SmallIntegerField": ">i2",
    "TimeField": ">i8",
}
_ARRAY = {
    "AutoField": sql.SQL("%s::integer[]"),
    "CharField": sql.SQL("%s::text[]"),
    "DateField": sql.SQL("%s::date[]"),
    "DateTimeField": sql.SQL("%s::timestamptz[]"),
    "SmallIntegerField": sql.SQL("%s::smallint[]"),
    "TimeField": sql.SQL("%s::time[]"),
}
# Any number works, as long as every ingestion uses the same one.
_LOCK = 7_283_491_065
_SAMPLE_LOCK = 7_283_491_066


class Bulk:
    """See ``fleet.polls.database.Database``."""

    def serialise(self) -> None:
        """Take a lock that is released at the end of the transaction."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])

    def hold_sample(self) -> None:
        """Share a lock with all others that read the newest poll."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_SAMPLE_LOCK])

    def replace_sample(self) -> None:
        """Take that lock exclusively."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SAMPLE_LOCK])

    def is_one_of(self, column: str, values: Sequence[str] | Sequence[int]) -> RawSQL:
        """Send the values as one array: a list of parameters takes far longer to plan."""
        condition = f"{connection.ops.quote_name(column)} = ANY(%s)"
        return RawSQL(condition, [list(values)], models.BooleanField())  # noqa: S611 - quoted # nosec B611

    def is_between(self, column: str, first: int, last: int) -> RawSQL:
        condition = f"{connection.ops.quote_name(column)} BETWEEN %s AND %s"
        return RawSQL(condition, [first, last], models.BooleanField())  # noqa: S611 - quoted # nosec B611

    def next_keys(self, model: type[models.Model], count: int) -> NDArray[np.int64]:
        """Take them from the table's sequence."""
        key = model._meta.pk
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [model._meta.db_table, key.column, count],
            )
            return np.array([number for (number,) in cursor.fetchall()], np.int64)

    def insert(self, model: type[models.Model], columns: Columns) -> None:
        """Insert rows by COPY; text as one array per column, in one statement."""
        fields = _fields(model, columns)
        if any(_kind(field) not in _BINARY for field in fields.values()):
            _insert_arrays(model, fields, columns)
            return
        with self.inserting(model) as insert:
            insert(columns)

    def expect_polls(self, instants: Iterable[NDArray[np.int64]]) -> Sequence[partitions.Week]:
        """Keep existing weeks from being detached."""
        return partitions.expect(instants)

    @contextmanager
    def inserting(self, model: type[models.Model]) -> Iterator[Insert]:
        """Send each piece by COPY, creating missing partitions for polls."""
        if model._meta.db_table != partitions.TABLE:
            yield partial(_copy, model, model._meta.db_table)
            return
        new = NewPartitions()

        def insert(polls: Columns) -> None:
            for table, rows in new.tables(polls):
                _copy(model, table, rows)

        yield insert
        new.attach()

    def update(self, model: type[models.Model], key: tuple[str, ...], columns: Columns) -> None:
        """Join the table with the values, sent as one array per column."""
        fields = _fields(model, columns)
        named = {name: sql.Identifier(field.column) for name, field in fields.items()}
        table = sql.Identifier(model._meta.db_table)
        statement = sql.SQL("UPDATE {} SET {} FROM unnest({}) AS given ({}) WHERE {}").format(
            table,
            sql.SQL(", ").join(
                sql.SQL("{0} = given.{0}").format(named[name])
                for name in columns
                if name not in key
            ),
            sql.SQL(", ").join(_ARRAY[_kind(field)] for field in fields.values()),
            sql.SQL(", ").join(named.values()),
            sql.SQL(" AND ").join(
                sql.SQL("{0}.{1} = given.{1}").format(table, named[name]) for name in key
            ),
        )
        values = {name: _values(fields[name], columns[name]) for name in columns}
        within = [name for name in key if _kind(fields[name]) == "DateTimeField"]
        for name in within:
            # With explicit bounds the planner can exclude all other partitions.
            bounds = (sql.Literal(min(values[name])), sql.Literal(max(values[name])))
            statement += sql.SQL(" AND {}.{} BETWEEN {} AND {}").format(table, named[name], *bounds)
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values.values()))


def _copy(model: type[models.Model], table: str, columns: Columns) -> None:
    """Send rows in binary form; each block is encoded while the server processes the last."""
    fields = _fields(model, columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in fields.values()),
    )
    size = len(next(iter(columns.values())))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(_COPY_HEADER)
        for start in range(0, size, _COPY_ROWS):
            block = {name: c[start : start + _COPY_ROWS] for name, c in columns.items()}
            copy.write(_encoded(fields, block).view(np.uint8).data)
        copy.write(_COPY_END)


def _insert_arrays(model: type[models.Model], fields: dict[str, Any], columns: Columns) -> None:
    statement = sql.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(sql.Identifier(field.column) for field in fields.values()),
        sql.SQL(", ").join(_ARRAY[_kind(field)] for field in fields.values()),
    )
    values = [_values(fields[name], columns[name]) for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _fields(model: type[models.Model], columns: Columns) -> dict[str, Any]:
    return {name: model._meta.get_field(name) for name in columns}


def _kind(field: Any) -> str:
    """Return the class name of the field; for a foreign key, that of its target."""
    return str(getattr(field, "target_field", field).get_internal_type())


def _encoded(fields: dict[str, Any], columns: Columns) -> NDArray[Any]:
    """Return the rows in COPY's binary format: a count, then a length before each value."""
    kinds = {name: _BINARY[_kind(field)] for name, field in fields.items()}
    layout = [("count", ">i2")]
    for name, kind in kinds.items():
        layout += [(f"length of {name}", ">i4"), (name, kind)]
    rows = np.empty(len(next(iter(columns.values()))), dtype=layout)
    rows["count"] = len(columns)
    for name, field in fields.items():
        rows[f"length of {name}"] = np.dtype(kinds[name]).itemsize
        is_instant = _kind(field) == "DateTimeField"
        rows[name] = columns[name] - _POSTGRESQL_EPOCH if is_instant else columns[name]
    return rows


def _values(field: Any, column: Column) -> list[Any]:
    if _kind(field) != "DateTimeField":
        return list(column.tolist())
    return [_EPOCH + timedelta(microseconds=value) for value in column.tolist()]
