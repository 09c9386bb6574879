"""How the cases are written down, and how they are given to the core and to the reference.

Instants are UTC, like "2023-01-24 10:14"; lengths of time are hours, like "1:44:30".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TypeVar

import numpy as np

from tests.reference import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Hours,
    Poll,
    Share,
    SpecialDay,
    Store,
    instant,
)
from uptime import (
    BusinessHours,
    Exclusions,
    Fleet,
    Polls,
    Question,
    SpecialDays,
    Window,
    summarise,
)
from uptime.open_time.intervals import StoreIntervals
from uptime.open_time.special_days import CLOSED_ALL_DAY
from uptime.poller.silences import Silences

WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
Span = tuple[int, int]
IntervalsT = TypeVar("IntervalsT", bound=StoreIntervals)

_STATES = ("up", "down", "unknown", "excluded")


def at(text: str) -> int:
    return instant(datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC))


def length(text: str) -> int:
    """Microseconds of "8", "1:30", "1:44:30" or "0:00:00.000001"."""
    hours, minutes, seconds = [*text.split(":"), "0", "0"][:3]
    whole, _, fraction = seconds.partition(".")
    micros = int(fraction.ljust(6, "0"))
    return int(hours) * HOUR + int(minutes) * MINUTE + int(whole) * SECOND + micros


def hours(text: str) -> list[Hours]:
    """Rows of "Mon 09:00-17:00, Sat-Sun 22:00-02:00" or "daily 09:00-12:00"."""
    return [row for part in text.split(",") if part.strip() for row in _rows(*part.split())]


def _rows(days: str, span: str) -> list[Hours]:
    first, _, last = ("Mon-Sun" if days == "daily" else days).partition("-")
    opens, closes = (time.fromisoformat(part) for part in span.split("-"))
    weekdays = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    return [Hours(weekday=day, opens=opens, closes=closes) for day in weekdays]


def special_days(text: str) -> list[SpecialDay]:
    """Rows of "2023-01-24 10:00-14:00, 2023-01-25 closed"."""
    return [_special(*part.split()) for part in text.split(",") if part.strip()]


def _special(day: str, span: str) -> SpecialDay:
    if span == "closed":
        return SpecialDay(day=date.fromisoformat(day))
    opens, closes = (time.fromisoformat(part) for part in span.split("-"))
    return SpecialDay(day=date.fromisoformat(day), opens=opens, closes=closes)


def spans(text: str) -> list[Span]:
    """Intervals of "2023-01-24 10:00 to 2023-01-24 11:30, ..."."""
    pairs = [part.split(" to ") for part in text.split(",") if part.strip()]
    return [(at(start.strip()), at(end.strip())) for start, end in pairs]


def polls(*texts: str) -> list[Poll]:
    """Polls of "2023-01-24 10:14 up" or, where they share the date, "... 10:14 up, 11:15 down"."""
    return [poll for text in texts for poll in _polls_of_date(*text.split(" ", 1))]


def _polls_of_date(date: str, rest: str) -> list[Poll]:
    pairs = [part.split() for part in rest.split(",")]
    return [Poll(at=at(f"{date} {clock}"), active=status == "up") for clock, status in pairs]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One window of a case, and how it divides."""

    window: Span
    open: int
    share: Share


def expect(
    start: str,
    end: str,
    *,
    open: str,  # noqa: A002
    up: str = "0",
    down: str = "0",
    unknown: str = "0",
    excluded: str = "0",
) -> Expected:
    share = Share(
        up=length(up), down=length(down), unknown=length(unknown), excluded=length(excluded)
    )
    return Expected(window=(at(start), at(end)), open=length(open), share=share)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One store, and the expected results."""

    name: str
    as_of: str | int
    expected: list[Expected]
    zone: str | None = "UTC"
    hours: str = ""
    polls: list[Poll] = field(default_factory=list)
    special_days: str = ""
    exclusions: str = ""
    silences: str = ""
    look_back: int = DAY
    max_gap: str | None = None

    @property
    def store(self) -> Store:
        return Store(
            time_zone=self.zone,
            hours=hours(self.hours),
            polls=self.polls,
            special_days=special_days(self.special_days),
            exclusions=spans(self.exclusions),
            silences=spans(self.silences),
        )

    @property
    def as_of_instant(self) -> int:
        return at(self.as_of) if isinstance(self.as_of, str) else self.as_of

    @property
    def windows(self) -> list[Span]:
        return [expected.window for expected in self.expected]

    @property
    def max_gap_length(self) -> int | None:
        return None if self.max_gap is None else length(self.max_gap)


def by_the_core(
    stores: Sequence[Store],
    *,
    as_of: int,
    windows: Sequence[Span],
    look_back: int = DAY,
    max_gap: int | None = None,
) -> list[list[Share]]:
    """The result of ``summarise`` for each store, one share for each window."""
    asked = Question(
        as_of=as_of,
        windows=[Window(name=f"w{n}", start=a, end=b) for n, (a, b) in enumerate(windows)],
        look_back=look_back,
        max_gap=max_gap,
    )
    summary = summarise(fleet_of(stores), asked)
    measures = (summary.up, summary.down, summary.unknown, summary.excluded)
    assert (sum(measures) == summary.open).all()
    return [
        [
            Share(**dict(zip(_STATES, (int(one[n]) for one in window), strict=True)))
            for window in zip(*measures, strict=True)
        ]
        for n in range(len(stores))
    ]


def fleet_of(stores: Sequence[Store], ids: Sequence[str] | None = None) -> Fleet:
    names = sorted({store.time_zone for store in stores if store.time_zone is not None})
    zones = [names.index(s.time_zone) if s.time_zone else -1 for s in stores]
    return Fleet(
        store_ids=ids or [f"store {n}" for n in range(len(stores))],
        time_zones=np.array(zones, dtype=np.int32),
        zone_names=names,
        hours=hours_columns(stores),
        polls=poll_columns(stores),
        special_days=special_columns(stores),
        exclusions=interval_columns(Exclusions, [store.exclusions for store in stores]),
        silences=interval_columns(Silences, [store.silences for store in stores]),
    )


def interval_columns(kind: type[IntervalsT], of_stores: Sequence[Sequence[Span]]) -> IntervalsT:
    rows = [(n, *span) for n, spans in enumerate(of_stores) for span in spans]
    store, start, end = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return kind(store=store, start=start, end=end)


def special_columns(stores: Sequence[Store]) -> SpecialDays:
    rows = [(n, row) for n, store in enumerate(stores) for row in store.special_days]
    return SpecialDays(
        store=np.array([n for n, _ in rows], dtype=np.int32),
        date=np.array([(row.day - date(1970, 1, 1)).days for _, row in rows], dtype=np.int32),
        opens=np.array([_on_special_day(row.opens) for _, row in rows], dtype=np.int64),
        closes=np.array([_on_special_day(row.closes) for _, row in rows], dtype=np.int64),
    )


def _on_special_day(clock: time | None) -> int:
    return CLOSED_ALL_DAY if clock is None else _since_midnight(clock)


def hours_columns(stores: Sequence[Store]) -> BusinessHours:
    rows = [(n, row) for n, store in enumerate(stores) for row in store.hours]
    return BusinessHours(
        store=np.array([n for n, _ in rows], dtype=np.int32),
        weekday=np.array([row.weekday for _, row in rows], dtype=np.int8),
        opens=np.array([_since_midnight(row.opens) for _, row in rows], dtype=np.int64),
        closes=np.array([_since_midnight(row.closes) for _, row in rows], dtype=np.int64),
    )


def poll_columns(stores: Sequence[Store]) -> Polls:
    rows = [(n, poll) for n, store in enumerate(stores) for poll in store.polls]
    return Polls(
        store=np.array([n for n, _ in rows], dtype=np.int32),
        at=np.array([poll.at for _, poll in rows], dtype=np.int64),
        active=np.array([poll.active for _, poll in rows], dtype=np.bool_),
    )


def _since_midnight(clock: time) -> int:
    return (clock.hour * 60 + clock.minute) * MINUTE + clock.second * SECOND + clock.microsecond
