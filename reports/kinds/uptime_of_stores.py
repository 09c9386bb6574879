"""Kind ``uptime``: a row for each store, with its numbers in each window."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from uptime import (
    AnyWindow,
    Fleet,
    Kind,
    Quality,
    Question,
    UptimeSummary,
    columns,
    print_report,
    summarise,
)
from uptime.open_time.clock import Clock

# Measures per window; measures of the quality per window; measures of the quality per store.
_MEASURES = ("up", "down", "unknown", "open")
_QUALITIES = ("covered", "longest_gap", "least_up", "most_up", "margin")
_OF_STORES = ("last_polled_at", "last_active")


@dataclass(frozen=True, kw_only=True)
class StoresMeasured:
    """Stores in byte order of their ids (rule 11), and their numbers."""

    store_ids: Sequence[str]
    summary: UptimeSummary

    @property
    def row_count(self) -> int:
        return len(self.store_ids)

    def printed(self) -> Iterator[bytes]:
        return print_report(self.store_ids, self.summary)

    def table(self) -> pa.Table:
        """Return a column of ids, and one for each measure and window."""
        summary = self.summary
        found: dict[str, pa.Array] = {"store_id": pa.array(self.store_ids, pa.string())}
        found |= _columns(summary, _MEASURES, summary.windows)
        if summary.quality is not None:
            found |= _columns(summary.quality, _QUALITIES, summary.windows)
            found |= {name: pa.array(getattr(summary.quality, name)) for name in _OF_STORES}
        return pa.table(found)


class UptimeOfStores:
    """A row for each store."""

    needs_full = False

    def columns(self, question: Question) -> Mapping[str, Kind]:
        return columns(question.windows, full=question.full)

    def measure(
        self, fleet: Fleet, question: Question, clock: Clock | None = None
    ) -> StoresMeasured:
        summary = summarise(fleet, question, clock)
        return StoresMeasured(store_ids=fleet.store_ids, summary=summary)

    def joined(self, tables: Sequence[pa.Table], question: Question) -> StoresMeasured:
        table = pa.concat_tables(tables).combine_chunks()
        table = table.take(pc.sort_indices(table["store_id"]))
        summary = UptimeSummary(
            windows=tuple(question.windows),
            **_arrays(table, _MEASURES, question.windows),
            quality=_quality(table, question.windows) if question.full else None,
        )
        return StoresMeasured(store_ids=table["store_id"].to_pylist(), summary=summary)


def _columns(
    source: UptimeSummary | Quality, measures: Iterable[str], windows: Sequence[AnyWindow]
) -> dict[str, pa.Array]:
    return {
        f"{measure} {window.name}": pa.array(row)
        for measure in measures
        for window, row in zip(windows, getattr(source, measure), strict=True)
    }


def _arrays(
    table: pa.Table, measures: Iterable[str], windows: Sequence[AnyWindow]
) -> dict[str, NDArray[np.int64]]:
    return {
        measure: np.stack([table[f"{measure} {window.name}"].to_numpy() for window in windows])
        for measure in measures
    }


def _quality(table: pa.Table, windows: Sequence[AnyWindow]) -> Quality:
    return Quality(
        **_arrays(table, _QUALITIES, windows),
        last_polled_at=table["last_polled_at"].to_numpy(),
        last_active=table["last_active"].to_numpy(),
    )
