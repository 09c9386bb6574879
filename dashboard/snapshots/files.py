"""A snapshot as an Arrow file in media storage."""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from django.core.files.storage import FileSystemStorage, default_storage

from dashboard.snapshots.head import Head
from reports.build.writers import Written, write_file

FOLDER = "snapshots"
# Raise it whenever the columns or their meaning change: pages read only files of their own format.
FORMAT = 4
BEGINNING = f"{FOLDER}/{FORMAT}-"
_HEAD = b"head"


def store_snapshot(name: str, head: Head, table: pa.Table) -> Written:
    """Write the file called ``name``, which never appears incomplete."""
    return write_file(name, _encoded(head, table))


def read_snapshot(name: str) -> tuple[Head, pa.Table]:
    """Read a file; on a local disk its columns stay there until they are used.

    Raises FileNotFoundError if it is gone, and what the storage raises.
    """
    if isinstance(default_storage, FileSystemStorage):
        source = pa.memory_map(str(Path(default_storage.path(name))))
    else:
        with default_storage.open(name) as file:
            source = pa.BufferReader(file.read())
    table = pa.ipc.open_file(source).read_all()
    return Head.decoded(table.schema.metadata[_HEAD]), table


def _encoded(head: Head, table: pa.Table) -> Iterator[bytes]:
    told = table.replace_schema_metadata({_HEAD: head.encoded()})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, told.schema) as writer:
        writer.write_table(told)
    yield sink.getvalue()
