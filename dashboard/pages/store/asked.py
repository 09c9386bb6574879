"""Which days and which window a visitor asks for, in the store's own time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from stores.http.queries import LONGEST
from stores.local_days import LocalDay, days_from, local_date
from uptime import Window
from uptime.instants import from_microseconds, to_microseconds
from uptime.open_time.zones import load_zone
from uptime.windows.elapsed import DAY, HOUR

WEEK_DAYS = 7
# Those of the numbers on the page; the last two are on it only if they are asked for.
RECENT = ("last hour", "last day", "last week")
PICKED, SHOWN_WEEK = "picked", "shown week"
TITLES = (*RECENT, PICKED, SHOWN_WEEK)
# A longer window has numbers, but is not drawn.
MOST_DRAWN = 35
# Each poll from then on is read, since a gap may be filled from either side.
_FURTHEST = timedelta(days=3660)
# No zone shows the year 10000 before then.
_FAR = to_microseconds(datetime(9999, 12, 1, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """``days``: those to draw. ``is_newest``: whether they end with that of the newest poll.

    ``picked``: a window from the calendar, None for none; ``is_drawn``: whether the days are its
    own. ``at``: an instant to mark. ``why``: the title of the numbers to explain. ``errors``:
    sentences by the name of the parameter.
    """

    days: tuple[LocalDay, ...]
    is_newest: bool
    picked: Window | None = None
    is_drawn: bool = False
    at: int | None = None
    why: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def before(self) -> date:
        """The first day of the week before."""
        return self.days[0].date - timedelta(days=WEEK_DAYS)

    @property
    def after(self) -> date:
        """The first day of the week after."""
        return self.days[-1].date + timedelta(days=1)


def asked_of(given: Mapping[str, str], *, as_of: int, zone: str) -> Asked:
    """Return what ``week``, ``at``, ``from``, ``to`` and ``why`` ask for.

    Unusable values have errors.

    Instants without an offset are in ``zone``.
    """
    asking = _Reader(given, as_of, zone)
    picked, at = asking.window(), asking.instant("at")
    first, why = asking.date("week"), asking.title("why")
    if picked and picked.end - picked.start <= MOST_DRAWN * DAY:
        start, end = (local_date(t, zone) for t in (picked.start, picked.end - 1))
        days = days_from(start, zone, (end - start).days + 1)
        drawn = Asked(days=days, is_newest=False, picked=picked, is_drawn=True, at=at, why=why)
        return _with(drawn, asking.errors)
    # The newest days hold the whole last week, so that its numbers can be drawn.
    newest = local_date(as_of - WEEK_DAYS * DAY, zone)
    if first is None and at is not None:
        first = local_date(at, zone)
        weeks = -(-(newest - first).days // WEEK_DAYS)
        first = newest - timedelta(days=WEEK_DAYS * max(weeks, 0))
    is_newest = first is None or first >= newest
    days = (
        days_from(newest, zone, (local_date(as_of, zone) - newest).days + 1)
        if first is None or is_newest
        else days_from(first, zone, WEEK_DAYS)
    )
    found = Asked(days=days, is_newest=is_newest, picked=picked, at=at, why=why)
    return _with(found, asking.errors)


def _with(asked: Asked, errors: Mapping[str, str]) -> Asked:
    return Asked(**{**asked.__dict__, "errors": errors})


def instant_of(text: str, zone: str) -> int | None:
    """Return the instant of a text, None if it is none.

    Links have microseconds of UTC or an offset, forms a wall time of the zone.
    """
    try:
        moment = from_microseconds(int(text)) if text.isdecimal() else datetime.fromisoformat(text)
        at = to_microseconds(moment if moment.tzinfo else moment.replace(tzinfo=load_zone(zone)))
    except (ValueError, OverflowError):
        return None
    return at if 0 < at < _FAR else None


class _Reader:
    """Reads parameters and collects what is wrong with them."""

    def __init__(self, given: Mapping[str, str], as_of: int, zone: str) -> None:
        self.given, self.as_of, self.zone = given, as_of, zone
        self.errors: dict[str, str] = {}

    def date(self, name: str) -> date | None:
        text = self.given.get(name, "")
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.errors[name] = "This is not a date."
            return None
        newest = local_date(self.as_of, self.zone)
        if day < newest - _FURTHEST:
            self.errors[name] = "This is more than ten years before the newest poll."
            return None
        return min(day, newest)

    def instant(self, name: str) -> int | None:
        text = self.given.get(name, "")
        if not text:
            return None
        at = instant_of(text, self.zone)
        if at is None:
            self.errors[name] = "This is not a date with a time."
            return None
        if at < self.as_of - _FURTHEST // timedelta(microseconds=1):
            self.errors[name] = "This is more than ten years before the newest poll."
            return None
        return min(at, self.as_of)

    def title(self, name: str) -> str:
        text = self.given.get(name, "")
        if text and text not in TITLES:
            self.errors[name] = f"Choose one of: {', '.join(TITLES)}."
            return ""
        return text

    def window(self) -> Window | None:
        start, end = self.instant("from"), self.instant("to")
        if start is None and end is None:
            return None
        if start is None or end is None:
            missing = "from" if start is None else "to"
            self.errors.setdefault(missing, "Give both the start and the end.")
            return None
        if start >= end:
            self.errors["from"] = "It must begin before its end, and before the newest poll."
            return None
        if end - start > LONGEST.days * 24 * HOUR:
            self.errors["from"] = f"Pick at most {LONGEST.days} days."
            return None
        return Window(name="picked", start=start, end=end)
