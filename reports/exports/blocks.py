"""The rows of a stored CSV, block by block, as columns of text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from uptime import Kind
from uptime.printing.formulas import DEFUSED

_MISSING = pa.array(["", "n/a"])


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The CSV of a report, open at its start, and the kind of each column."""

    file: IO[bytes]
    columns: Mapping[str, Kind]


class Rows:
    """The columns, and blocks of rows of about ``size`` bytes of CSV; to be read once.

    Every column is text as printed, null if the report has no value. Ids are the original ones,
    without the apostrophe that defuses formulas. Raises pyarrow.ArrowInvalid for a
    file that is not such a CSV, and pyarrow.ArrowKeyError if a column is missing.
    """

    def __init__(self, stored: Stored, *, size: int) -> None:
        self.columns = stored.columns
        self._reader = csv.open_csv(
            stored.file,
            read_options=csv.ReadOptions(block_size=size, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            # By name: a file of an earlier version may have its columns in another order.
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(self.columns, pa.string()),
                include_columns=list(self.columns),
            ),
        )

    def __iter__(self) -> Iterator[list[pa.Array]]:
        """Yield the columns of each block; a report without stores has none."""
        for block in self._reader:
            yield [
                _READ.get(kind, _known)(column)
                for kind, column in zip(self.columns.values(), block.columns, strict=True)
            ]


def _raw(ids: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(ids, DEFUSED, r"\1")


def _raw_or_none(ids: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(ids, ""), None, _raw(ids))


def _known(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_in(column, _MISSING), None, column)


_READ = {Kind.ID: _raw, Kind.STORE: _raw_or_none}
