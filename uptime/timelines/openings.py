"""The openings of one store, and the rows of business hours behind them (rules 3 to 5)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.open_time.clock import Clock, Horizon

BUSINESS_HOURS = "business_hours"
ALWAYS_OPEN = "always_open"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One merged opening, in microseconds of UTC; None if it continues beyond the horizon.

    ``rows``: indexes into the fleet's business hours; empty if ``rule`` is ``always_open``.
    """

    start: int | None
    end: int | None
    rows: tuple[int, ...]
    rule: str


def openings_of(
    *, times: tuple[NDArray[np.int64], NDArray[np.int64]], clock: Clock, horizon: Horizon
) -> list[Opening]:
    """Return the openings of the clock of one store, in order.

    ``times``: when each of its rows opens and closes, int64[weeks, k], see ``opening_times``.
    """
    rows = _rows_of_openings(times, clock, horizon)
    rule = BUSINESS_HOURS if times[0].shape[1] else ALWAYS_OPEN
    starts, ends = clock.starts + horizon.start, clock.ends + horizon.start
    return [
        Opening(
            start=None if start == horizon.start else start,
            end=None if end == horizon.end else end,
            rows=rows.get(number, ()),
            rule=rule,
        )
        for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
    ]


def _rows_of_openings(
    times: tuple[NDArray[np.int64], NDArray[np.int64]], clock: Clock, horizon: Horizon
) -> dict[int, tuple[int, ...]]:
    """Return the rows of each opening by its number, each row once."""
    start, end = (np.clip(edge, horizon.start, horizon.end) - horizon.start for edge in times)
    week, row = np.nonzero(end > start)
    opening = np.searchsorted(clock.starts, start[week, row], side="right") - 1
    rows: dict[int, tuple[int, ...]] = {}
    for number, one in np.unique(np.stack([opening, row], axis=1), axis=0).tolist():
        rows[number] = (*rows.get(number, ()), one)
    return rows
