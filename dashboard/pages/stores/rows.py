"""The rows of a page of the list, and of its CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.pictures.strips import strip
from dashboard.snapshots.columns import WINDOWS
from dashboard.snapshots.reading import Snapshot
from dashboard.templatetags.words import called
from uptime.instants import from_microseconds
from uptime.printing.formulas import defused
from uptime.printing.rounding import hundredths, percentage
from uptime.state.now import STATES
from uptime.windows.elapsed import HOUR

_COLUMNS = (
    *("store_id", "name", "time_zone", "tags", "state", "since", "turned", "turns", "is_seen"),
    *("outages", "longest_outage", "last_polled_at", "down week", "open week"),
)
_HEADER = (
    *("store_id", "name", "time_zone", "tags", "state", "state_since_utc"),
    *(f"uptime_percentage_last_{window}" for window in WINDOWS),
    *("uptime_last_week(in hours)", "downtime_last_week(in hours)"),
    *(f"{name}_last_week(in hours)" for name in ("unknown", "excluded", "open")),
    *("coverage_percentage_last_week", "outages_last_week"),
    *("longest_outage_last_week(in hours)", "last_poll_utc"),
)
_AT_ONCE = 5_000


def page_rows(snapshot: Snapshot, rows: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the stores of one page with their numbers as text and their week as a picture."""
    found = snapshot.rows(rows, _COLUMNS)
    shares = {window: _uptime(snapshot, window, rows) for window in WINDOWS}
    coverage = _coverage(snapshot, rows)
    for place, (row, store) in enumerate(zip(rows.tolist(), found, strict=True)):
        store["state"] = STATES[store["state"]]
        store["uptime"] = [shares[window][place] for window in WINDOWS]
        store["coverage"] = coverage[place]
        store["strip"] = strip(snapshot.cells[row], called(store))
    return found


def csv_rows(snapshot: Snapshot, rows: NDArray[np.int64]) -> Iterator[str]:
    """Yield the CSV in pieces. As in a report, a text that a spreadsheet would run is defused."""
    yield _line([_HEADER])
    for start in range(0, len(rows), _AT_ONCE):
        yield _line(_cells(snapshot, rows[start : start + _AT_ONCE]))


def _cells(snapshot: Snapshot, rows: NDArray[np.int64]) -> Iterator[Sequence[Any]]:
    found = snapshot.rows(rows, _COLUMNS)
    shares = [_uptime(snapshot, window, rows) for window in WINDOWS]
    lengths = [
        hundredths(snapshot.column(f"{name} week")[rows], HOUR)
        for name in ("up", "down", "unknown", "excluded", "open")
    ]
    coverage = _coverage(snapshot, rows)
    longest = hundredths(snapshot.column("longest_outage")[rows], HOUR)
    ids, names = (defused(store[name] for store in found) for name in ("store_id", "name"))
    tags = defused(";".join(store["tags"]) for store in found)
    for place, store in enumerate(found):
        state = STATES[store["state"]]
        since = store["turned"] if state == "closed" else store["since"]
        yield (
            *(ids[place], names[place], store["time_zone"], tags[place], state, _utc(since)),
            *(share[place] for share in shares),
            *(length[place] for length in lengths),
            *(coverage[place], store["outages"], longest[place], _utc(store["last_polled_at"])),
        )


def _uptime(snapshot: Snapshot, window: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    up, down = (snapshot.column(f"{name} {window}")[rows] for name in ("up", "down"))
    return percentage(up, up + down)


def _coverage(snapshot: Snapshot, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    covered, opened, excluded = (
        snapshot.column(f"{name} week")[rows] for name in ("covered", "open", "excluded")
    )
    return percentage(covered, opened - excluded)


def _utc(at: int) -> str:
    return f"{from_microseconds(at):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def _line(rows: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
