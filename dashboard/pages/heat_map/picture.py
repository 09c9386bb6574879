"""What the heat map shows: the order of its stores, and its cells; made once a snapshot."""

import json
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.snapshots.columns import CELL_UNKNOWN, CELL_UP
from dashboard.snapshots.reading import Snapshot

# Rows of the overview; a screen shows about as many pixels, and 400 x 169 bytes load at once.
MOST_ROWS = 400
MILLISECOND = 1000

# Of several stores in one cell, one that nobody has seen says more than one that is up.
_SEVERITY = np.arange(256, dtype=np.uint8)
_SEVERITY[[CELL_UNKNOWN, CELL_UP]] = CELL_UP, CELL_UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Picture:
    """``order``: int64[n], the snapshot's rows, worst store first. ``each``: stores in a row.

    ``cells``: uint8[m, h], of each row the worst of its stores in each hour; m is at most
    ``MOST_ROWS``.
    """

    order: NDArray[np.int64]
    each: int
    cells: NDArray[np.uint8]


class _Made:
    """The picture that this process made last; does not keep its snapshot alive."""

    last: "tuple[weakref.ref[Snapshot], Picture] | None" = None


def picture_of(snapshot: Snapshot) -> Picture:
    """Return the snapshot's picture."""
    made = _Made.last
    if made is None or made[0]() is not snapshot:
        made = (weakref.ref(snapshot), _picture(snapshot))
        _Made.last = made
    return made[1]


def version(snapshot: Snapshot) -> str:
    """Return what tells the snapshot from all others, those of another database included."""
    return f"{snapshot.number}-{int(snapshot.made_at.timestamp())}"


def encoded(snapshot: Snapshot) -> bytes:
    """Return the picture as bytes: the length of a head (4, little-endian), the head, the cells.

    The head is JSON: ``rows``, ``columns``, ``each`` and ``stores`` are numbers, ``start`` and
    ``end`` of the week are milliseconds since 1970. ``names``: those of the stores, in their order,
    if each has a row of its own.
    """
    picture = picture_of(snapshot)
    rows, columns = picture.cells.shape
    head: dict[str, Any] = {
        "snapshot": snapshot.number,
        "rows": rows,
        "columns": columns,
        "each": picture.each,
        "stores": len(snapshot),
        "start": snapshot.head.edges[0] // MILLISECOND,
        "end": snapshot.head.edges[-1] // MILLISECOND,
    }
    if picture.each == 1:
        stores = snapshot.rows(picture.order, ("store_id", "name"))
        head["names"] = [store["name"] or store["store_id"] for store in stores]
    text = json.dumps(head).encode()
    return len(text).to_bytes(4, "little") + text + picture.cells.tobytes()


def worst_in(snapshot: Snapshot, row: int, hour: int) -> int:
    """Return the place, in the order, of the store that gives a cell of the picture its value.

    Raises IndexError for a cell outside the picture.
    """
    picture = picture_of(snapshot)
    if not (0 <= row < len(picture.cells) and 0 <= hour < picture.cells.shape[1]):
        raise IndexError(f"no cell {row}, {hour}")
    first = row * picture.each
    stores = picture.order[first : first + picture.each]
    return first + int(_SEVERITY[snapshot.cells[stores, hour]].argmax())


def _picture(snapshot: Snapshot) -> Picture:
    order = _order(snapshot)
    each = max(-(-len(order) // MOST_ROWS), 1)
    return Picture(order=order, each=each, cells=_worst_of(snapshot.cells, order, each))


def _order(snapshot: Snapshot) -> NDArray[np.int64]:
    """Return the rows by the share of known time that was down, of equal shares the longer first.

    Then come stores of which nothing is known, at last those that were never open.
    """
    up, down = snapshot.column("up week"), snapshot.column("down week")
    known = up + down
    share = down / np.maximum(known, 1)
    kind = np.where(known > 0, 0, np.where(snapshot.column("open week") > 0, 1, 2))
    return np.lexsort((-known, -share, kind))


def _worst_of(cells: NDArray[np.uint8], order: NDArray[np.int64], each: int) -> NDArray[np.uint8]:
    pieces = [_SEVERITY[cells[stores]].max(axis=0) for stores in _groups(order, each)]
    if not pieces:
        return np.zeros((0, cells.shape[1]), dtype=np.uint8)
    worst: NDArray[np.uint8] = _SEVERITY[np.stack(pieces)]
    return worst


def _groups(order: NDArray[np.int64], each: int) -> Iterator[NDArray[np.int64]]:
    for first in range(0, len(order), each):
        yield order[first : first + each]
