"""Blocks of many lines to typed arrays, with Arrow and NumPy.

Lines that do not split plainly are read one by one and merged back in order.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feeds import values
from feeds.arrow_text import (
    count_lines,
    distinct_values,
    instants,
    misfits,
    picked,
    split,
    store_ids,
    without_blank_lines,
)
from feeds.headers import Header
from feeds.rows import RejectedRow, read_fields, read_row


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The rows of one block.

    rows: the number of data rows read, including rejected ones but not blank lines.
    store_ids: the distinct ids of the accepted rows, unordered.
    store: int32 (n,), for each accepted row, in file order, an index into ``store_ids``.
    columns: (n,) each. status: "at" int64 (microseconds of UTC), "status" int8 (1 active). hours:
        "weekday" int8, "opens" and "closes" int64 (microseconds since local midnight, below a
        day). timezones: "time_zone" int16, an index into ``zones.known_time_zones()``. stores:
        "name" and "tags" object, text as ``naming`` has it. special_days: "date" int32 (days since
        1970), "opens" and "closes" as above, both ``values.NO_TIME`` if closed all day, "reason"
        object.
    rejected: the other rows, in file order; at least the first ones, as many as the header's
        limits keep.
    refused: the number of rejected rows.
    """

    rows: int
    store_ids: list[str]
    store: NDArray[np.int32]
    columns: dict[str, NDArray[Any]]
    rejected: list[RejectedRow]
    refused: int

    def with_rejected(self, rows: list[RejectedRow], count: int) -> "Batch":
        """Return the batch with more rejected rows merged in; ``count`` is their number."""
        return replace(
            self,
            rows=self.rows + count,
            rejected=sorted(self.rejected + rows, key=attrgetter("line")),
            refused=self.refused + count,
        )


@dataclass(frozen=True)
class _Part:
    """The result of reading some lines: the batch, and the line number of each accepted row."""

    batch: Batch
    lines: NDArray[np.int64]


def decode(block: bytes, first_line: int, header: Header) -> Batch:
    """Return the rows of whole lines; the first has the number ``first_line``."""
    numbers = np.arange(first_line, first_line + count_lines(block))
    # Removed first, before Arrow fails on them: a block may have two million.
    if b"\n\n" in block or b"\n\r\n" in block:
        block, numbers = without_blank_lines(block, numbers)
    part = _read_at_once(block, numbers, header) if block else None
    if part is None:
        filled, numbers = without_blank_lines(block, numbers)
        if not filled:
            return no_rows(header)
        part = _read_at_once(filled, numbers, header) if len(filled) < len(block) else None
        if part is None:
            return _read_without_misfits(filled, numbers, header)
    return part.batch


def _read_without_misfits(block: bytes, numbers: NDArray[np.int64], header: Header) -> Batch:
    """Return the rows of lines some of which are odd; lines with too many or few fields in bulk.

    Reasons for these are found only as far as they are kept: a block may have a million.
    """
    wrong = misfits(block, header)
    count = int(np.count_nonzero(wrong))
    if not count:
        return _read_in_parts(block, numbers, header)
    batch = no_rows(header)
    if count < len(wrong):
        rest, rest_numbers = picked(block, numbers, ~wrong)
        part = _read_at_once(rest, rest_numbers, header)
        batch = part.batch if part else _read_in_parts(rest, rest_numbers, header)
    kept, kept_numbers = picked(block, numbers, wrong & (wrong.cumsum() <= header.limits.rejected))
    reasons = _read_by_line(kept.split(b"\n")[:-1], kept_numbers, header).batch.rejected
    return batch.with_rejected(reasons, count)


def _read_in_parts(block: bytes, numbers: NDArray[np.int64], header: Header) -> Batch:
    """Return the rows of lines some of which are odd; the odd ones are read one by one."""
    lines = block.split(b"\n")[:-1]
    plain = _plain(header)
    is_plain = np.array([plain(line) for line in lines], np.bool_)
    rest, rest_numbers = _taken(lines, numbers, is_plain)
    at_once = _read_at_once(b"".join(line + b"\n" for line in rest), rest_numbers, header)
    if at_once is None:  # No line is plain.
        return _read_by_line(lines, numbers, header).batch
    return _merged(at_once, _read_by_line(*_taken(lines, numbers, ~is_plain), header))


def _taken(
    lines: list[bytes], numbers: NDArray[np.int64], wanted: NDArray[np.bool_]
) -> tuple[list[bytes], NDArray[np.int64]]:
    return [lines[place] for place in np.flatnonzero(wanted)], numbers[wanted]


def _plain(header: Header) -> Callable[[bytes], bool]:
    """Return a test whether a line has the right number of plain or wholly quoted fields."""
    apart = re.escape(header.delimiter.encode())
    field = rb'(?:"[^"\r\0%b]*"|[^"\r\0%b]*)' % (apart, apart)
    fields = re.compile(
        rb'(?!"?\xef\xbb\xbf)' + apart.join([field] * len(header.names)) + rb"\r?"
    ).fullmatch
    return lambda line: fields(line) is not None and is_utf8(line)


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_by_line(lines: Sequence[bytes], numbers: NDArray[np.int64], header: Header) -> _Part:
    """Return the rows of lines, read one by one."""
    ids: dict[str, int] = {}
    store: list[int] = []
    taken: list[int] = []
    values_read: list[tuple[int | str, ...]] = []
    rejected: list[RejectedRow] = []
    refused = 0
    for line, number in zip(lines, numbers.tolist(), strict=True):
        row = read_row(line, number, header)
        if isinstance(row, RejectedRow):
            refused += 1
            if refused <= header.limits.rejected:
                rejected.append(row)
        elif row is not None:
            store.append(ids.setdefault(row.store_id, len(ids)))
            taken.append(number)
            values_read.append(row.values)
    columns = {
        column.name: np.array([row[place] for row in values_read], column.dtype)
        for place, column in enumerate(header.feed.columns)
    }
    batch = Batch(
        rows=len(taken) + refused,
        store_ids=list(ids),
        store=np.array(store, np.int32),
        columns=columns,
        rejected=rejected,
        refused=refused,
    )
    return _Part(batch, np.array(taken, np.int64))


def _read_at_once(block: bytes, lines: NDArray[np.int64], header: Header) -> _Part | None:
    """Return the rows of a block of lines with these numbers, None if one is odd."""
    texts = split(block, header)
    return None if texts is None else _read_part(texts, lines, header)


def no_rows(header: Header) -> Batch:
    columns = {column.name: np.empty(0, column.dtype) for column in header.feed.columns}
    return Batch(
        rows=0,
        store_ids=[],
        store=np.empty(0, np.int32),
        columns=columns,
        rejected=[],
        refused=0,
    )


def read_columns(texts: list[Any], lines: NDArray[np.int64], header: Header) -> Batch:
    """Return the rows of at least one line, split into Arrow text as ``arrow_text.split`` does.

    lines: int64 (n,), each row's line number.
    """
    return _read_part(texts, lines, header).batch


def _read_part(texts: list[Any], lines: NDArray[np.int64], header: Header) -> _Part:
    ids, store = store_ids(texts[0])
    good = store >= 0
    columns: dict[str, NDArray[Any]] = {}
    for column, text in zip(header.feed.columns, texts[1:], strict=True):
        if column.check is values.instant:
            columns[column.name], fine = instants(text, header.limits.latest)
        else:
            columns[column.name], fine = distinct_values(text, column)
        good &= fine
    for one, other in pairwise(header.feed.together):
        good &= (columns[one] == values.NO_TIME) == (columns[other] == values.NO_TIME)
    rejected: list[RejectedRow] = []
    if not good.all():
        kept = np.flatnonzero(~good)[: header.limits.rejected]
        rejected = list(_rejected(texts, kept, lines, header))
        used, places = np.unique(store[good], return_inverse=True)
        store = places.astype(np.int32)
        ids = [ids[index] for index in used]
        columns = {name: column[good] for name, column in columns.items()}
    batch = Batch(
        rows=len(good),
        store_ids=ids,
        store=store,
        columns=columns,
        rejected=rejected,
        refused=len(good) - len(store),
    )
    return _Part(batch, lines if len(store) == len(good) else lines[good])


def _rejected(
    texts: list[Any],
    rows: NDArray[np.intp],
    lines: NDArray[np.int64],
    header: Header,
) -> Iterator[RejectedRow]:
    """Yield the rejected rows of a block."""
    written = [text.take(rows).to_pylist() for text in texts]
    for row, fields in zip(rows.tolist(), zip(*written, strict=True), strict=True):
        outcome = read_fields(fields, int(lines[row]), header)
        if isinstance(outcome, RejectedRow):
            yield outcome


def _merged(one: _Part, other: _Part) -> Batch:
    """Return the rows of two parts of a block in line order."""
    order = np.argsort(np.concatenate((one.lines, other.lines)))
    ids = {store_id: index for index, store_id in enumerate(one.batch.store_ids)}
    places = [ids.setdefault(store_id, len(ids)) for store_id in other.batch.store_ids]
    store = np.concatenate((one.batch.store, np.array(places, np.int32)[other.batch.store]))
    return Batch(
        rows=one.batch.rows + other.batch.rows,
        store_ids=list(ids),
        store=store[order],
        columns={
            name: np.concatenate((column, other.batch.columns[name]))[order]
            for name, column in one.batch.columns.items()
        },
        rejected=sorted(one.batch.rejected + other.batch.rejected, key=attrgetter("line")),
        refused=one.batch.refused + other.batch.refused,
    )
