"""The numbers of two complete reports, read from their files."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from api.transfer.downloads import opened, reading_storage
from reports.comparing.changes import Comparison, Numbers, compare
from reports.exports.blocks import Rows, Stored
from reports.kinds.known import KINDS
from reports.models import Columns, Report, ReportKind
from reports.request.parameters import question_of
from uptime import WindowSpec, parse_windows
from uptime.printing.csv import column_name

# A block is read at once; a file of 141,000 stores has 8 MB.
_BLOCK = 64 * 1024 * 1024


class NotComparable(ValueError):
    """Two reports that cannot be compared; the text says why, for people."""


def compared(before: Report, after: Report, most: int) -> Comparison:
    """Compare two complete reports in the windows that both have; list ``most`` changes.

    Raises NotComparable, and what ``api.transfer.downloads.opened`` raises.
    """
    windows = shared_windows(before, after)
    with_margins = before.columns == after.columns == Columns.FULL
    return compare(
        _numbers(before, windows, with_margins=with_margins),
        _numbers(after, windows, with_margins=with_margins),
        windows,
        most,
    )


def shared_windows(before: Report, after: Report) -> Sequence[WindowSpec]:
    """Return the windows of both, in the order of the later report. Raises NotComparable."""
    for report in (before, after):
        if report.kind != ReportKind.UPTIME:
            raise NotComparable(
                f"Only reports of kind uptime can be compared; {report} is of kind {report.kind}."
            )
    shared = [window for window in after.windows if window in before.windows]
    if not shared:
        raise NotComparable("The reports have no window in common.")
    return parse_windows(shared)


def asked_differently(before: Report, after: Report) -> list[str]:
    """Return the parameters, besides as of and windows, that differ and so may explain a change."""
    names = ("columns", "max_gap", "stores", "poller_outages")
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _numbers(report: Report, windows: Sequence[WindowSpec], *, with_margins: bool) -> Numbers:
    kinds = KINDS[report.kind].columns(question_of(report))
    with reading_storage(), opened(report.file, size=report.size) as file:
        blocks = [
            pa.table(dict(zip(kinds, block, strict=True)))
            for block in Rows(Stored(file=file, columns=kinds), size=_BLOCK)
        ]
    empty = pa.table({name: pa.array([], pa.string()) for name in kinds})
    table = pa.concat_tables([empty, *blocks]).combine_chunks()
    return Numbers(
        ids=pa.concat_arrays(table["store_id"].chunks),
        up=_hundredths(table, "uptime", windows),
        down=_hundredths(table, "downtime", windows),
        margin=_hundredths(table, "margin", windows) if with_margins else None,
    )


def _hundredths(table: pa.Table, measure: str, windows: Sequence[WindowSpec]) -> NDArray[np.int64]:
    """Return a measure as whole hundredths: with two decimals, floats are near enough to round."""
    texts = [table[column_name(measure, window)] for window in windows]
    numbers = np.stack([pc.cast(text, pa.float64()).to_numpy() for text in texts])
    found: NDArray[np.int64] = np.rint(numbers * 100).astype(np.int64)
    return found
