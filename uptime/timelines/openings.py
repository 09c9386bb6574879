"""The openings of one store, and the rows behind them (rules 3 to 5 and 20)."""

from dataclasses import dataclass

import numpy as np

from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.opening import AllOpenings
from uptime.open_time.openings import Openings

BUSINESS_HOURS = "business_hours"
SPECIAL_DAY = "special_day"
ALWAYS_OPEN = "always_open"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One merged opening, in microseconds of UTC; None if it continues beyond the horizon.

    ``rows`` and ``special_rows``: indexes into the fleet's business hours and special days.
    ``rule``: ``special_day`` if only these made it; ``always_open`` for a store without business
    hours; else ``business_hours``.
    """

    start: int | None
    end: int | None
    rows: tuple[int, ...]
    rule: str
    special_rows: tuple[int, ...] = ()


def openings_of(*, made: AllOpenings, clock: Clock, horizon: Horizon) -> list[Opening]:
    """Return the openings of the clock of one store, in order, from what made them."""
    rows, special_rows, always = (
        _rows_of_openings(part, clock, horizon) for part in (made.weekly, made.special, made.always)
    )
    starts, ends = clock.starts + horizon.start, clock.ends + horizon.start
    return [
        Opening(
            start=None if start == horizon.start else start,
            end=None if end == horizon.end else end,
            rows=rows.get(number, ()),
            special_rows=special_rows.get(number, ()),
            rule=_rule(has_hours=number in rows, is_always_open=number in always),
        )
        for number, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
    ]


def _rule(*, has_hours: bool, is_always_open: bool) -> str:
    if has_hours:
        return BUSINESS_HOURS
    return ALWAYS_OPEN if is_always_open else SPECIAL_DAY


def _rows_of_openings(made: Openings, clock: Clock, horizon: Horizon) -> dict[int, tuple[int, ...]]:
    """Return the rows of each opening by its number, each row once."""
    start, end = (
        np.clip(edge, horizon.start, horizon.end) - horizon.start for edge in (made.start, made.end)
    )
    lasting = end > start
    opening = np.searchsorted(clock.starts, start[lasting], side="right") - 1
    pairs = np.stack([opening, made.row[lasting]], axis=1)
    rows: dict[int, tuple[int, ...]] = {}
    for number, one in np.unique(pairs, axis=0).tolist():
        rows[number] = (*rows.get(number, ()), one)
    return rows
