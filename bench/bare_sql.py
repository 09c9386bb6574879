"""The least that a database can take for the polls: one bulk write, one read of all of them."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

import adbc_driver_postgresql.dbapi
import numpy as np
import psycopg
from numpy.typing import NDArray

Polls = Mapping[str, NDArray[Any]]

_COPY = "COPY ingestion_poll (polled_at, store_key, status) FROM STDIN (FORMAT BINARY)"
_INSERT = "INSERT INTO ingestion_poll (polled_at, store_key, status) VALUES (?, ?, ?)"
_SELECT = "SELECT store_key, polled_at, status FROM ingestion_poll"
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_BLOCK = 1 << 18
_EPOCH_OF_POSTGRESQL = 946_684_800_000_000
_RECORD = [
    ("fields", ">i2"),
    *(("length of instant", ">i4"), ("instant", ">i8")),
    *(("length of store", ">i4"), ("store", ">i4")),
    *(("length of status", ">i4"), ("status", ">i2")),
]


def copy(connection: psycopg.Connection[Any], polls: Polls) -> Callable[[], int]:
    """Return the writing of ``polls`` by one COPY of bytes that are ready."""
    records = np.empty(len(polls["polled_at"]), dtype=_RECORD)
    records["fields"] = 3
    for name, length in (("instant", 8), ("store", 4), ("status", 2)):
        records[f"length of {name}"] = length
    records["instant"] = polls["polled_at"] - _EPOCH_OF_POSTGRESQL
    records["store"] = polls["store"]
    records["status"] = polls["status"]
    stream = memoryview(_HEADER + records.tobytes() + _END)

    def write() -> int:
        with connection.transaction(), connection.cursor().copy(_COPY) as sent:
            for start in range(0, len(stream), _BLOCK):
                sent.write(stream[start : start + _BLOCK])
        return len(records)

    return write


def executemany(connection: sqlite3.Connection, polls: Polls) -> Callable[[], int]:
    """Return the writing of ``polls`` by one statement over tuples that are ready."""
    rows = list(
        zip(
            _texts(polls["polled_at"]),
            polls["store"].tolist(),
            polls["status"].tolist(),
            strict=True,
        )
    )

    def write() -> int:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_INSERT, rows)
        connection.execute("COMMIT")
        return len(rows)

    return write


@contextmanager
def arrow_read(url: str, query: str) -> Iterator[Callable[[], int]]:
    """Yield the reading of a query into Arrow over one connection of ADBC to PostgreSQL."""
    with adbc_driver_postgresql.dbapi.connect(url) as source, source.cursor() as cursor:

        def read() -> int:
            cursor.execute(query)
            return int(cursor.fetch_arrow_table().num_rows)

        yield read


@contextmanager
def tuples_read(path: str, query: str) -> Iterator[Callable[[], int]]:
    """Yield the reading of a query into tuples over one connection to SQLite."""
    with closing(sqlite3.connect(path)) as source:
        yield lambda: len(source.execute(query).fetchall())


def select(start: datetime, end: datetime, *, ordered: bool, zone: str) -> str:
    """Return the query for the polls from ``start`` to ``end``, by store and time if ordered."""
    first, last = (f"'{at:%Y-%m-%d %H:%M:%S.%f}{zone}'" for at in (start, end))
    order = " ORDER BY store_key, polled_at" if ordered else ""
    return f"{_SELECT} WHERE polled_at >= {first} AND polled_at <= {last}{order}"


def _texts(instants: NDArray[np.int64]) -> list[str]:
    """Return instants as Django stores them in SQLite."""
    texts = np.datetime_as_string(instants.astype("datetime64[us]")).tolist()
    return [text.replace("T", " ").removesuffix(".000000") for text in texts]
