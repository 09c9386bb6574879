"""The rows of a report as JSON: one document, or one object per line (NDJSON).

Numbers have two decimals as in the CSV.
"""

import json
from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reports.exports.blocks import Rows, Stored
from uptime import Kind

_BLOCK_BYTES = 1024 * 1024
_BARE = (Kind.NUMBER, Kind.COUNT)
_SPECIAL = r'["\\\x00-\x1f]'


def write_json(stored: Stored, about: bytes, target: IO[bytes]) -> None:
    """Write one document: ``about``, which is JSON, as ``report``, and all rows as ``rows``."""
    target.write(b'{"report":' + about + b',\n"rows":[')
    between = b"\n"
    for text in _objects(Rows(stored, size=_BLOCK_BYTES), before=",\n", after=""):
        target.write(between)
        target.write(text[2:])
        between = b",\n"
    target.write(b"\n]}\n")


def write_ndjson(stored: Stored, _about: bytes, target: IO[bytes]) -> None:
    """Write one object per line."""
    for text in _objects(Rows(stored, size=_BLOCK_BYTES), before="", after="\n"):
        target.write(text)


def _objects(rows: Rows, *, before: str, after: str) -> Iterator[memoryview]:
    """Yield blocks of objects, each object between these texts."""
    for columns in rows:
        parts: list[pa.Array | str] = []
        for (name, kind), column in zip(rows.columns.items(), columns, strict=True):
            value = column if kind in _BARE else _quoted(column)
            parts += [f"{',' if parts else before + '{'}{json.dumps(name)}:", value]
        parts += ["}" + after, ""]
        texts = pc.binary_join_element_wise(
            *parts, null_handling="replace", null_replacement="null"
        )
        yield _joined(texts)


def _quoted(texts: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(texts, _SPECIAL)).as_py():
        said = [
            text if text is None else json.dumps(text, ensure_ascii=False)
            for text in texts.to_pylist()
        ]
        return pa.array(said, pa.string())
    return pc.binary_join_element_wise('"', texts, '"', "")


def _joined(texts: pa.StringArray) -> memoryview:
    """Return the bytes of all texts of a new array, concatenated, without a copy."""
    _, offsets, data = texts.buffers()
    end = np.frombuffer(offsets, np.int32)[len(texts)]
    return memoryview(data)[:end]
