"""Bulk writes, implemented once per database; everything above is the same for both.

All run on Django's own connection, inside the caller's transaction.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from django.db import connection, models
from django.db.models.expressions import RawSQL
from numpy.typing import NDArray

from fleet.polls import postgresql, sqlite
from fleet.polls.columns import Columns, Insert
from fleet.polls.partitions import Week


class Database(Protocol):
    """Columns are named by field; instants and times are int64 microseconds.

    A column of objects may hold Python's own dates and times, and None, together with text.
    """

    def serialise(self) -> None:
        """Wait until no other ingestion writes, and keep others out until the transaction ends."""

    def hold_sample(self) -> None:
        """Wait while the sample is being replaced; it stays until this transaction ends."""

    def replace_sample(self) -> None:
        """Wait for all that hold the sample; others wait until this transaction ends."""

    def is_one_of(self, column: str, values: Sequence[str] | Sequence[int]) -> RawSQL:
        """Return the condition that a column holds one of any number of texts or keys."""

    def is_between(self, column: str, first: int, last: int) -> RawSQL:
        """Return the condition that a column of keys is in a wide range, both ends included."""

    def next_keys(self, model: type[models.Model], count: int) -> NDArray[np.int64]:
        """Return ``count`` unused keys, ascending: int64[count]; no other process gets them."""

    def insert(self, model: type[models.Model], columns: Columns) -> None:
        """Insert rows that are known to be new."""

    def expect_polls(self, instants: Iterable[NDArray[np.int64]]) -> Sequence[Week]:
        """Prepare to insert polls of these microseconds of UTC, before any ``snapshot()``.

        Returns those of their weeks that are detached from the table, for example by a prune.
        """

    def inserting(self, model: type[models.Model]) -> AbstractContextManager[Insert]:
        """Yield a function that inserts rows piece by piece; polls must be ascending in time.

        Only after the block are all rows in the table.
        """

    def update(self, model: type[models.Model], key: tuple[str, ...], columns: Columns) -> None:
        """Set the columns outside ``key`` on the rows that the columns in ``key`` name."""


def database() -> Database:
    """Return the bulk writes for the configured database."""
    return postgresql.Bulk() if connection.vendor == "postgresql" else sqlite.Bulk()
