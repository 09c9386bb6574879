"""The computed part of a shard, as an Arrow file in media storage, and parts put together.

A part holds whole microseconds: they are rounded once, when the report is printed.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.core.files.storage import default_storage

from reports.uptime import AnyWindow, UptimeSummary

_MEASURES = ("up", "down", "unknown", "open")


def encode(store_ids: Sequence[str], summary: UptimeSummary) -> Iterator[bytes]:
    """Yield the bytes of a part: a column of ids, and one for each measure and window."""
    columns: dict[str, pa.Array] = {"store_id": pa.array(store_ids, pa.string())}
    for measure in _MEASURES:
        for window, row in zip(summary.windows, getattr(summary, measure), strict=True):
            columns[f"{measure} {window.name}"] = pa.array(row)
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    yield sink.getvalue().to_pybytes()


def assemble(
    names: Iterable[str], windows: Sequence[AnyWindow]
) -> tuple[Sequence[str], UptimeSummary]:
    """Return the stores of all parts in byte order of their ids (rule 11), and their summary.

    The order of the parts, and how many there are, make no difference.
    """
    table = pa.concat_tables([_read(name) for name in names]).combine_chunks()
    table = table.take(pc.sort_indices(table["store_id"]))
    measures = {
        measure: np.stack([table[f"{measure} {window.name}"].to_numpy() for window in windows])
        for measure in _MEASURES
    }
    return table["store_id"].to_pylist(), UptimeSummary(windows=tuple(windows), **measures)


def _read(name: str) -> pa.Table:
    with default_storage.open(name) as file:
        return pa.ipc.open_file(pa.BufferReader(file.read())).read_all()
