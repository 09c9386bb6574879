"""What a page says of one store in sentences."""

from datetime import UTC
from zoneinfo import ZoneInfo

from uptime import BusinessHours, Span
from uptime.instants import from_microseconds
from uptime.open_time.zones import load_zone
from uptime.timelines.drawing import CLOSED, DOWN, MAX_GAP, UNKNOWN, UP
from uptime.timelines.openings import ALWAYS_OPEN
from uptime.windows.elapsed import MINUTE, SECOND

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STATES = {UP: "Up", DOWN: "Down", UNKNOWN: "Unknown", CLOSED: "Closed"}


def span_words(span: Span, hours: BusinessHours, zone: str) -> str:
    """Return when a span was, how long, in which state, and by which poll and rule."""
    where = load_zone(zone)
    when = f"{_clock(span.start, where)} to {_clock(span.end, where)} ({_utc(span)})"
    state, length = STATES[span.state], exactly(span.end - span.start)
    return f"{state}, {length}. {when}. {_why(span, where)}{_opening(span, hours)}"


def exactly(length: int) -> str:
    """Return a length to the microsecond, such as ``1 h 02 min 03.000001 s``."""
    hours, rest = divmod(length, 60 * MINUTE)
    minutes, rest = divmod(rest, MINUTE)
    whole, micro = divmod(rest, SECOND)
    seconds = f"{whole}.{micro:06}".rstrip("0").rstrip(".") + " s"
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes:02} min" if hours else f"{minutes} min"] if hours or minutes else []
    return " ".join([*parts, seconds])


def _why(span: Span, where: ZoneInfo) -> str:
    if span.poll is not None:
        status = "active" if span.poll.active else "inactive"
        at = _clock(span.poll.at, where)
        return f"The nearest poll in open time was {status}, at {at} (rule 7)."
    if span.state == CLOSED:
        return "Outside business hours, so it does not count (rule 3)."
    if span.rule == MAX_GAP:
        return "Too far from any poll (rule 8)."
    return "No poll in open time is near enough to count (rule 6)."


def _opening(span: Span, hours: BusinessHours) -> str:
    opening = span.opening
    if opening is None:
        return ""
    if opening.rule == ALWAYS_OPEN:
        return " The store has no business hours, so it is always open (rule 4)."
    rows = ", ".join(
        f"{_WEEKDAYS[int(hours.weekday[row])]}"
        f" {_wall(int(hours.opens[row]))}\N{EN DASH}{_wall(int(hours.closes[row]))}"
        for row in opening.rows
    )
    return f" Open by: {rows}."


def _clock(at: int, where: ZoneInfo) -> str:
    return f"{from_microseconds(at).astimezone(where):%a %-d %b %H:%M:%S}"


def _utc(span: Span) -> str:
    start, end = (from_microseconds(at).astimezone(UTC) for at in (span.start, span.end))
    return f"{start:%H:%M:%S} to {end:%H:%M:%S} UTC"


def _wall(since_midnight: int) -> str:
    minutes, rest = divmod(since_midnight // SECOND, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text
