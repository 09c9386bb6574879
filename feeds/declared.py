"""Declarations of the five feeds: their columns, header names and valid values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from feeds import naming, values

STORE_ID = "store_id"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a feed besides the store id.

    name: its key in ``Batch.columns``.
    headers: accepted header names, the usual one first. Case, spaces, "_" and "-" are ignored.
    check: text -> value; raises BadValue with a reason.
    dtype: of the array in a batch; ``object`` holds text.
    """

    name: str
    headers: tuple[str, ...]
    check: Callable[[str], int] | Callable[[str], str]
    dtype: Literal["int8", "int16", "int32", "int64", "object"]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One feed: its name (a value of ``models.Feed``) and its columns besides the store id.

    together: the names of columns that a row gives all or none of; ``values.NO_TIME`` is none.
    """

    name: str
    columns: tuple[Column, ...]
    together: tuple[str, ...] = ()

    @property
    def dtypes(self) -> dict[str, str]:
        """The dtype of each column of numbers; the reader numbers stores and texts."""
        numbered = {column.name: column.dtype.replace("object", "int32") for column in self.columns}
        return {"store": "int32", **numbered}

    @property
    def headers(self) -> list[tuple[str, ...]]:
        """The accepted header names of each needed column, the store id first."""
        return [(STORE_ID,), *(column.headers for column in self.columns)]

    @property
    def together_at(self) -> tuple[int, ...]:
        """The indexes in ``columns`` of those that are given together."""
        return tuple(at for at, column in enumerate(self.columns) if column.name in self.together)


FEEDS = {
    feed.name: feed
    for feed in (
        Feed(
            name="status",
            columns=(
                Column(name="status", headers=("status",), check=values.status, dtype="int8"),
                Column(name="at", headers=("timestamp_utc",), check=values.instant, dtype="int64"),
            ),
        ),
        Feed(
            name="hours",
            columns=(
                Column(
                    name="weekday",
                    headers=("day", "dayOfWeek"),
                    check=values.weekday,
                    dtype="int8",
                ),
                Column(
                    name="opens",
                    headers=("start_time_local",),
                    check=values.opening_time,
                    dtype="int64",
                ),
                Column(
                    name="closes",
                    headers=("end_time_local",),
                    check=values.closing_time,
                    dtype="int64",
                ),
            ),
        ),
        Feed(
            name="timezones",
            columns=(
                Column(
                    name="time_zone",
                    headers=("timezone_str", "timezone"),
                    check=values.time_zone,
                    dtype="int16",
                ),
            ),
        ),
        Feed(
            name="stores",
            columns=(
                Column(
                    name="name",
                    headers=("name", "store_name"),
                    check=naming.store_name,
                    dtype="object",
                ),
                Column(name="tags", headers=("tags",), check=naming.tags, dtype="object"),
            ),
        ),
        Feed(
            name="special_days",
            columns=(
                Column(name="date", headers=("date",), check=values.date, dtype="int32"),
                Column(
                    name="opens",
                    headers=("start_time_local",),
                    check=values.opening_time_or_none,
                    dtype="int64",
                ),
                Column(
                    name="closes",
                    headers=("end_time_local",),
                    check=values.closing_time_or_none,
                    dtype="int64",
                ),
                Column(name="reason", headers=("reason",), check=naming.reason, dtype="object"),
            ),
            together=("opens", "closes"),
        ),
    )
}
