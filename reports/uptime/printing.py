"""The report as CSV (rule 12): the only place where a number is rounded."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports.uptime.summary import UptimeSummary
from reports.uptime.windows import HOUR, MINUTE

COLUMNS = (
    "store_id",
    "uptime_last_hour(in minutes)",
    "uptime_last_day(in hours)",
    "uptime_last_week(in hours)",
    "downtime_last_hour(in minutes)",
    "downtime_last_day(in hours)",
    "downtime_last_week(in hours)",
)
_UNITS = (MINUTE, HOUR, HOUR)
_STORES_AT_ONCE = 50_000


def print_report(store_ids: Sequence[str], summary: UptimeSummary) -> Iterator[bytes]:
    """Yield the CSV in UTF-8, piece by piece; ``summary`` must be over the classic windows."""
    rows = [*zip(summary.up, _UNITS, strict=True), *zip(summary.down, _UNITS, strict=True)]
    for start in range(0, max(len(store_ids), 1), _STORES_AT_ONCE):
        piece = slice(start, start + _STORES_AT_ONCE)
        values = [store_ids[piece], *(hundredths(row[piece], unit) for row, unit in rows)]
        frame = pd.DataFrame(dict(zip(COLUMNS, values, strict=True)), dtype="str")
        yield frame.to_csv(index=False, header=start == 0, lineterminator="\n").encode()


def hundredths(microseconds: NDArray[np.int64], unit: int) -> NDArray[np.object_]:
    """Return the times in ``unit`` with two decimals, rounded half up: text, object[n].

    ``unit`` is in microseconds and even; no time is negative. Equal numbers are written once: a
    day has no more than 2,401 of them, however many stores there are.
    """
    numbers, place = np.unique((microseconds * 100 + unit // 2) // unit, return_inverse=True)
    texts = [f"{number // 100}.{number % 100:02d}" for number in numbers.tolist()]
    return np.array(texts, dtype=object)[place]
