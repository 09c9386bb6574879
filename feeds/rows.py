"""Reading line by line in plain Python: the specification of how a row is read.

``blocks`` reads many lines at once and must give the same rows and reasons.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from feeds.declared import Column
from feeds.headers import Header
from feeds.values import NO_TIME, BadValue, instant, store_id

_CSV_REASONS = {
    "unexpected end of data": "has a quote that is never closed",
    "new-line character": "has a carriage return in the middle",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedRow:
    """A rejected row and the reason.

    line: 1-based; the header is line 1 of most files.
    field: the file's own name of the column, empty if the whole line is at fault.
    value: the text of the field, cut to 200 characters.
    reason: continues a sentence that begins with the value.
    """

    line: int
    field: str
    value: str
    reason: str


class Row(NamedTuple):
    """An accepted row: the store id and the values of the feed's columns."""

    store_id: str
    values: tuple[int | str, ...]


def read_row(line: bytes, number: int, header: Header) -> Row | RejectedRow | None:
    """Return the row of a line, None for a blank line, which does not count as a row."""
    if not line.strip(b" \r\n"):
        return None
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
    try:
        fields = _split(text, header)
    except BadValue as error:
        return RejectedRow(line=number, field="", value=legible(text), reason=str(error))
    return read_fields([fields[position] for position in header.positions], number, header)


def read_fields(fields: Sequence[str], number: int, header: Header) -> Row | RejectedRow:
    """Return the row with the needed fields; the first bad field rejects it.

    Fields that belong together are compared when each of them is good.
    """
    bad = 0
    try:
        key = store_id(fields[0])
        taken: list[int | str] = []
        for bad, column in enumerate(header.feed.columns, 1):
            taken.append(column.check(fields[bad]))
            _check_limit(taken[-1], column, header)
        for at in header.feed.together_at:
            bad = at + 1
            _check_together(taken[at], taken, header)
    except BadValue as error:
        name, value = header.names[header.positions[bad]], legible(fields[bad].strip())
        return RejectedRow(line=number, field=name, value=value, reason=str(error))
    return Row(key, tuple(taken))


def _check_limit(value: int | str, column: Column, header: Header) -> None:
    if column.check is instant and int(value) > header.limits.latest:
        raise BadValue(header.limits.too_late)


def _check_together(value: int | str, taken: Sequence[int | str], header: Header) -> None:
    """Raise BadValue for a value that is missing although one it belongs to is there."""
    if value != NO_TIME:
        return
    for at in header.feed.together_at:
        if taken[at] != NO_TIME:
            there = header.names[header.positions[at + 1]]
            raise BadValue(f"is empty, but {there} is not: give both, or neither for a closed day")


def legible(text: str) -> str:
    """Return text that is valid UTF-8 and not too long."""
    return text[:200].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _split(text: str, header: Header) -> list[str]:
    """Return the fields of one line; a quoted line break is not supported."""
    if "\0" in text:
        raise BadValue("has a NUL byte")
    try:
        reader = csv.reader([text], delimiter=header.delimiter, skipinitialspace=True, strict=True)
        fields = next(reader)
    except csv.Error as error:
        raise BadValue(_csv_reason(str(error))) from None
    if len(fields) != len(header.names):
        raise BadValue(f"has {len(fields)} fields where the header has {len(header.names)}")
    return fields


def _csv_reason(message: str) -> str:
    for beginning, reason in _CSV_REASONS.items():
        if message.startswith(beginning):
            return reason
    return f"is not valid CSV: {message}"
