"""What the address asks of a store: which days, which window."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stores.local_days import LocalDay, last_days
from uptime.instants import from_microseconds, to_microseconds
from uptime.open_time.zones import load_zone
from uptime.windows.elapsed import DAY

# Seven whole days and the one that is not over yet.
DAYS = 8
_STEP = timedelta(days=7)
_WEEK = 7 * DAY
LONGEST_DAYS = 92
# Leaves room for the days before it, and for any zone.
_FIRST = date(1970, 1, 15)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """``days``: the local days shown, oldest first. ``last``: the date of the last one.

    ``window``: start and end that were picked, in microseconds, or None. ``marked``: an instant to
    mark. ``error``: why something that was asked for is not shown.
    """

    days: tuple[LocalDay, ...]
    last: date
    is_latest: bool
    window: tuple[int, int] | None = None
    marked: int | None = None
    error: str = ""

    @property
    def earlier(self) -> date:
        return self.last - _STEP

    @property
    def later(self) -> date | None:
        """The last day of the next week; None for the newest days."""
        return None if self.is_latest else self.last + _STEP


def read_address(query: Mapping[str, str], *, as_of: int, zone: str) -> Asked:
    """Read ``until`` (a date), ``at`` (an instant), and ``from`` and ``to`` (local or with zone).

    Anything invalid is left out and named in ``error``; later days than that of as of are not
    shown.
    """
    today = _local(as_of, zone).date()
    errors: list[str] = []
    marked = _instant(query.get("at", ""), zone, "at", errors)
    window = _window(query, zone, errors)
    last = _date(query.get("until", ""), errors)
    # An instant of the last week is shown with the newest days, whose numbers can be marked.
    if last is None and marked is not None and marked < as_of - _WEEK:
        last = _local(marked, zone).date() + timedelta(days=1)
    if last is None and window is not None:
        last = _local(window[1], zone).date()
    last = max(min(last or today, today), _FIRST)
    noon = datetime(last.year, last.month, last.day, 12, tzinfo=load_zone(zone))
    days = last_days(to_microseconds(noon), zone, DAYS)
    if last == today and days[0].start > as_of - _WEEK:
        # Clocks went forward, so seven days and a bit are less than the week of the numbers.
        days = last_days(to_microseconds(noon), zone, DAYS + 1)
    return Asked(
        days=days,
        last=last,
        is_latest=last == today,
        window=window,
        marked=marked,
        error=" ".join(errors),
    )


def _window(query: Mapping[str, str], zone: str, errors: list[str]) -> tuple[int, int] | None:
    start = _instant(query.get("from", ""), zone, "from", errors)
    end = _instant(query.get("to", ""), zone, "to", errors)
    if start is None or end is None:
        return None
    if start >= end:
        errors.append("The window ends before it begins.")
        return None
    if end - start > LONGEST_DAYS * DAY:
        errors.append(f"A window is at most {LONGEST_DAYS} days long; ask for a report instead.")
        return None
    return start, end


def _instant(text: str, zone: str, name: str, errors: list[str]) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=load_zone(zone))
        found = to_microseconds(aware)
        from_microseconds(found).astimezone(load_zone(zone))
    except (ValueError, OverflowError):
        errors.append(f"“{name}” is not a date and time.")
        return None
    return found


def _date(text: str, errors: list[str]) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        errors.append("“until” is not a date.")
        return None
    return found


def _local(at: int, zone: str) -> datetime:
    return from_microseconds(at).astimezone(load_zone(zone))
