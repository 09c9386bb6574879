"""The last days of a store as a picture: one row per day, in the store's local time.

Readable without colours: up is a tall solid bar, down a low hatched one, unknown a low dotted one,
excluded a lower one of lines, closed a thin line. Polls are strokes: above the row if active, below
if inactive.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from stores.backoffice.svg import Box, box, joined, picture, strokes, words
from stores.local_days import LocalDay
from uptime import HOUR, SeenPoll, Span, Timeline
from uptime.instants import from_microseconds
from uptime.open_time.zones import load_zone

_LEFT, _TOP, _ROW = 76, 18, 34
_AN_HOUR = 20.0
_BASE = 26  # The base of the bars, from the top of a row.
_HEIGHTS = {"up": 18.0, "down": 10.0, "unknown": 6.0, "excluded": 4.0, "closed": 1.5}
_STROKE = 4
_FINEST = 0.5  # Strokes nearer to each other than this are merged.


def timeline_picture(line: Timeline, days: Sequence[LocalDay], zone: str) -> SafeString:
    """Return a picture of the days; the timeline must cover all but the end of them."""
    longest = max((day.end - day.start for day in days), default=24 * HOUR)
    size = (round(_LEFT + max(longest, 25 * HOUR) / HOUR * _AN_HOUR + 8), _TOP + _ROW * len(days))
    rows = [joined(_row(line, day, place, zone)) for place, day in enumerate(days)]
    return picture(
        [_patterns(), *_hours(days), *rows],
        size=size,
        name="timeline",
        title=f"The last {len(days)} days, in the time of {zone}",
        described=" ".join(f"{day}: {text}." for day, text in described_days(line, days)),
    )


def described_days(line: Timeline, days: Sequence[LocalDay]) -> list[tuple[str, str]]:
    """Return how long each state lasted on each day, such as ``up 8.00 h, closed 16.00 h``."""
    return [(f"{day.date:%a %Y-%m-%d}", _lengths(line, day)) for day in days]


def _lengths(line: Timeline, day: LocalDay) -> str:
    sums = dict.fromkeys(_HEIGHTS, 0)
    for span, start, end in _pieces(line.spans, day):
        sums[span.state] += end - start
    known = [f"{state} {length / HOUR:.2f} h" for state, length in sums.items() if length]
    return ", ".join(known) or "nothing yet"


def _pieces(spans: Iterable[Span], day: LocalDay) -> Iterator[tuple[Span, int, int]]:
    """Yield the spans of a day, each with its start and end within the day."""
    for span in spans:
        start, end = max(span.start, day.start), min(span.end, day.end)
        if start < end:
            yield span, start, end


def _stretches(spans: Iterable[Span], day: LocalDay) -> list[tuple[str, int, int]]:
    """Return the states of a day with their starts and ends, merging spans of equal state."""
    found: list[tuple[str, int, int]] = []
    for span, start, end in _pieces(spans, day):
        if found and found[-1][0] == span.state:
            found[-1] = (span.state, found[-1][1], end)
        else:
            found.append((span.state, start, end))
    return found


def _row(line: Timeline, day: LocalDay, place: int, zone: str) -> Iterator[SafeString]:
    top = _TOP + place * _ROW
    hours = (day.end - day.start) / HOUR
    label = f"{day.date:%a %m-%d}" + ("" if hours == 24 else f" {hours:g} h")
    yield words(_LEFT - 6, top + _BASE - 4, label, "day")
    edges = (day.start, *(at for _, at in day.ticks), day.end)
    yield strokes(((_x(at, day), top + 4, _BASE) for at in edges), "grid main")
    for state, start, end in _stretches(line.spans, day):
        height = _HEIGHTS[state]
        bar = Box(_x(start, day), top + _BASE - height, _x(end, day) - _x(start, day), height)
        yield box(bar, state, f"{clock(start, zone)} to {clock(end, zone)}: {state}")
    polls = [poll for poll in line.polls if day.start <= poll.at < day.end]
    for active, y in ((True, top + 3), (False, top + _BASE + 1)):
        for is_evidence, kind in ((True, "poll"), (False, "poll unused")):
            chosen = [p for p in polls if (p.active, p.is_evidence) == (active, is_evidence)]
            yield strokes(((x, y, _STROKE) for x in _places(chosen, day)), kind)


def _places(polls: Iterable[SeenPoll], day: LocalDay) -> list[float]:
    """Return the positions of polls; very many are thinned to what can be told apart."""
    return sorted({round(_x(poll.at, day) / _FINEST) * _FINEST for poll in polls})


def _hours(days: Sequence[LocalDay]) -> Iterator[SafeString]:
    """Yield the hour labels above the first row, where its clock shows them."""
    for day in days[:1]:
        yield words(_x(day.start, day), _TOP - 4, "00", "hour")
        for hour, at in day.ticks:
            yield words(_x(at, day), _TOP - 4, f"{hour:02}", "hour")


def _x(at: int, day: LocalDay) -> float:
    return _LEFT + (at - day.start) / HOUR * _AN_HOUR


def clock(at: int, zone: str) -> str:
    """Return an instant in the time of a zone, to the second."""
    return f"{from_microseconds(at).astimezone(load_zone(zone)):%a %m-%d %H:%M:%S}"


def _patterns() -> SafeString:
    """Return the fill patterns of bars, for readers without colours."""
    return format_html(
        '<defs><pattern id="hatched" width="5" height="5" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect class="paper" width="5" height="5"/>'
        '<rect class="ink" width="2" height="5"/></pattern>'
        '<pattern id="dotted" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<rect class="paper" width="4" height="4"/><circle class="ink" cx="2" cy="2" r="1"/>'
        '</pattern><pattern id="lined" width="3" height="3" patternUnits="userSpaceOnUse">'
        '<rect class="paper" width="3" height="3"/><rect class="ink" width="1" height="3"/>'
        "</pattern></defs>{}",
        "",
    )
