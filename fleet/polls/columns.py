"""Database rows to NumPy columns: the SQL of a QuerySet, with results as Arrow data.

On PostgreSQL rows arrive over ADBC and never become Python objects, so millions of them are read
in tenths of a second. SQLite is read through the interpreter's own copy of it. ADBC brings another,
and two copies in one process release each other's locks: with it, rows that Django had committed
were lost.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from itertools import chain, islice
from typing import Any

import adbc_driver_postgresql.dbapi
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import QuerySet
from numpy.typing import NDArray
from psycopg import pq
from psycopg.conninfo import make_conninfo

Column = NDArray[Any]
Columns = Mapping[str, Column]
Insert = Callable[[Columns], None]
Read = Callable[[QuerySet[Any, Any], Mapping[str, str]], dict[str, Column]]
Fetch = Callable[[QuerySet[Any, Any]], list[pa.ChunkedArray]]

# Django's connection parameters include psycopg's own settings; only these go to libpq, of which
# ADBC brings another copy.
_LIBPQ = frozenset(option.keyword.decode() for option in pq.Conninfo.get_defaults())
# All our columns have types that every server has. By default the driver first reads the catalog of
# all types and columns: 64 ms per connection instead of 10.
BUILT_IN_TYPES = {"adbc.postgresql.type_resolver_mode": "builtin"}
_EPOCH = pa.scalar("1970-01-01")
# Fewer than Python allocates before it looks for garbage, which takes as long as everything else.
_ROWS_AT_ONCE = 500
_BATCHES_IN_CHUNK = 100


def instants(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return int64 microseconds of UTC; PostgreSQL sends timestamps, SQLite their text."""
    values: NDArray[np.int64] = pc.cast(column, pa.timestamp("us")).to_numpy().astype(np.int64)
    return values


def times_of_day(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return int64 microseconds since midnight; PostgreSQL sends times, SQLite their text."""
    if pa.types.is_time(column.type):
        values: NDArray[np.int64] = pc.cast(column, pa.int64()).to_numpy()
        return values
    return instants(pc.binary_join_element_wise(_EPOCH, pc.cast(column, pa.string()), " "))


def dates(column: pa.ChunkedArray) -> NDArray[np.int32]:
    """Return int32 days since 1970; PostgreSQL sends dates, SQLite their text."""
    days: NDArray[np.int32] = pc.cast(pc.cast(column, pa.date32()), pa.int32()).to_numpy()
    return days


_KINDS: dict[str, Callable[[pa.ChunkedArray], Column]] = {
    "date": dates,
    "instant": instants,
    "time": times_of_day,
    "text": lambda column: pc.cast(column, pa.string()).to_numpy(),
    "int8": lambda column: column.to_numpy().astype(np.int8),
    "int32": lambda column: column.to_numpy().astype(np.int32),
    "int64": lambda column: column.to_numpy().astype(np.int64),
}


@contextmanager
def snapshot(*, few: bool = False) -> Iterator[Read]:
    """Yield ``read(queryset, kinds)``, whose calls all see the same snapshot of the database.

    ``kinds`` maps the query's columns, in order, to their types: ``int8``, ``int32``, ``int64``,
    ``text``, ``instant`` (int64 microseconds of UTC), ``time`` (int64 microseconds since
    midnight) or ``date`` (int32 days since 1970). No column may contain NULL. Only committed rows
    are seen. Any thread may read, one at a time; with ``few``, for thousands of rows rather than
    millions, only the calling thread. Raises ``adbc_driver_manager.Error`` (PostgreSQL) or
    ``django.db.Error`` if the database cannot be read.
    """
    with _source(few=few)() as fetch:

        def read(queryset: QuerySet[Any, Any], kinds: Mapping[str, str]) -> dict[str, Column]:
            columns = zip(kinds.items(), fetch(queryset), strict=True)
            return {name: _KINDS[kind](column) for (name, kind), column in columns}

        yield read


def _source(*, few: bool) -> Callable[[], AbstractContextManager[Fetch]]:
    if connection.vendor != "postgresql":
        return _sqlite
    # Another connection takes longer than a few thousand rows do. Inside a transaction it is
    # needed: what that one sees has been settled.
    return _own_transaction if few and not connection.in_atomic_block else _postgresql


def conninfo(params: Mapping[str, Any]) -> str:
    """Return a libpq connection string equivalent to Django's psycopg parameters."""
    return make_conninfo(**{name: params[name] for name in params if name in _LIBPQ})


@contextmanager
def _postgresql() -> Iterator[Fetch]:
    """Yield a function that runs a query over an ADBC connection."""
    # The connection of this thread, whichever thread reads.
    database: Any = connections[DEFAULT_DB_ALIAS]
    with ExitStack() as opened, connection.cursor() as quoting:

        def open_cursor() -> adbc_driver_postgresql.dbapi.Cursor:
            source = adbc_driver_postgresql.dbapi.connect(
                conninfo(database.get_connection_params()), db_kwargs=BUILT_IN_TYPES
            )
            cursor = opened.enter_context(opened.enter_context(source).cursor())
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return cursor

        def columns_of(sql: str) -> list[pa.ChunkedArray]:
            cursor.execute(sql)
            return list(cursor.fetch_arrow_table().columns)

        cursor = database.watched(open_cursor, opened)

        def fetch(queryset: QuerySet[Any, Any]) -> list[pa.ChunkedArray]:
            # Without parameters the driver reads by binary COPY; psycopg inserts them, quoted.
            sql = quoting.mogrify(*queryset.query.sql_with_params())
            return list(database.watched(partial(columns_of, sql), opened))

        yield fetch


@contextmanager
def _own_transaction() -> Iterator[Fetch]:
    """Yield a function that runs a query over Django's connection to PostgreSQL."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        def fetch(queryset: QuerySet[Any, Any]) -> list[pa.ChunkedArray]:
            cursor.execute(*queryset.query.sql_with_params())
            width = len(cursor.description)
            columns = zip(*cursor.fetchall(), strict=True)
            return _chunked([[pa.array(values)] for values in columns] or [[]] * width)

        yield fetch


@contextmanager
def _sqlite() -> Iterator[Fetch]:
    """Yield a function that runs a query over a second connection of Python's own driver."""
    name = str(connection.settings_dict["NAME"])
    timeout = connection.settings_dict["OPTIONS"].get("timeout", 5)
    with (
        connection.wrap_database_errors,
        closing(
            sqlite3.connect(name, timeout=timeout, isolation_level=None, check_same_thread=False)
        ) as source,
    ):
        source.execute("BEGIN")

        def fetch(queryset: QuerySet[Any, Any]) -> list[pa.ChunkedArray]:
            sql, params = queryset.query.sql_with_params()
            cursor = source.execute(sql.replace("%s", "?"), params)
            batches = iter(partial(cursor.fetchmany, _ROWS_AT_ONCE), [])
            chunks: list[list[pa.Array]] = [[] for _ in cursor.description]
            while some := list(map(_turned, islice(batches, _BATCHES_IN_CHUNK))):
                for column, parts in zip(chunks, zip(*some, strict=True), strict=True):
                    column.append(pa.array(list(chain.from_iterable(parts))))
            return _chunked(chunks)

        yield fetch


def _turned(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True))


def _chunked(columns: list[list[pa.Array]]) -> list[pa.ChunkedArray]:
    return [pa.chunked_array(chunks, None if chunks else pa.null()) for chunks in columns]
