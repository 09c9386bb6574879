"""The rows of a report as a workbook with one sheet, in constant memory."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Any

import pyarrow as pa
from xlsxwriter import Workbook

from reports.exports.blocks import Rows, Stored
from uptime import Kind

ROW_LIMIT = 1_048_576 - 1  # The format's limit, minus the header row.
_BLOCK_BYTES = 1024 * 1024
_TYPES = {Kind.NUMBER: pa.float64(), Kind.COUNT: pa.int64()}
# Written into every workbook, so that the same report always gives the same bytes.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - XlsxWriter takes naive datetimes as UTC
# Rows go through a temporary file, and a text stays a text whatever it looks like.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_xlsx(stored: Stored, _about: bytes, target: IO[bytes]) -> None:
    """Write all rows, numbers with two decimals, counts without, everything else as text."""
    with Workbook(target, _OPTIONS) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet("report")
        sheet.freeze_panes(1, 1)
        rows = Rows(stored, size=_BLOCK_BYTES)
        for place, name in enumerate(rows.columns):
            sheet.write_string(0, place, name)
        kinds = list(rows.columns.values())
        writers = _writers(book, sheet, kinds)
        first = 1
        for columns in rows:
            values = zip(*map(_values, kinds, columns), strict=True)
            for number, row in enumerate(values, first):
                for place, (write, style) in enumerate(writers):
                    if row[place] is not None:
                        write(number, place, row[place], style)
            first += len(columns[0])


def _values(kind: Kind, column: pa.Array) -> list[Any]:
    typed = column.cast(_TYPES[kind]) if kind in _TYPES else column
    values: list[Any] = typed.to_pylist()
    return values


def _writers(
    book: Workbook, sheet: Any, kinds: Sequence[Kind]
) -> list[tuple[Callable[..., Any], Any]]:
    """Return the write function and style of each column."""
    # It stays text when the cell is edited.
    text = (sheet.write_string, book.add_format({"quote_prefix": True}))
    number = (sheet.write_number, book.add_format({"num_format": "0.00"}))
    count = (sheet.write_number, book.add_format({"num_format": "0"}))
    styles = {Kind.NUMBER: number, Kind.COUNT: count}
    return [styles.get(kind, text) for kind in kinds]
