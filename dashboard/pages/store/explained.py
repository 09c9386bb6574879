"""Why a number is what it is, as the store's page shows it: opening by opening, day by day."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from uptime.explain.explanation import RULES, ExplainedOpening, ExplainedWindow, Sums
from uptime.explain.log import Line, lines_of
from uptime.explain.printed import PrintedTotal, printed_percentage, printed_totals
from uptime.explain.words import (
    USES,
    length,
    notes_in_words,
    row_in_words,
    short_date,
    special_row_in_words,
)
from uptime.open_time.zones import load_zone
from uptime.timelines.openings import ALWAYS_OPEN

# Each line is a row of a table.
MOST_LINES = 4_000


@dataclass(frozen=True, kw_only=True)
class Day:
    """What happened in an opening on one local date."""

    date: date
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class ShownOpening:
    """``origin``: sentences about the rows that made it."""

    start: int
    end: int
    origin: tuple[str, ...]
    days: tuple[Day, ...]
    sums: Sums


@dataclass(frozen=True, kw_only=True)
class Why:
    """``left_out``: sentences about closed dates and polls that do not count.

    ``totals``: exact text and what a report prints.
    """

    title: str
    start: int
    end: int
    openings: tuple[ShownOpening, ...]
    left_out: tuple[str, ...]
    totals: tuple[tuple[PrintedTotal, str], ...]
    percentage: str
    is_too_long: bool


def why_of(window: ExplainedWindow, title: str, zone: str) -> Why:
    """Return the explanation of one window; one of too many lines has its totals only."""
    lines = sum(len(opening.spans) + len(opening.polls) + 2 for opening in window.openings)
    is_too_long = lines > MOST_LINES
    openings = () if is_too_long else window.openings
    return Why(
        title=title,
        start=window.start,
        end=window.end,
        openings=tuple(_opening(opening, zone) for opening in openings),
        left_out=tuple(_left_out(window)),
        totals=tuple((total, length(total.exact)) for total in printed_totals(window)),
        percentage=printed_percentage(window),
        is_too_long=is_too_long,
    )


def _opening(opening: ExplainedOpening, zone: str) -> ShownOpening:
    days = groupby(lines_of(opening, load_zone(zone)), key=lambda line: line.date)
    return ShownOpening(
        start=opening.start,
        end=opening.end,
        origin=tuple(_origin(opening)),
        days=tuple(Day(date=day, lines=tuple(lines)) for day, lines in days),
        sums=opening.sums,
    )


def _origin(opening: ExplainedOpening) -> list[str]:
    rows = [
        *((f"Business hours: {row_in_words(row)} (rule 3)", row) for row in opening.rows),
        *(
            (f"Special day: {special_row_in_words(row)} (rule 20)", row)
            for row in opening.special_rows
        ),
    ]
    always = ["Always open: no business hours are known (rule 4)."]
    return [
        *(always if opening.rule == ALWAYS_OPEN else []),
        *("; ".join([said, *notes_in_words(row)]) + "." for said, row in rows),
    ]


def _left_out(window: ExplainedWindow) -> Sequence[str]:
    inside = [poll for poll in window.polls if window.start <= poll.at < window.end]
    uses = Counter(poll.use for poll in inside if not poll.counts)
    closed = [
        f"{short_date(day)} is a special day: closed (rule 20)." for day in window.closed_dates
    ]
    return closed + [
        f"{count:,} {'poll' if count == 1 else 'polls'} {USES[use]} (rule {RULES[use]})."
        for use, count in uses.items()
    ]
