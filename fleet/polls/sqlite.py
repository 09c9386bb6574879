"""Bulk writes on SQLite: prepared statements over all rows, in process."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, models
from django.db.models.expressions import RawSQL
from numpy.typing import NDArray

from fleet.polls.columns import Column, Columns, Insert
from fleet.polls.partitions import TABLE, Week

_ROWS_AT_ONCE = 100_000
STORE_INDEX = "ingestion_poll_store"
# Building the index takes a seventh of the time, for each row, that keeping it takes.
_DEARER_TO_KEEP = 7


class Bulk:
    """See ``fleet.polls.database.Database``."""

    def serialise(self) -> None:
        """Do nothing: the transaction took the one write lock when it began."""

    def hold_sample(self) -> None:
        """Do nothing, for the same reason."""

    def replace_sample(self) -> None:
        """Do nothing, for the same reason."""

    def is_one_of(self, column: str, values: Sequence[str] | Sequence[int]) -> RawSQL:
        """Send the values as one JSON array: the number of parameters is limited."""
        condition = f"{connection.ops.quote_name(column)} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - quoted # nosec B608
        return RawSQL(condition, [json.dumps(values)], models.BooleanField())  # noqa: S611 - quoted # nosec B611

    def is_between(self, column: str, first: int, last: int) -> RawSQL:
        """Keep SQLite from reading a wide range by the index of stores, row by row.

        That takes four times as long as reading the same polls by time. An expression, ``+column``,
        has no index.
        """
        condition = f"+{connection.ops.quote_name(column)} BETWEEN %s AND %s"
        return RawSQL(condition, [first, last], models.BooleanField())  # noqa: S611 - quoted # nosec B611

    def next_keys(self, model: type[models.Model], count: int) -> NDArray[np.int64]:
        """Continue after the last key; an insert records the keys it used."""
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = %s", [table])
            (last,) = cursor.fetchone()
        return np.arange(1, count + 1) + (last or 0)

    def insert(self, model: type[models.Model], columns: Columns) -> None:
        names = ", ".join(_quoted(model, name) for name in columns)
        marks = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {_table(model)} ({names}) VALUES ({marks})"  # noqa: S608 - quoted # nosec B608
        _run(model, statement, columns)

    def expect_polls(self, instants: Iterable[NDArray[np.int64]]) -> Sequence[Week]:  # noqa: ARG002
        """Do nothing: there are no partitions."""
        return ()

    @contextmanager
    def inserting(self, model: type[models.Model]) -> Iterator[Insert]:
        """Drop the index by store as soon as building it again will take less than keeping it."""
        if model._meta.db_table != TABLE:
            yield partial(self.insert, model)
            return
        there, new = _rows_at_most(model), 0

        def insert(polls: Columns) -> None:
            nonlocal new
            before, new = new, new + len(polls["polled_at"])
            if before * _DEARER_TO_KEEP <= there < new * _DEARER_TO_KEEP:
                with connection.cursor() as cursor:
                    cursor.execute(f"DROP INDEX IF EXISTS {STORE_INDEX}")
            self.insert(model, polls)

        yield insert

    def update(self, model: type[models.Model], key: tuple[str, ...], columns: Columns) -> None:
        values = [name for name in columns if name not in key]
        settings = ", ".join(f"{_quoted(model, name)} = %s" for name in values)
        rows = " AND ".join(f"{_quoted(model, name)} = %s" for name in key)
        statement = f"UPDATE {_table(model)} SET {settings} WHERE {rows}"  # noqa: S608 - quoted # nosec B608
        _run(model, statement, {name: columns[name] for name in (*values, *key)})


def _rows_at_most(model: type[models.Model]) -> int:
    """Return the last row id: counting rows would read them all."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(rowid), 0) FROM {_table(model)}")  # noqa: S608 - quoted # nosec B608
        (last,) = cursor.fetchone()
    return int(last)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _quoted(model: type[models.Model], name: str) -> str:
    return connection.ops.quote_name(_field(model, name).column)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _run(model: type[models.Model], statement: str, columns: Columns) -> None:
    """Execute the statement once per row, with the columns' values in order."""
    kinds = [_field(model, name).get_internal_type() for name in columns]
    size = len(next(iter(columns.values())))
    with connection.cursor() as cursor:
        for start in range(0, size, _ROWS_AT_ONCE):
            block = [column[start : start + _ROWS_AT_ONCE] for column in columns.values()]
            values = [_values(kind, column) for kind, column in zip(kinds, block, strict=True)]
            cursor.executemany(statement, list(zip(*values, strict=True)))


def _values(kind: str, column: Column) -> list[Any]:
    if kind in {"DateField", "TimeField"} and column.dtype == object:
        return [None if value is None else str(value) for value in column.tolist()]
    if kind not in {"DateTimeField", "TimeField"}:
        return list(column.tolist())
    texts = _instant_texts(column)
    return [text[11:] for text in texts] if kind == "TimeField" else texts


def _instant_texts(column: Column) -> list[str]:
    """Return instants as Django stores them: with a fraction of six digits, or none.

    The format must match exactly, because the key of polls compares text.
    """
    texts = pc.cast(pa.array(column).cast(pa.timestamp("us")), pa.string())
    whole = pa.array(np.asarray(column) % 1_000_000 == 0)
    return list(pc.if_else(whole, pc.utf8_slice_codeunits(texts, 0, 19), texts).to_pylist())
