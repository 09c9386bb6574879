"""The report as CSV (rule 12): the only place where a number is rounded."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.uptime.bounds import AnyWindow
from reports.uptime.formulas import defused
from reports.uptime.summary import UptimeSummary
from reports.uptime.windows import HOUR, MINUTE

_UNIT_NAMES = {MINUTE: "minutes", HOUR: "hours"}
_STORES_AT_ONCE = 50_000


def columns(windows: Sequence[AnyWindow]) -> tuple[str, ...]:
    """Return the header of a report over ``windows``."""
    return ("store_id", *_time_columns("uptime", windows), *_time_columns("downtime", windows))


def print_report(store_ids: Sequence[str], summary: UptimeSummary) -> Iterator[bytes]:
    """Yield the CSV in UTF-8, piece by piece."""
    units = [window.unit for window in summary.windows]
    rows = [*zip(summary.up, units, strict=True), *zip(summary.down, units, strict=True)]
    header = columns(summary.windows)
    for start in range(0, max(len(store_ids), 1), _STORES_AT_ONCE):
        piece = slice(start, start + _STORES_AT_ONCE)
        values = [defused(store_ids[piece]), *(hundredths(row[piece], unit) for row, unit in rows)]
        frame = pd.DataFrame(dict(zip(header, values, strict=True)), dtype="str")
        yield frame.to_csv(index=False, header=start == 0, lineterminator="\n").encode()


def _time_columns(measure: str, windows: Sequence[AnyWindow]) -> list[str]:
    return [f"{measure}_{window.name}(in {_UNIT_NAMES[window.unit]})" for window in windows]


def hundredths(microseconds: NDArray[np.int64], unit: int) -> NDArray[np.object_]:
    """Return the times in ``unit`` with two decimals, rounded half up: text, object[n].

    ``unit`` is in microseconds and even; no time is negative. Equal numbers are written once: a
    day has no more than 2,401 of them, however many stores there are.
    """
    numbers, place = np.unique((microseconds * 100 + unit // 2) // unit, return_inverse=True)
    texts = [f"{number // 100}.{number % 100:02d}" for number in numbers.tolist()]
    return np.array(texts, dtype=object)[place]
