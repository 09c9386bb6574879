"""What happened in an opening, in order: it opens, polls, changes of the status, it closes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from zoneinfo import ZoneInfo

from uptime.explain.explanation import RULES, ExplainedOpening, ExplainedPoll
from uptime.explain.words import USES, clock, length, local, status
from uptime.timelines.sketch import Span

_WITHOUT_POLL = {
    "no_evidence": "no poll counts",
    "max_gap": "every poll is too far",
    "poller_outage": "nobody was polled",
    "exclusion": "this time does not count",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """An instant in local time and UTC, and what happened. ``kind``: edge, poll or span.

    ``state``: that of a span, else "". ``date``: the local date.
    """

    at: int
    date: date
    local: str
    utc: str
    text: str
    kind: str
    state: str = ""


def lines_of(opening: ExplainedOpening, zone: ZoneInfo) -> Iterator[Line]:
    """Yield the lines of an opening, oldest first."""
    begins = "opens" if opening.start == opening.opens else "the window begins, already open"
    ends = "closes" if opening.end == opening.closes else "the window ends, still open"
    yield _line(opening.start, zone, begins, kind="edge")
    happened: list[Span | ExplainedPoll] = [*opening.spans, *opening.polls]
    for what in sorted(happened, key=_order):
        if isinstance(what, Span):
            text = _of_span(what, zone)
            yield _line(what.start, zone, text, kind="span", state=what.state)
        else:
            yield _line(what.at, zone, _of_poll(what), kind="poll")
    yield _line(opening.end, zone, ends, kind="edge")


def _order(what: Span | ExplainedPoll) -> tuple[int, bool]:
    """Sort by instant, a span before the poll at its start."""
    return (what.start, False) if isinstance(what, Span) else (what.at, True)


def _line(at: int, zone: ZoneInfo, text: str, *, kind: str, state: str = "") -> Line:
    here = local(at, zone)
    return Line(
        at=at,
        date=here.date(),
        local=here.time().isoformat(),
        utc=clock(at, UTC),
        text=text,
        kind=kind,
        state=state,
    )


def _of_span(span: Span, zone: ZoneInfo) -> str:
    if span.poll is None:
        why = _WITHOUT_POLL[span.rule]
    else:
        seen, begins = local(span.poll.at, zone), local(span.start, zone)
        day = "" if seen.date() == begins.date() else f"{seen:%-d %b} "
        why = f"nearest poll {day}{seen.time().isoformat()}"
    return f"{span.state} {length(span.end - span.start)}, {why}, rule {RULES[span.rule]}"


def _of_poll(poll: ExplainedPoll) -> str:
    rule = "" if poll.counts else f" (rule {poll.rule})"
    return f"poll: {status(active=poll.active)}, {USES[poll.use]}{rule}"
