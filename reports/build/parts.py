"""The result of a shard, as an Arrow file in media storage, and the assembly of such parts.

A part holds whole microseconds, which are rounded once, when the report is printed.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from uptime import AnyWindow, Quality, Question, UptimeSummary

# Measures per window; measures of the quality per window; measures of the quality per store.
_MEASURES = ("up", "down", "unknown", "open")
_QUALITIES = ("covered", "longest_gap", "least_up", "most_up", "margin")
_OF_STORES = ("last_polled_at", "last_active")


def encode(store_ids: Sequence[str], summary: UptimeSummary) -> Iterator[bytes]:
    """Yield the bytes of a part."""
    table = table_of(store_ids, summary)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    yield sink.getvalue().to_pybytes()


def table_of(store_ids: Sequence[str], summary: UptimeSummary) -> pa.Table:
    """Return a part: a column of ids, and one for each measure and window."""
    columns: dict[str, pa.Array] = {"store_id": pa.array(store_ids, pa.string())}
    columns |= _columns(summary, _MEASURES, summary.windows)
    if summary.quality is not None:
        columns |= _columns(summary.quality, _QUALITIES, summary.windows)
        columns |= {name: pa.array(getattr(summary.quality, name)) for name in _OF_STORES}
    return pa.table(columns)


def assemble(names: Iterable[str], question: Question) -> tuple[Sequence[str], UptimeSummary]:
    """Return the stores of all parts in storage, and their summary; see ``assembled``."""
    return assembled([_read(name) for name in names], question)


def assembled(
    tables: Iterable[pa.Table], question: Question
) -> tuple[Sequence[str], UptimeSummary]:
    """Return the stores of all parts in byte order of their ids (rule 11), and their summary.

    The order and number of the parts make no difference. ``question`` is the one that the parts
    answer.
    """
    table = pa.concat_tables(tables).combine_chunks()
    table = table.take(pc.sort_indices(table["store_id"]))
    measures = _arrays(table, _MEASURES, question.windows)
    summary = UptimeSummary(
        windows=tuple(question.windows),
        **measures,
        # The rest of rule 21, so parts written before there were exclusions can still be read.
        excluded=measures["open"] - measures["up"] - measures["down"] - measures["unknown"],
        quality=_quality(table, question.windows) if question.full else None,
    )
    return table["store_id"].to_pylist(), summary


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


def _read(name: str) -> pa.Table:
    with default_storage.open(name) as file:
        return pa.ipc.open_file(pa.BufferReader(file.read())).read_all()
