"""An explanation as text for people: local time with UTC beside it, at most 100 columns."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

from uptime.explain.explanation import (
    AFTER_AS_OF,
    BEFORE_LOOK_BACK,
    FARTHER,
    IN_EXCLUSION,
    OUTSIDE_HOURS,
    REPLACED,
    RULES,
    ExplainedOpening,
    ExplainedWindow,
    Explanation,
)
from uptime.explain.log import Line, lines_of
from uptime.explain.printed import printed_percentage, printed_totals
from uptime.explain.rows import RowOfDate
from uptime.explain.words import (
    USES,
    length,
    local,
    long_date,
    moment,
    notes_in_words,
    row_in_words,
    short_date,
    special_row_in_words,
    utc,
)
from uptime.open_time.zones import load_zone
from uptime.timelines.openings import ALWAYS_OPEN

_LEFT_OUT = (OUTSIDE_HOURS, IN_EXCLUSION, BEFORE_LOOK_BACK, AFTER_AS_OF, REPLACED)


def explanation_text(explanation: Explanation, place: int) -> Iterator[str]:
    """Yield the lines that explain one window, without line ends."""
    zone, window = load_zone(explanation.time_zone), explanation.windows[place]
    yield from _head(explanation, window, zone)
    for before, opening in pairwise([None, *window.openings]):
        yield ""
        yield from _closed(window, before, opening, zone)
        if opening is not None:
            yield from _opening(opening, zone)
    yield ""
    last = window.openings[-1] if window.openings else None
    yield from _closed(window, last, None, zone)
    yield from _polls(window)
    yield from _totals(window)


def _head(explanation: Explanation, window: ExplainedWindow, zone: ZoneInfo) -> Iterator[str]:
    yield f"Why the numbers of store {explanation.store_id} are what they are"
    yield ""
    yield _row("Report as of", explanation.as_of, zone)
    yield _row("Window from", window.start, zone)
    yield _row("to", window.end, zone)
    yield _row("Polls count from", explanation.first_poll, zone)
    yield _said("", f"{length(explanation.look_back)} before the report's first window (rule 6)")
    own = "rule 4: the store has none of its own" if explanation.is_default_zone else "its own"
    yield _said("Time zone", f"{explanation.time_zone} ({own})")
    if explanation.max_gap is not None:
        limit = f"unknown beyond {length(explanation.max_gap)} from the nearest poll (rule 8)"
        yield _said("Longest gap", limit)
    yield _said("Between two polls", "the status changes half-way (rule 7)")


def _row(name: str, at: int, zone: ZoneInfo) -> str:
    return _said(name, f"{moment(at, zone):<31}  {utc(at)}")


def _said(name: str, text: str) -> str:
    return f"  {name:<18}{text}"


def _closed(
    window: ExplainedWindow,
    before: ExplainedOpening | None,
    after: ExplainedOpening | None,
    zone: ZoneInfo,
) -> Iterator[str]:
    """Yield what was between two openings, or between one and an end of the window."""
    start = before.end if before else window.start
    end = after.start if after else window.end
    if start == end:
        return
    polls = [poll for poll in window.polls if start <= poll.at < end and poll.use == OUTSIDE_HOURS]
    yield f"  Closed from {moment(start, zone)} to {moment(end, zone)}"
    for day in window.closed_dates:
        if local(start, zone).date() <= day <= local(end - 1, zone).date():
            yield f"    special day: closed on {short_date(day)} (rule 20)"
    if polls:
        yield f"    {_counted(len(polls))} left out: the store is closed then (rule 6)"
    yield ""


def _opening(opening: ExplainedOpening, zone: ZoneInfo) -> Iterator[str]:
    lines = list(lines_of(opening, zone))
    shown = lines[0].date
    yield f"  {long_date(shown)}"
    yield from _origin(opening)
    yield f"  {'local time':<15} UTC"
    for line in lines:
        if line.date != shown:
            yield f"  {long_date(line.date)}"
        shown = line.date
        yield _line(line)
    sums = opening.sums
    yield (
        f"  Sum: up {length(sums.up)} + down {length(sums.down)} + unknown {length(sums.unknown)}"
    )
    excluded = f"+ excluded {length(sums.excluded)} " if sums.excluded else ""
    yield f"     {excluded}= open {length(sums.open)}"


def _origin(opening: ExplainedOpening) -> Iterator[str]:
    if opening.rule == ALWAYS_OPEN:
        yield f"    always open: no business hours are known (rule {RULES[opening.rule]})"
    for row in opening.rows:
        yield f"    business hours: {row_in_words(row)} (rule 3)"
        yield from _notes(row)
    for row in opening.special_rows:
        yield f"    special day: {special_row_in_words(row)} (rule 20)"
        yield from _notes(row)
    if len(opening.rows) + len(opening.special_rows) > 1:
        yield "    these touch or overlap, and count once (rule 3)"


def _notes(row: RowOfDate) -> Iterator[str]:
    return (f"      {note}" for note in notes_in_words(row))


def _line(line: Line) -> str:
    return f"  {line.local:<15} {line.utc:<15} {line.text}"


def _polls(window: ExplainedWindow) -> Iterator[str]:
    uses = Counter(poll.use for poll in window.polls)
    counted = sum(poll.counts for poll in window.polls)
    yield f"  {_counted(counted)} that count" + (
        f"; {uses[FARTHER]:,} of them decide none of this window (rule 7)" if uses[FARTHER] else ""
    )
    for use in _LEFT_OUT:
        if uses[use]:
            yield f"  {_counted(uses[use])} {USES[use]} (rule {RULES[use]})"
    yield ""


def _counted(polls: int) -> str:
    return f"{polls:,} {'poll' if polls == 1 else 'polls'}"


def _totals(window: ExplainedWindow) -> Iterator[str]:
    yield f"  {'Total':<10}{'exact':>18}  {'printed':>9}  column of the report (rule 12)"
    for total in printed_totals(window):
        exact = length(total.exact)
        yield f"  {total.measure:<10}{exact:>18}  {total.printed:>9}  {total.column}"
    yield f"  {'closed':<10}{length(window.closed):>18}"
    yield f"  {'window':<10}{length(window.end - window.start):>18}"
    share = printed_percentage(window)
    known = (
        f"{share} % of the known time, cut off" if window.sums.known else f"{share}: none is known"
    )
    yield f"  uptime is {known} (rule 13)"
