"""Blocks of many lines to typed arrays at once, with Arrow and NumPy.

The quick way takes a block whose every line splits plainly. A block it cannot take is halved
until the odd lines stand in a small one, which is then read line by line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingestion import values
from ingestion.arrow_text import count_lines, distinct_values, instants, split, store_ids
from ingestion.headers import Header
from ingestion.rows import RejectedRow, Row, read_fields, read_row

_SMALL = 8 * 1024


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The rows of one block.

    rows: the data rows read, rejected ones included, blank lines not.
    store_ids: the distinct ids of the accepted rows, in no order.
    store: int32 (n,), for each accepted row in file order an index into ``store_ids``.
    columns: (n,) each. status: "at" int64 (microseconds of UTC), "status" int8 (1 active). hours:
        "weekday" int8, "opens" and "closes" int64 (microseconds since local midnight, below a
        day). timezones: "time_zone" int16, an index into ``zones.known_time_zones()``.
    rejected: the other rows, in file order.
    """

    rows: int
    store_ids: list[str]
    store: NDArray[np.int32]
    columns: dict[str, NDArray[Any]]
    rejected: list[RejectedRow]


def decode(block: bytes, first_line: int, header: Header) -> Batch:
    """Return the rows of whole lines, the first of which has the number ``first_line``."""
    return _joined(list(_pieces(block, first_line, header)))


def _pieces(block: bytes, line: int, header: Header) -> Iterator[Batch]:
    batch = _read_at_once(block, line, header)
    middle = block.find(b"\n", len(block) // 2) + 1
    if batch is not None:
        yield batch
    elif len(block) <= _SMALL or middle in {0, len(block)}:
        yield _read_by_line(block, line, header)
    else:
        yield from _pieces(block[:middle], line, header)
        yield from _pieces(block[middle:], line + count_lines(block[:middle]), header)


def _read_by_line(block: bytes, first_line: int, header: Header) -> Batch:
    lines = block.split(b"\n")[:-1]
    read = [read_row(line, number, header) for number, line in enumerate(lines, first_line)]
    taken = [row for row in read if isinstance(row, Row)]
    rejected = [row for row in read if isinstance(row, RejectedRow)]
    ids: dict[str, int] = {}
    store = [ids.setdefault(row.store_id, len(ids)) for row in taken]
    columns = {
        column.name: np.array([row.values[place] for row in taken], column.dtype)
        for place, column in enumerate(header.feed.columns)
    }
    return Batch(
        rows=len(taken) + len(rejected),
        store_ids=list(ids),
        store=np.array(store, np.int32),
        columns=columns,
        rejected=rejected,
    )


def _read_at_once(block: bytes, first_line: int, header: Header) -> Batch | None:
    """Return the rows of a block, None where a line of it needs a closer look."""
    texts = split(block, header)
    known = store_ids(texts[0]) if texts else None
    if texts is None or known is None:
        return None
    ids, store = known
    good = store >= 0
    columns: dict[str, NDArray[Any]] = {}
    for column, text in zip(header.feed.columns, texts[1:], strict=True):
        read = instants(text) if column.check is values.instant else distinct_values(text, column)
        if read is None:
            return None
        columns[column.name], fine = read
        good &= fine
    rejected: list[RejectedRow] = []
    if not good.all():
        rejected = list(_rejected(texts, np.flatnonzero(~good), first_line, header))
        used, places = np.unique(store[good], return_inverse=True)
        store = places.astype(np.int32)
        ids = [ids[index] for index in used]
        columns = {name: column[good] for name, column in columns.items()}
    return Batch(
        rows=len(good),
        store_ids=ids,
        store=store,
        columns=columns,
        rejected=rejected,
    )


def _rejected(
    texts: list[Any], rows: NDArray[np.intp], first_line: int, header: Header
) -> Iterator[RejectedRow]:
    """Yield what is wrong with some rows of a block."""
    written = [text.take(rows).to_pylist() for text in texts]
    for row, fields in zip(rows, zip(*written, strict=True), strict=True):
        outcome = read_fields(fields, first_line + int(row), header)
        if isinstance(outcome, RejectedRow):
            yield outcome


def _joined(pieces: list[Batch]) -> Batch:
    """Return the rows of consecutive batches as one."""
    if len(pieces) == 1:
        return pieces[0]
    ids: dict[str, int] = {}
    store = []
    for piece in pieces:
        places = [ids.setdefault(store_id, len(ids)) for store_id in piece.store_ids]
        store.append(np.array(places, np.int32)[piece.store])
    return Batch(
        rows=sum(piece.rows for piece in pieces),
        store_ids=list(ids),
        store=np.concatenate(store),
        columns={
            name: np.concatenate([piece.columns[name] for piece in pieces])
            for name in pieces[0].columns
        },
        rejected=[row for piece in pieces for row in piece.rejected],
    )
