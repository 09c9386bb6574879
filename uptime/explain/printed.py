"""A window's totals before and after rounding, as a report prints them."""

from dataclasses import dataclass

import numpy as np

from uptime.explain.explanation import ExplainedWindow
from uptime.printing.csv import column_name
from uptime.printing.rounding import hundredths, percentage


@dataclass(frozen=True, kw_only=True)
class PrintedTotal:
    """``exact``: microseconds. ``column``: its header in a report. ``printed``: its text there."""

    measure: str
    exact: int
    column: str
    printed: str


def printed_totals(explained: ExplainedWindow) -> list[PrintedTotal]:
    """Return the states' times and open time; all but the first two are in full columns only."""
    sums, window = explained.sums, explained.window
    measures = {
        "uptime": sums.up,
        "downtime": sums.down,
        "unknown": sums.unknown,
        "excluded": sums.excluded,
        "open": sums.open,
    }
    texts = hundredths(np.array(list(measures.values()), dtype=np.int64), window.unit)
    return [
        PrintedTotal(
            measure=measure, exact=exact, column=column_name(measure, window), printed=str(text)
        )
        for (measure, exact), text in zip(measures.items(), texts, strict=True)
    ]


def printed_percentage(explained: ExplainedWindow) -> str:
    """Return uptime as a share of known time (rule 13)."""
    up, down = explained.sums.up, explained.sums.down
    return str(percentage(np.array([up]), np.array([up + down]))[0])
