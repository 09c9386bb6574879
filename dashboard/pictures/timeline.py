"""One store's days as strips, drawn so that the pieces of a window add up to its numbers."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stores.local_days import LocalDay
from uptime import Span, Timeline
from uptime.open_time.zones import load_zone, offset_steps
from uptime.windows.elapsed import HOUR

STATES = ("up", "down", "unknown", "excluded", "closed")
_HEIGHTS = {"up": 15, "down": 24, "unknown": 10, "excluded": 8, "closed": 3}
_BASE = 28
# A style sheet cannot refer to a pattern inside the page, so fills are attributes.
_FILLS = {
    "up": "currentColor",
    "down": "url(#down-hatch)",
    "unknown": "url(#unknown-hatch)",
    "excluded": "url(#excluded-hatch)",
    "closed": "currentColor",
}
# More spans than this are joined where the state is the same: a poll a minute has 10,000 a week.
_MOST_SPANS = 2_000
# Polls nearer than this share of a strip are one tick.
_FINEST = 1_000


@dataclass(frozen=True, kw_only=True)
class Piece:
    """``[start, end)`` in one day and on one side of each edge of the numbers' windows.

    ``span``: its place among the spans.
    """

    start: int
    end: int
    state: str
    span: int


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A day, its pieces, and the picture of them."""

    day: LocalDay
    pieces: Sequence[Piece]
    picture: SafeString

    @property
    def hours(self) -> str:
        return f"{(self.day.end - self.day.start) / HOUR:g}"

    @property
    def is_odd(self) -> bool:
        """Whether the clock changes on this day."""
        return self.day.end - self.day.start != 24 * HOUR

    @property
    def sums(self) -> dict[str, int]:
        """How long each state lasts on this day."""
        sums = dict.fromkeys(STATES, 0)
        for piece in self.pieces:
            sums[piece.state] += piece.end - piece.start
        return sums


def joined_spans(line: Timeline) -> list[tuple[Span, ...]]:
    """Return each span alone; if they are too many, those that follow each other alike together."""
    if len(line.spans) <= _MOST_SPANS:
        return [(span,) for span in line.spans]
    found: list[list[Span]] = []
    for span in line.spans:
        if found and (found[-1][-1].state, found[-1][-1].rule) == (span.state, span.rule):
            found[-1].append(span)
        else:
            found.append([span])
    return [tuple(spans) for spans in found]


def strips(
    line: Timeline,
    days: Sequence[LocalDay],
    edges: Collection[int],
    at: int | None,
    silences: Sequence[tuple[int, int]] = (),
) -> list[Strip]:
    """Return a strip for each day.

    ``edges``: instants at which pieces are cut. ``at``: a mark. ``silences``: when nobody polled.
    """
    pieces = list(_pieces(line, days, edges))
    longest = _longest(days)
    found = []
    for day in days:
        inside = [piece for piece in pieces if day.start <= piece.start < day.end]
        drawing = _drawing(line, day, inside, longest, at, silences)
        found.append(Strip(day=day, pieces=inside, picture=drawing))
    return found


def axis(days: Sequence[LocalDay]) -> SafeString:
    """Return the hours above the strips, where the first day's clock shows them."""
    day, longest = days[0], _longest(days)
    return format_html(
        '<svg class="axis" width="100%" height="14" aria-hidden="true">{}</svg>',
        format_html_join(
            "",
            '<text x="{}%" y="11">{}</text>',
            (
                (f"{(at - day.start) / longest * 100:.3f}", f"{hour:02}")
                for hour, at in ((0, day.start), *day.ticks)
            ),
        ),
    )


def _longest(days: Sequence[LocalDay]) -> int:
    return max(day.end - day.start for day in days)


def told_spans(line: Timeline, zone: str) -> dict[str, Any]:
    """Return what the script needs for the details of spans.

    ``spans``: start, end, state, rule, the first poll, whether it was up, how many polls.
    ``steps``: from when on the zone is how many microseconds ahead of UTC.
    """
    told = []
    for spans in joined_spans(line):
        poll = spans[0].poll
        seen = (poll.at, poll.active) if poll else (None, None)
        told.append(
            (spans[0].start, spans[-1].end, spans[0].state, spans[0].rule, *seen, len(spans))
        )
    steps = offset_steps(load_zone(zone), line.start - 24 * HOUR, line.end + 24 * HOUR)
    pairs = list(zip(steps.starts.tolist(), steps.offsets.tolist(), strict=True))
    # The first step begins before any instant that JavaScript can count.
    pairs[0] = (0, pairs[0][1])
    return {"spans": told, "steps": pairs}


def _pieces(line: Timeline, days: Sequence[LocalDay], edges: Collection[int]) -> Iterator[Piece]:
    cuts = sorted({*edges, *(day.start for day in days)})
    for number, spans in enumerate(joined_spans(line)):
        start, end = spans[0].start, spans[-1].end
        inside = [cut for cut in cuts if start < cut < end]
        for begin, finish in zip([start, *inside], [*inside, end], strict=True):
            yield Piece(start=begin, end=finish, state=spans[0].state, span=number)


def _drawing(  # noqa: PLR0913, PLR0917 - all that a strip shows
    line: Timeline,
    day: LocalDay,
    pieces: Iterable[Piece],
    longest: int,
    at: int | None,
    silences: Iterable[tuple[int, int]],
) -> SafeString:
    def place(instant: int) -> str:
        return f"{(instant - day.start) / longest * 100:.3f}%"

    rects = (
        (
            *(piece.state, _FILLS[piece.state], place(piece.start), _BASE - _HEIGHTS[piece.state]),
            f"{(piece.end - piece.start) / longest * 100:.3f}%",
            _HEIGHTS[piece.state],
            *(piece.span, piece.start, piece.end),
        )
        for piece in pieces
    )
    within = [(max(start, day.start), min(end, day.end)) for start, end in silences]
    silent = [
        (place(start), f"{(end - start) / longest * 100:.3f}%")
        for start, end in within
        if start < end
    ]
    marks = ((place(at),) for at in ([at] if at is not None and day.start <= at < day.end else []))
    return format_html(
        '<svg class="strip" width="100%" height="40" aria-hidden="true" focusable="false">'
        '<rect class="day" x="0" y="0" width="{}" height="{}"/>{}{}{}{}{}</svg>',
        place(day.end),
        _BASE,
        format_html_join("", '<rect class="silence" x="{}" y="0" width="{}" height="40"/>', silent),
        format_html_join(
            "",
            '<line class="hour" x1="{0}" x2="{0}" y1="0" y2="28"/>',
            ((place(instant),) for _, instant in day.ticks),
        ),
        format_html_join(
            "",
            '<rect class="piece {}" fill="{}" x="{}" y="{}" width="{}" height="{}"'
            ' data-n="{}" data-a="{}" data-b="{}"/>',
            rects,
        ),
        _ticks(line, day, longest),
        format_html_join("", '<line class="at" x1="{0}" x2="{0}" y1="0" y2="40"/>', marks),
    )


def _ticks(line: Timeline, day: LocalDay, longest: int) -> SafeString:
    """Return a tick for each poll: long if offline, pale if it does not count."""
    polls = [poll for poll in line.polls if day.start <= poll.at < day.end]
    found = {
        (round((poll.at - day.start) / longest * _FINEST), poll.active, poll.is_evidence)
        for poll in polls
    }
    return format_html_join(
        "",
        '<line class="poll {0}{1}" x1="{2}%" x2="{2}%" y1="30" y2="{3}"/>',
        (
            (
                "up" if active else "down",
                "" if used else " unused",
                f"{where / _FINEST * 100:.1f}",
                35 if active else 40,
            )
            for where, active, used in sorted(found)
        ),
    )
