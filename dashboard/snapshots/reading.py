"""The newest snapshot, opened once in each process."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashboard.models import FleetSnapshot
from dashboard.snapshots.files import BEGINNING, read_snapshot
from dashboard.snapshots.head import Head
from uptime.instants import from_microseconds

logger = logging.getLogger(__name__)

KeptT = TypeVar("KeptT")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot as pages use it. Row ``r`` of every array is the store ``store_ids[r]``.

    Stores are in byte order of their ids. Times are int64 microseconds, instants since 1970 in
    UTC, 0 for none.
    """

    number: int
    data_version: int
    made_at: datetime
    head: Head
    table: pa.Table
    _kept: dict[str, Any] = field(default_factory=dict)

    def kept(self, name: str, make: "Callable[[Snapshot], KeptT]") -> "KeptT":
        """Return what ``make`` makes of this snapshot, made once in each process."""
        if name not in self._kept:
            self._kept[name] = make(self)
        made: KeptT = self._kept[name]
        return made

    def __len__(self) -> int:
        return len(self.table)

    def __bool__(self) -> bool:
        """Templates ask whether there is a snapshot, not whether it has stores."""
        return True

    @property
    def as_of(self) -> datetime:
        """The newest poll, at which the states hold."""
        return from_microseconds(self.head.as_of)

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of numbers; docs are in ``columns_of`` and ``Facts``."""
        values: NDArray[Any] = self.table[name].to_numpy()
        return values

    def texts(self, name: str) -> pa.ChunkedArray:
        """Return ``store_id``, ``name`` or ``time_zone``."""
        return self.table[name]

    @cached_property
    def cells(self) -> NDArray[np.uint8]:
        """One byte for each store and hour, uint8[n, h]; see ``columns.cells_of``."""
        if not len(self.table):
            return np.zeros((0, len(self.head.edges) - 1), dtype=np.uint8)
        column = self.table["cells"].combine_chunks()
        flat = np.frombuffer(column.buffers()[1], dtype=np.uint8)
        width = column.type.byte_width
        cells: NDArray[np.uint8] = flat[column.offset * width :].reshape(-1, width)[: len(column)]
        return cells

    @cached_property
    def tags(self) -> dict[str, NDArray[np.int64]]:
        """The rows of each tag, by its name in order."""
        column = self.table["tags"].combine_chunks()
        row = np.repeat(np.arange(len(column)), np.diff(column.offsets.to_numpy()))
        names, place = np.unique(
            np.array(column.flatten().to_pylist(), dtype=object), return_inverse=True
        )
        return {name: row[place == number] for number, name in enumerate(names.tolist())}

    def row_of(self, store_id: str) -> int | None:
        """Return the row of a store, None if it is not in the snapshot."""
        place = self.table["store_id"].index(pa.scalar(store_id, pa.string())).as_py()
        return None if place < 0 else int(place)

    def rows(self, places: Sequence[int] | NDArray[np.int64], names: Sequence[str]) -> list[Any]:
        """Return some rows as dictionaries of the named columns, in the order of ``places``."""
        chosen: list[Any] = self.table.select(list(names)).take(pa.array(places)).to_pylist()
        return chosen


class _Opened:
    """The snapshot that this process has open."""

    lock = Lock()
    snapshot: Snapshot | None = None


def current_snapshot() -> Snapshot | None:
    """Return the newest complete snapshot, None if there is none yet; one query.

    Raises what the storage raises if it cannot be reached.
    """
    complete = FleetSnapshot.objects.filter(status=FleetSnapshot.Status.COMPLETE)
    row = complete.filter(file__startswith=BEGINNING).first()
    if row is None:
        return None
    opened = _Opened.snapshot
    if opened is not None and opened.number == row.pk and opened.made_at == row.finished_at:
        return opened
    with _Opened.lock:
        opened = _Opened.snapshot
        if opened is None or (opened.number, opened.made_at) != (row.pk, row.finished_at):
            opened = _open(row)
            _Opened.snapshot = opened
    return opened


def _open(row: FleetSnapshot) -> Snapshot | None:
    try:
        head, table = read_snapshot(row.file.name or "")
    except FileNotFoundError:
        # The sweep notices too, and makes another.
        logger.warning("%s: its file %s is gone", row, row.file.name)
        return None
    if row.finished_at is None:
        raise AssertionError("a complete snapshot has an end")
    return Snapshot(
        number=row.pk,
        data_version=row.data_version,
        made_at=row.finished_at,
        head=head,
        table=table,
    )
