"""Local days of a store as strips: a band for each span, a tick for each poll.

Readable without colours: up is a solid bar, down a high hatched one, unknown a dotted outline,
closed a thin line. A day of 23 or 25 hours is as long as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stores.backoffice.svg import number
from stores.local_days import LocalDay
from uptime import HOUR, Span, Timeline

_AN_HOUR = 40.0
_BASE, _BOTTOM = 44, 54
_HEIGHTS = {"up": 20.0, "down": 30.0, "unknown": 20.0, "closed": 2.0}
_WIDEST = 25
_NEAREST = 1.0  # Ticks nearer to each other than this are merged.


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One day: its picture, and how long each state lasted in microseconds."""

    day: LocalDay
    picture: SafeString
    up: int
    down: int
    unknown: int
    closed: int

    @property
    def hours(self) -> float:
        """The length of the day."""
        return (self.day.end - self.day.start) / HOUR

    @property
    def known(self) -> int:
        return self.up + self.down


def strips(
    line: Timeline,
    days: Sequence[LocalDay],
    *,
    cuts: Sequence[int],
    described: Callable[[Span], str],
    marked: int | None,
) -> list[Strip]:
    """Return a strip for each day that has begun.

    ``cuts``: instants at which spans are cut, so that whole pieces add up to each window.
    ``described``: a span in words. ``marked``: an instant to mark, or None.
    """
    return [
        _strip(line, day, list(_pieces(line, day, cuts)), described, marked)
        for day in days
        if day.start < line.end
    ]


def _strip(
    line: Timeline,
    day: LocalDay,
    pieces: list[Span],
    described: Callable[[Span], str],
    marked: int | None,
) -> Strip:
    sums = dict.fromkeys(_HEIGHTS, 0)
    for piece in pieces:
        sums[piece.state] += piece.end - piece.start
    title = f"{day.date:%A %-d %B}"
    picture = format_html(
        '<svg class="day" viewBox="-1 0 {} {}" role="group" aria-label="{}: {} spans, arrow keys'
        ' move between them">{}{}{}{}</svg>',
        *(f"{_WIDEST * _AN_HOUR + 2:g}", _BOTTOM, title, len(pieces)),
        _grid(day),
        format_html_join("", "{}", ((one,) for one in _bands(pieces, day, described))),
        _ticks(line, day),
        _mark(marked, day),
    )
    return Strip(day=day, picture=picture, **sums)


def _pieces(line: Timeline, day: LocalDay, cuts: Sequence[int]) -> Iterator[Span]:
    for span in line.spans:
        start, end = max(span.start, day.start), min(span.end, day.end)
        if start >= end:
            continue
        edges = [start, *sorted(cut for cut in set(cuts) if start < cut < end), end]
        for begin, finish in pairwise(edges):
            yield replace(span, start=begin, end=finish)


def _bands(
    pieces: list[Span], day: LocalDay, described: Callable[[Span], str]
) -> Iterator[SafeString]:
    for place, piece in enumerate(pieces):
        height = _HEIGHTS[piece.state]
        x = _x(piece.start, day)
        yield format_html(
            '<rect class="band {}" role="img" tabindex="{}" aria-label="{}" data-from="{}"'
            ' data-to="{}" data-state="{}" x="{}" y="{}" width="{}" height="{}"/>',
            *(piece.state, -1 if place else 0, described(piece), piece.start, piece.end),
            piece.state,
            *map(number, (x, _BASE - height, max(_x(piece.end, day) - x, 0.3), height)),
        )


def _grid(day: LocalDay) -> SafeString:
    places = [(day.start, "00"), *((at, f"{hour:02}") for hour, at in day.ticks)]
    return format_html_join(
        "",
        '<path class="stroke-line" d="M{0} 0v{1}"/><text x="{2}" y="9">{3}</text>',
        ((number(_x(at, day)), _BASE, number(_x(at, day) + 2), text) for at, text in places),
    )


def _ticks(line: Timeline, day: LocalDay) -> SafeString:
    """Return a stroke below the bands for each poll: long if active, short if not."""
    here = [poll for poll in line.polls if day.start <= poll.at < day.end]
    kinds = (("tick", True, 8), ("tick", False, 4))
    paths = []
    for kind, active, length in kinds:
        found = {round(_x(poll.at, day) / _NEAREST) for poll in here if poll.active == active}
        steps = " ".join(f"M{x * _NEAREST:g} {_BASE + 1}v{length}" for x in sorted(found))
        paths.append((kind, steps))
    return format_html_join("", '<path class="{}" d="{}"/>', (one for one in paths if one[1]))


def _mark(marked: int | None, day: LocalDay) -> SafeString:
    if marked is None or not day.start <= marked < day.end:
        return SafeString("")
    return format_html(
        '<path class="marked" id="marked" d="M{} 0v{}"/>', number(_x(marked, day)), _BOTTOM
    )


def _x(at: int, day: LocalDay) -> float:
    return (at - day.start) / HOUR * _AN_HOUR
