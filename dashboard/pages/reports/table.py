"""The rows of a report's file: sorted by any column, a page at a time, with bars."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from api.transfer.downloads import opened, reading_storage
from reports.exports.blocks import Rows, Stored
from reports.kinds.known import KINDS
from reports.models import Report
from reports.request.parameters import question_of
from uptime import Kind

ROWS = 50
# A block is read at once; a file of 141,000 stores has 8 MB.
_BLOCK = 64 * 1024 * 1024
_OPEN = 4


@dataclass(frozen=True, kw_only=True)
class Table:
    """``kinds``: of each column by its name. ``texts``: each column as printed, null for none."""

    kinds: Mapping[str, Kind]
    texts: Mapping[str, pa.ChunkedArray]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def key(self) -> str:
        """The column that says what a row is about."""
        return next(iter(self.kinds))

    @property
    def ids(self) -> pa.ChunkedArray:
        return self.texts[self.key]

    @cached_property
    def numbers(self) -> dict[str, NDArray[np.float64]]:
        """The columns of numbers, NaN for none; with two decimals floats hold them exactly."""
        return {
            name: pc.cast(self.texts[name], pa.float64()).to_numpy()
            for name, kind in self.kinds.items()
            if kind in (Kind.NUMBER, Kind.COUNT)
        }

    def in_order(self, sort: str) -> NDArray[np.int64]:
        """Return the rows by a column, ``-`` before it for the largest first; none come last."""
        name, descending = sort.removeprefix("-"), sort.startswith("-")
        if name in self.numbers:
            values = self.numbers[name]
            # NaN is last in NumPy's order, whichever way.
            return np.argsort(-values if descending else values, kind="stable")
        order = "descending" if descending else "ascending"
        places: NDArray[np.int64] = pc.sort_indices(
            self.texts[name], sort_keys=[("", order)]
        ).to_numpy()
        return places

    def page(self, places: NDArray[np.int64]) -> list[list[Any]]:
        """Return rows of (text, share of the column's largest number in percent or None)."""
        taken = {
            name: column.take(pa.array(places)).to_pylist() for name, column in self.texts.items()
        }
        cells = [[(text, self._share(name, text)) for text in taken[name]] for name in self.kinds]
        return [list(row) for row in zip(*cells, strict=True)]

    def _share(self, name: str, text: str | None) -> int | None:
        if text is None or name not in self.numbers:
            return None
        return int(100 * float(text) / (self._largest[name] or 1))

    @cached_property
    def _largest(self) -> dict[str, float]:
        return {name: float(np.nanmax(values, initial=0)) for name, values in self.numbers.items()}


class _Opened:
    """The tables that this process has open, the one used last at the end."""

    lock = Lock()
    tables: OrderedDict[str, Table] = OrderedDict()


def table_of(report: Report) -> Table:
    """Return the table of a complete report; raises FileGone, FileDamaged, StorageUnavailable.

    A damaged file with the right size raises ``pyarrow.ArrowInvalid`` or ``ArrowKeyError``.
    """
    key = f"{report.pk} {report.sha256}"
    with _Opened.lock:
        found = _Opened.tables.get(key)
        if found is not None:
            _Opened.tables.move_to_end(key)
            return found
    found = _read(report)
    with _Opened.lock:
        _Opened.tables[key] = found
        while len(_Opened.tables) > _OPEN:
            _Opened.tables.popitem(last=False)
    return found


def _read(report: Report) -> Table:
    kinds = KINDS[report.kind].columns(question_of(report))
    with reading_storage(), opened(report.file, size=report.size) as file:
        blocks = list(Rows(Stored(file=file, columns=kinds), size=_BLOCK))
    parts: Sequence[Any] = list(zip(*blocks, strict=True)) or [()] * len(kinds)
    texts = {
        name: pa.chunked_array(list(part), pa.string())
        for name, part in zip(kinds, parts, strict=True)
    }
    return Table(kinds=kinds, texts=texts)
