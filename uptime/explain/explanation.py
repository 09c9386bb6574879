"""What an explanation consists of. Instants and lengths are whole microseconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from uptime.explain.rows import RowOfDate
from uptime.timelines.sketch import DOWN, EXCLUDED, UNKNOWN, UP, SeenPoll, Span
from uptime.windows.bounds import AnyWindow

# What became of a poll.
DECIDES = "decides"
FARTHER = "farther"
OUTSIDE_HOURS = "outside_hours"
IN_EXCLUSION = "in_exclusion"
BEFORE_LOOK_BACK = "before_look_back"
AFTER_AS_OF = "after_as_of"
REPLACED = "replaced"

# The rule of docs/uptime.md behind each reason.
RULES = {
    "nearest_poll": 7,
    "no_evidence": 8,
    "max_gap": 8,
    "poller_outage": 19,
    "exclusion": 21,
    "business_hours": 3,
    "always_open": 4,
    "special_day": 20,
    DECIDES: 7,
    FARTHER: 7,
    OUTSIDE_HOURS: 6,
    IN_EXCLUSION: 21,
    BEFORE_LOOK_BACK: 6,
    AFTER_AS_OF: 1,
    REPLACED: 10,
}


@dataclass(frozen=True, kw_only=True)
class ExplainedPoll:
    """A poll, and whether it is used.

    ``use``: ``decides`` some of the window; ``farther``, counts, but other polls are nearer
    everywhere in the window; or left out: ``outside_hours``, ``in_exclusion``,
    ``before_look_back``, ``after_as_of``, or ``replaced`` by a later row for the same instant.
    """

    at: int
    active: bool
    use: str

    @property
    def counts(self) -> bool:
        """Whether it is evidence."""
        return self.use in {DECIDES, FARTHER}

    @property
    def rule(self) -> int:
        return RULES[self.use]


@dataclass(frozen=True, kw_only=True)
class Sums:
    """How spans add up; ``up + down + unknown + excluded = open`` (rules 9 and 21)."""

    up: int = 0
    down: int = 0
    unknown: int = 0
    excluded: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            up=self.up + other.up,
            down=self.down + other.down,
            unknown=self.unknown + other.unknown,
            excluded=self.excluded + other.excluded,
        )

    @property
    def open(self) -> int:
        return self.up + self.down + self.unknown + self.excluded

    @property
    def known(self) -> int:
        return self.up + self.down


def sums_of(spans: Sequence[Span]) -> Sums:
    """Return how long each state lasts in spans; closed ones do not count."""
    lasting = {UP: 0, DOWN: 0, UNKNOWN: 0, EXCLUDED: 0}
    for span in spans:
        if span.state in lasting:
            lasting[span.state] += span.end - span.start
    return Sums(**lasting)


@dataclass(frozen=True, kw_only=True)
class Midpoint:
    """Where the status passes from one poll to the next, half-way (rule 7)."""

    at: int
    before: SeenPoll
    after: SeenPoll


@dataclass(frozen=True, kw_only=True)
class ExplainedOpening:
    """The part of an opening that is in a window: ``[start, end)``.

    ``opens`` and ``closes``: those of the whole opening, None if it never begins or ends.
    ``rule``: see ``Opening``. ``rows`` and ``special_rows``: what made it.
    """

    start: int
    end: int
    opens: int | None
    closes: int | None
    rule: str
    rows: tuple[RowOfDate, ...]
    special_rows: tuple[RowOfDate, ...]
    spans: tuple[Span, ...]
    polls: tuple[ExplainedPoll, ...]
    midpoints: tuple[Midpoint, ...]

    @property
    def sums(self) -> Sums:
        return sums_of(self.spans)


@dataclass(frozen=True, kw_only=True)
class ExplainedWindow:
    """``[start, end)``: the window for this store.

    ``closed_dates``: local dates in it that are special days without an opening (rule 20).
    ``polls``: all, oldest first.
    """

    window: AnyWindow
    start: int
    end: int
    openings: tuple[ExplainedOpening, ...]
    closed_dates: tuple[date, ...]
    polls: tuple[ExplainedPoll, ...]

    @property
    def sums(self) -> Sums:
        """The sums of the openings: the numbers of a report before they are rounded."""
        return sum((opening.sums for opening in self.openings), Sums())

    @property
    def closed(self) -> int:
        return self.end - self.start - self.sums.open


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One store's windows in one report.

    ``time_zone``: the zone used; ``is_default_zone``: whether the store has none of its own (rule
    4). ``first_poll``: the instant from which polls count (rule 6).
    """

    store_id: str
    as_of: int
    time_zone: str
    is_default_zone: bool
    look_back: int
    max_gap: int | None
    first_poll: int
    windows: tuple[ExplainedWindow, ...]
