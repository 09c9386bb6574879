"""Database rows to NumPy columns: the SQL of a QuerySet, run over ADBC, handed over by Arrow.

Rows never become Python objects, which is what makes reading millions of them a matter of
tenths of a second on both databases.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from adbc_driver_manager.dbapi import Connection, Cursor
from django.db import connection
from django.db.models import QuerySet
from numpy.typing import NDArray
from psycopg.conninfo import make_conninfo

Column = NDArray[Any]
Columns = Mapping[str, Column]
Read = Callable[[QuerySet[Any, Any], Mapping[str, str]], dict[str, Column]]

_CONNINFO = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert", "options")
_EPOCH = pa.scalar("1970-01-01")


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


_KINDS: dict[str, Callable[[pa.ChunkedArray], Column]] = {
    "instant": instants,
    "time": times_of_day,
    "text": lambda column: pc.cast(column, pa.string()).to_numpy(),
    "int8": lambda column: column.to_numpy().astype(np.int8),
    "int32": lambda column: column.to_numpy().astype(np.int32),
    "int64": lambda column: column.to_numpy().astype(np.int64),
}


@contextmanager
def snapshot() -> Iterator[Read]:
    """Yield ``read(queryset, kinds)``, whose calls all see the database at one moment.

    ``kinds`` names, in the order of the query's columns, what each holds: ``int8``, ``int32``,
    ``int64``, ``text``, ``instant`` (int64 microseconds of UTC) or ``time`` (int64 microseconds
    since midnight). No column may hold NULL. Only committed rows are seen. Raises
    ``adbc_driver_manager.Error`` when the database cannot be read.
    """
    with _connect() as source, source.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        def read(queryset: QuerySet[Any, Any], kinds: Mapping[str, str]) -> dict[str, Column]:
            table = _fetch(cursor, queryset)
            return {
                name: _KINDS[kind](table.column(number))
                for number, (name, kind) in enumerate(kinds.items())
            }

        yield read


def _connect() -> Connection:
    """Open a connection of its own to the database that Django is set up for."""
    if connection.vendor == "postgresql":
        params = connection.get_connection_params()
        known = {name: params[name] for name in _CONNINFO if params.get(name)}
        opened: Connection = adbc_driver_postgresql.dbapi.connect(make_conninfo(**known))
    else:
        opened = adbc_driver_sqlite.dbapi.connect(str(connection.settings_dict["NAME"]))
    return opened


def _fetch(cursor: Cursor, queryset: QuerySet[Any, Any]) -> pa.Table:
    """Run the query and return its rows as an Arrow table."""
    sql, params = queryset.query.sql_with_params()
    if connection.vendor == "postgresql":
        # Without parameters the driver reads by binary COPY; psycopg writes them in, quoted.
        with connection.cursor() as quoting:
            cursor.execute(quoting.mogrify(sql, params))
    else:
        cursor.execute(sql.replace("%s", "?"), params)
    return cursor.fetch_arrow_table()
