"""The rows of a report as Parquet: text, doubles, and instants in microseconds of UTC."""

from typing import IO

import pyarrow as pa
from pyarrow import parquet

from reports.exports.blocks import Rows, Stored
from uptime import Kind

# A row group; smaller ones compress worse and are slower to read.
_BLOCK_BYTES = 4 * 1024 * 1024
_TYPES = {
    Kind.ID: pa.string(),
    Kind.STATUS: pa.string(),
    Kind.STORE: pa.string(),
    Kind.COUNT: pa.int64(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.NUMBER: pa.float64(),
}
# Of every row.
_ALWAYS = (Kind.ID, Kind.COUNT)


def write_parquet(stored: Stored, about: bytes, target: IO[bytes]) -> None:
    """Write all rows; ``about``, which is JSON, becomes ``report`` in the file's metadata."""
    rows = Rows(stored, size=_BLOCK_BYTES)
    fields = [
        pa.field(name, _TYPES[kind], nullable=kind not in _ALWAYS)
        for name, kind in rows.columns.items()
    ]
    schema = pa.schema(fields, metadata={"report": about})
    with parquet.ParquetWriter(target, schema) as writer:
        for columns in rows:
            typed = [column.cast(field.type) for column, field in zip(columns, fields, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(typed, schema=schema))
