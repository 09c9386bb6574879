"""Small fleets drawn where it hurts: near changes of the clocks, at edges, at odd microseconds."""

import os
from dataclasses import dataclass
from datetime import time, timedelta

from hypothesis import settings
from hypothesis import strategies as st

from tests.reference import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Hours,
    Poll,
    SpecialDay,
    Store,
    wall_clock,
)
from tests.reference import zone as reference_zone
from tests.unit.uptime.notation import Span, at

# Each run draws other examples. PROPERTY_EXAMPLES=10 looks ten times as far.
FURTHER = int(os.environ.get("PROPERTY_EXAMPLES", "1"))
thoroughly = settings(max_examples=150 * FURTHER, print_blob=True)
often = settings(max_examples=40 * FURTHER, print_blob=True)

# A zone, and an instant at which its clocks changed (or nothing special happened).
CHANGES = [
    ("America/New_York", "2024-03-10 07:00"),
    ("America/New_York", "2024-11-03 06:00"),
    ("America/New_York", "2040-03-11 07:00"),
    ("Europe/London", "2024-03-31 01:00"),
    ("Europe/London", "2024-10-27 01:00"),
    ("Europe/Dublin", "2024-10-27 01:00"),
    ("Australia/Lord_Howe", "2024-10-05 15:30"),
    ("Australia/Lord_Howe", "2024-04-06 15:00"),
    ("Australia/Sydney", "2024-10-05 16:00"),
    ("Africa/Cairo", "2024-04-25 22:00"),
    ("Africa/Cairo", "2024-10-31 21:00"),
    ("Africa/Casablanca", "2024-03-10 02:00"),
    ("Asia/Beirut", "2024-03-30 22:00"),
    ("America/Havana", "2024-11-03 05:00"),
    ("America/Asuncion", "2023-10-01 04:00"),
    ("America/St_Johns", "2024-03-10 05:30"),
    ("Pacific/Chatham", "2024-04-06 14:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("Pacific/Kwajalein", "1993-08-21 12:00"),
    ("Pacific/Kwajalein", "1969-09-30 13:00"),
    ("Pacific/Enderbury", "1994-12-31 11:00"),
    ("Asia/Kathmandu", "1970-01-01 00:00"),
    ("Asia/Kolkata", "2023-01-25 00:00"),
]
ZONES = [*sorted({zone for zone, _ in CHANGES}), "UTC", "America/Chicago"]

WALL_TIMES = (
    *(time(hour) for hour in (0, 1, 2, 3, 6, 9, 12, 17, 22, 23)),
    *(time(hour, 30) for hour in (0, 1, 2, 23)),
    time(0, 0, 0, 1),
    time(2, 15),
    time(23, 58, 59, 999_999),
    time(23, 59),
    time(23, 59, 30),
    time(23, 59, 59),
    time(23, 59, 59, 999_999),
)


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """Stores and one question about them."""

    stores: list[Store]
    as_of: int
    windows: list[Span]
    look_back: int
    max_gap: int | None

    @property
    def first_evidence(self) -> int:
        return min(start for start, _ in self.windows) - self.look_back

    @property
    def question(self) -> dict[str, object]:
        return {
            "as_of": self.as_of,
            "windows": self.windows,
            "look_back": self.look_back,
            "max_gap": self.max_gap,
        }


def near(instant: int, reach: int) -> st.SearchStrategy[int]:
    """Instants around another: the same, a microsecond off, whole half hours off, or any."""
    halves = reach // (30 * MINUTE)
    return st.one_of(
        st.integers(-2, 2),
        st.integers(-halves, halves).map(lambda n: n * 30 * MINUTE),
        st.integers(-reach, reach),
    ).map(lambda offset: instant + offset)


def clocks(change: int, zone: str) -> st.SearchStrategy[time]:
    """Times of day, many at a change of the clocks, on both its wall times."""
    before, after = (wall_clock(change + n, reference_zone(zone)) for n in (-1, 0))
    moments = (before, before + timedelta(microseconds=1), after)
    edges = [moment.time().replace(fold=0) for moment in moments]
    return st.one_of(st.sampled_from(edges), st.sampled_from(WALL_TIMES), st.times())


def hours_rows(change: int, zone: str) -> st.SearchStrategy[list[Hours]]:
    """Rows of which most open or close around a change of the clocks."""
    before, after = (wall_clock(change + n, reference_zone(zone)) for n in (-1, 0))
    times = clocks(change, zone)
    weekdays = st.one_of(
        st.sampled_from([before.weekday(), after.weekday(), (before.weekday() - 1) % 7]),
        st.integers(0, 6),
    )
    rows = st.lists(st.builds(Hours, weekday=weekdays, opens=times, closes=times), max_size=6)
    daily = st.tuples(times, times).map(
        lambda pair: [Hours(weekday=n, opens=pair[0], closes=pair[1]) for n in range(7)]
    )
    return st.one_of(rows, daily, st.tuples(rows, daily).map(lambda pair: pair[0] + pair[1]))


def special_days(change: int, zone: str) -> st.SearchStrategy[list[SpecialDay]]:
    """Dates around a change of the clocks, some closed, some with several openings."""
    days = st.integers(-9, 3).map(
        lambda n: wall_clock(change, reference_zone(zone)).date() + timedelta(days=n)
    )
    times = clocks(change, zone)
    opened = st.builds(SpecialDay, day=days, opens=times, closes=times)
    return st.lists(st.one_of(st.builds(SpecialDay, day=days), opened), max_size=4)


def intervals(as_of: int) -> st.SearchStrategy[list[Span]]:
    """Intervals of any length before and after a report, some of them empty."""
    starts = st.one_of(near(as_of - DAY, 36 * HOUR), st.integers(as_of - 10 * DAY, as_of))
    lengths = st.sampled_from([0, 1, HOUR, 5 * HOUR + 1, 3 * DAY, 30 * DAY])
    spans = st.tuples(starts, lengths).map(lambda pair: (pair[0], sum(pair)))
    return st.lists(spans, max_size=4)


def poll_lists(change: int, as_of: int) -> st.SearchStrategy[list[Poll]]:
    """Polls around a change and a report, some after it; never two of one instant."""
    instants = st.one_of(near(change, 12 * HOUR), near(as_of, 36 * HOUR))
    polls = st.builds(Poll, at=instants, active=st.booleans())
    return st.lists(polls, max_size=16, unique_by=lambda poll: poll.at)


def stores(change: int, zone: str, as_of: int) -> st.SearchStrategy[Store]:
    """Stores most of which are in the zone of the change."""
    here, elsewhere = st.just(zone), st.sampled_from([None, *ZONES])
    return st.builds(
        Store,
        time_zone=st.one_of(here, here, here, elsewhere),
        hours=hours_rows(change, zone),
        polls=poll_lists(change, as_of),
        special_days=st.one_of(st.just([]), special_days(change, zone)),
        exclusions=st.one_of(st.just([]), intervals(as_of)),
    )


def windows(change: int, as_of: int) -> st.SearchStrategy[Span]:
    """The classic windows, and others of up to ten days, many of them with the change inside."""
    classic = st.sampled_from([(as_of - length, as_of) for length in (HOUR, DAY, 7 * DAY)])
    starts = st.one_of(near(change - 6 * HOUR, 6 * HOUR), st.integers(as_of - 10 * DAY, as_of - 1))
    ends = st.one_of(near(change + 6 * HOUR, 6 * HOUR), st.integers(as_of - 3 * DAY, as_of))
    others = st.tuples(starts, ends).map(lambda pair: (pair[0], min(pair[1], as_of)))
    return st.one_of(classic, others.filter(lambda window: window[0] < window[1]))


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    zone, moment = draw(st.sampled_from(CHANGES))
    change = at(moment)
    as_of = draw(near(change + DAY, DAY + HOUR))
    return Fleet(
        stores=draw(st.lists(stores(change, zone, as_of), min_size=1, max_size=4)),
        as_of=as_of,
        windows=draw(st.lists(windows(change, as_of), min_size=1, max_size=3)),
        look_back=draw(st.sampled_from([DAY, DAY, 3 * HOUR + 1, 0])),
        max_gap=draw(st.one_of(st.none(), st.sampled_from([0, 1, SECOND, HOUR, 6 * HOUR + 1]))),
    )
