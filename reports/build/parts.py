"""The result of a shard, as an Arrow file in media storage, and the assembly of such parts.

A part holds whole microseconds, which are rounded once, when the report is printed.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
from django.core.files.storage import default_storage

from reports.kinds.measured import KindOfReport, Measured
from uptime import Question


def encode(measured: Measured) -> Iterator[bytes]:
    """Yield the bytes of a part."""
    table = measured.table()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    yield sink.getvalue().to_pybytes()


def assemble(names: Iterable[str], kind: KindOfReport, question: Question) -> Measured:
    """Return the rows of all parts together.

    The order and number of the parts make no difference. ``question`` is the one that the parts
    answer.
    """
    return kind.joined([_read(name) for name in names], question)


def _read(name: str) -> pa.Table:
    with default_storage.open(name) as file:
        return pa.ipc.open_file(pa.BufferReader(file.read())).read_all()
