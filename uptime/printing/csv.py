"""The report as CSV, with classic or full columns."""

from collections.abc import Iterator, Sequence
from enum import Enum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from uptime.evidence.quality import Quality
from uptime.printing.formulas import defused
from uptime.printing.rounding import hundredths, percentage
from uptime.summary import UptimeSummary
from uptime.windows.bounds import AnyWindow
from uptime.windows.elapsed import HOUR, MINUTE

Cells = Sequence[str] | NDArray[np.object_]

_CLASSIC = ("uptime", "downtime")
_FULL = (
    *_CLASSIC,
    "unknown",
    "open",
    "uptime_percentage",
    "coverage_percentage",
    "longest_gap",
    "least_uptime",
    "most_uptime",
    "margin",
)
_UNIT_NAMES = {MINUTE: "minutes", HOUR: "hours"}
_STORES_AT_ONCE = 50_000


class Kind(Enum):
    """The kind of a report column's values. All but ids and counts may be missing.

    ``ID``: what the row is about. ``STORE``: the id of a store in any other column.
    """

    ID = "id"
    NUMBER = "number"
    INSTANT = "instant"
    STATUS = "status"
    COUNT = "count"
    STORE = "store"


_LAST_POLL = {"last_polled_at": Kind.INSTANT, "last_status": Kind.STATUS}


def columns(windows: Sequence[AnyWindow], *, full: bool = False) -> dict[str, Kind]:
    """Return the header of a report over ``windows``, in order, and what each column holds."""
    measures = _FULL if full else _CLASSIC
    numbers = [column_name(measure, window) for measure in measures for window in windows]
    header = {"store_id": Kind.ID, **dict.fromkeys(numbers, Kind.NUMBER)}
    return header | _LAST_POLL if full else header


def print_report(store_ids: Sequence[str], summary: UptimeSummary) -> Iterator[bytes]:
    """Yield the CSV in UTF-8, piece by piece, with full columns if ``summary`` has the quality."""
    header = columns(summary.windows, full=summary.quality is not None)
    for start in range(0, max(len(store_ids), 1), _STORES_AT_ONCE):
        piece = slice(start, start + _STORES_AT_ONCE)
        values = [defused(store_ids[piece]), *_cells(summary, piece)]
        frame = pd.DataFrame(dict(zip(header, values, strict=True)), dtype="str")
        yield frame.to_csv(index=False, header=start == 0, lineterminator="\n").encode()


def column_name(measure: str, window: AnyWindow) -> str:
    """Return the header of a measure such as ``uptime`` in a window."""
    name = f"{measure}_{window.name}"
    return name if "percentage" in measure else f"{name}(in {_UNIT_NAMES[window.unit]})"


def _cells(summary: UptimeSummary, piece: slice) -> Iterator[Cells]:
    """Yield each column after the id, for some of the stores."""
    yield from _times(summary, piece, summary.up, summary.down)
    quality = summary.quality
    if quality is None:
        return
    yield from _times(summary, piece, summary.unknown, summary.open)
    yield from _percentages(piece, summary.up, summary.up + summary.down)
    yield from _percentages(piece, quality.covered, summary.open)
    yield from _times(
        summary, piece, quality.longest_gap, quality.least_up, quality.most_up, quality.margin
    )
    yield from _last_polls(quality, piece)


def _times(
    summary: UptimeSummary, piece: slice, *measures: NDArray[np.int64]
) -> Iterator[NDArray[np.object_]]:
    for measure in measures:
        for window, row in zip(summary.windows, measure, strict=True):
            yield hundredths(row[piece], window.unit)


def _percentages(
    piece: slice, parts: NDArray[np.int64], wholes: NDArray[np.int64]
) -> Iterator[NDArray[np.object_]]:
    for part, whole in zip(parts, wholes, strict=True):
        yield percentage(part[piece], whole[piece])


def _last_polls(quality: Quality, piece: slice) -> Iterator[NDArray[np.object_]]:
    """Yield instants in RFC 3339 and statuses; both are empty for a store never polled."""
    active = quality.last_active[piece]
    at = quality.last_polled_at[piece].astype("datetime64[us]")
    texts = np.datetime_as_string(at, unit="us", timezone="UTC").astype(object)
    yield np.where(active < 0, "", texts)
    yield np.array(["inactive", "active", ""], dtype=object)[active]
