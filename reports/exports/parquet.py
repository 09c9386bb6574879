"""The rows of a report as Parquet: text, doubles, and instants in microseconds of UTC."""

from typing import IO

import pyarrow as pa
from pyarrow import parquet

from reports.exports.blocks import Rows
from reports.exports.columns import Kind, kind_of

# A row group; smaller ones compress worse and are slower to read.
_BLOCK_BYTES = 4 * 1024 * 1024
_TYPES = {
    Kind.ID: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.NUMBER: pa.float64(),
}


def write_parquet(source: IO[bytes], about: bytes, target: IO[bytes]) -> None:
    """Write all rows; ``about``, which is JSON, is kept as ``report`` in the file's metadata."""
    rows = Rows(source, size=_BLOCK_BYTES)
    fields = [
        pa.field(name, _TYPES[kind_of(name)], nullable=kind_of(name) is not Kind.ID)
        for name in rows.columns
    ]
    schema = pa.schema(fields, metadata={"report": about})
    with parquet.ParquetWriter(target, schema) as writer:
        for columns in rows:
            typed = [column.cast(field.type) for column, field in zip(columns, fields, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(typed, schema=schema))
