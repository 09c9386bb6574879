"""The uptime rules again, the slow way, for comparison with the fast core.

Plain Python, one store at a time, datetime and zoneinfo; it shares no code and no idea with
``uptime``. The numbers in the names and comments are those of docs/uptime.md.

Instants and lengths of time are whole microseconds, instants counted from 1970 in UTC.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LAST_MINUTE = time(23, 59)
DEFAULT_ZONE = "America/Chicago"
REPORT_HEADER = (
    "store_id,uptime_last_hour(in minutes),uptime_last_day(in hours),uptime_last_week(in hours),"
    "downtime_last_hour(in minutes),downtime_last_day(in hours),downtime_last_week(in hours)"
)


@dataclass(frozen=True, kw_only=True)
class Hours:
    """One row of business hours; weekday 0 is Monday."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """One opening of one local date; without times the date has none by this row."""

    day: date
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, kw_only=True)
class Poll:
    """One poll."""

    at: int
    active: bool


@dataclass(frozen=True, kw_only=True)
class Store:
    """All that is known of one store."""

    time_zone: str | None = None
    hours: list[Hours] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)
    special_days: list[SpecialDay] = field(default_factory=list)
    exclusions: list[tuple[int, int]] = field(default_factory=list)
    silences: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Share:
    """How one window of one store divides."""

    up: int
    down: int
    unknown: int
    excluded: int = 0

    @property
    def counted(self) -> int:
        return self.up + self.down + self.unknown

    @property
    def open(self) -> int:
        return self.counted + self.excluded


def instant(moment: datetime) -> int:
    """The microseconds of an aware datetime."""
    return (moment - EPOCH) // MICROSECOND


@cache
def zone(name: str) -> ZoneInfo:
    """A zone of the pinned tzdata package, whatever the machine has."""
    source = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with source.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=name)


# Rule 5: from the wall clock to instants.


def wall_clock(at: int, where: ZoneInfo) -> datetime:
    """The wall clock at an instant, as a naive datetime."""
    return (EPOCH + at * MICROSECOND).astimezone(where).replace(tzinfo=None)


def readings(wall: datetime, where: ZoneInfo) -> list[int]:
    """The two instants that datetime offers for a wall time; equal on ordinary days."""
    return sorted(instant(wall.replace(tzinfo=where, fold=fold).astimezone(UTC)) for fold in (0, 1))


def first_instant_past(wall: datetime, where: ZoneInfo, before: int, after: int) -> int:
    """The jump over a missing wall time, by bisection between an instant before and one after."""
    while after - before > 1:
        middle = (before + after) // 2
        if wall_clock(middle, where) < wall:
            before = middle
        else:
            after = middle
    return after


def happenings(wall: datetime, where: ZoneInfo) -> list[int]:
    """Every instant a wall time stands for: once, twice, or the jump that skipped it."""
    candidates = readings(wall, where)
    real = [at for at in candidates if wall_clock(at, where) == wall]
    return real or [first_instant_past(wall, where, candidates[0], candidates[1])]


# Rules 3, 4 and 20: open time.


def closing_date(day: date, row: Hours | SpecialDay) -> date:
    """The local date on which an opening of ``day`` ends; midnight belongs to the next one."""
    overnight = row.closes >= LAST_MINUTE or row.closes <= row.opens
    return day + timedelta(days=1) if overnight else day


def closing_time(row: Hours | SpecialDay) -> time:
    """A closing time within the last minute of the day is how some sources write 24:00."""
    return time(0) if row.closes >= LAST_MINUTE else row.closes


def opening_of(day: date, row: Hours | SpecialDay, where: ZoneInfo) -> tuple[int, int]:
    """Start and end of the opening that one row makes on one local date."""
    start = datetime.combine(day, row.opens)
    end = datetime.combine(closing_date(day, row), closing_time(row))
    return min(happenings(start, where)), max(happenings(end, where))


def local_dates(start: int, end: int, where: ZoneInfo) -> list[date]:
    """Every local date that touches ``[start, end]``, and some to spare on both sides."""
    first = wall_clock(start, where).date() - timedelta(days=3)
    last = wall_clock(end, where).date() + timedelta(days=3)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def merged(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time as disjoint intervals in order; touching ones become one, empty ones none."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def open_intervals(store: Store, start: int, end: int) -> list[tuple[int, int]]:
    """When a store is open; complete for every instant of ``[start, end]``, the last included."""
    where = zone(store.time_zone or DEFAULT_ZONE)
    special = {row.day for row in store.special_days}
    if not store.hours and not special:
        return [(start, end + 1)]
    usual = [day for day in local_dates(start, end, where) if day not in special]
    if store.hours:
        by_the_week = [
            opening_of(day, row, where)
            for day in usual
            for row in store.hours
            if row.weekday == day.weekday()
        ]
    else:
        by_the_week = [whole_date(day, where) for day in usual]
    return merged(
        by_the_week
        + [opening_of(row.day, row, where) for row in store.special_days if row.opens is not None]
    )


def whole_date(day: date, where: ZoneInfo) -> tuple[int, int]:
    """From the first instant that shows a date or a later one to the first that shows the next."""
    midnights = (datetime.combine(one, time(0)) for one in (day, day + timedelta(days=1)))
    start, end = (min(happenings(midnight, where)) for midnight in midnights)
    return start, end


# Rules 1, 6 and 21: evidence.


def is_open(at: int, intervals: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in intervals)


def evidence_of(
    store: Store, intervals: list[tuple[int, int]], start: int, as_of: int
) -> list[Poll]:
    """The polls that count, oldest first."""
    counted = [
        poll
        for poll in store.polls
        if start <= poll.at <= as_of
        and is_open(poll.at, intervals)
        and not is_open(poll.at, store.exclusions)
    ]
    return sorted(counted, key=lambda poll: poll.at)


# Rules 7, 8, 19 and 21: filling.


def doubled_distance(at: int, poll: Poll) -> int:
    """Twice the distance of a poll from the middle of the microsecond that begins at ``at``."""
    return abs(2 * at + 1 - 2 * poll.at)


def status_at(at: int, evidence: list[Poll], max_gap: int | None) -> str:
    """Up, down or unknown, for the microsecond that begins at ``at``.

    Asked for its middle, no microsecond is half-way between two polls an even number apart. Of
    two an odd number apart one is, and a midpoint that is floored gives it to the later.
    """
    if not evidence:
        return "unknown"
    nearest = min(evidence, key=lambda poll: (doubled_distance(at, poll), -poll.at))
    if max_gap is not None and doubled_distance(at, nearest) > 2 * max_gap:
        return "unknown"
    return "up" if nearest.active else "down"


def state_at(store: Store, at: int, evidence: list[Poll], max_gap: int | None) -> str:
    """Of the microsecond that begins at ``at``, if the store is open."""
    if is_open(at, store.exclusions):
        return "excluded"
    if is_open(at, store.silences):
        return "unknown"
    return status_at(at, evidence, max_gap)


def possible_changes(evidence: list[Poll], max_gap: int | None) -> set[int]:
    """Every instant at which the filled status can change."""
    changes = {(a.at + b.at) // 2 for a, b in pairwise(evidence)}
    for poll in evidence if max_gap is not None else []:
        changes |= {poll.at - max_gap, poll.at + max_gap}
    return changes


def share_of(
    store: Store,
    window: tuple[int, int],
    intervals: list[tuple[int, int]],
    evidence: list[Poll],
    max_gap: int | None,
) -> Share:
    """Cut the open time of a window at every possible change and ask for each piece.

    Time in exclusions is excluded (rule 21), other time in silences unknown (rule 19).
    """
    total = {"up": 0, "down": 0, "unknown": 0, "excluded": 0}
    changes = possible_changes(evidence, max_gap)
    changes |= {edge for span in store.exclusions + store.silences for edge in span}
    for opens, closes in intervals:
        start, end = max(opens, window[0]), min(closes, window[1])
        if start >= end:
            continue
        cuts = sorted({start, end} | {at for at in changes if start < at < end})
        for piece_start, piece_end in pairwise(cuts):
            state = state_at(store, piece_start, evidence, max_gap)
            total[state] += piece_end - piece_start
    return Share(**total)


def summarise_store(
    store: Store,
    *,
    as_of: int,
    windows: list[tuple[int, int]],
    look_back: int = DAY,
    max_gap: int | None = None,
) -> list[Share]:
    """One share for each window ``[start, end)``; no window ends after ``as_of``."""
    start = min(window[0] for window in windows) - look_back
    intervals = open_intervals(store, start, as_of)
    evidence = evidence_of(store, intervals, start, as_of)
    return [share_of(store, window, intervals, evidence, max_gap) for window in windows]


# Rules 2, 11 and 12: the report.


def classic_windows(as_of: int) -> list[tuple[int, int]]:
    return [(as_of - length, as_of) for length in (HOUR, DAY, 168 * HOUR)]


def printed(length: int, unit: int) -> str:
    """A length of time in a unit, two decimals, half up: 90 minutes are ``1.50`` hours."""
    hundredths = (2 * 100 * length + unit) // (2 * unit)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def report_row(store: Store, *, as_of: int, max_gap: int | None = None) -> str:
    """The six numbers of one store, as printed."""
    shares = summarise_store(store, as_of=as_of, windows=classic_windows(as_of), max_gap=max_gap)
    units = (MINUTE, HOUR, HOUR)
    up = [printed(share.up, unit) for share, unit in zip(shares, units, strict=True)]
    down = [printed(share.down, unit) for share, unit in zip(shares, units, strict=True)]
    return ",".join(up + down)


def report_text(stores: dict[str, Store], *, as_of: int, max_gap: int | None = None) -> str:
    """The whole report; store ids here need no quoting."""
    rows = [
        f"{store_id},{report_row(stores[store_id], as_of=as_of, max_gap=max_gap)}"
        for store_id in sorted(stores, key=str.encode)
    ]
    return "\n".join([REPORT_HEADER, *rows, ""])
