"""The numbers and the timeline of one store, from one read of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashboard.pages.store.asked import Asked
from fleet.models import Store
from reports.request.parameters import question
from stores.history import fleet_of
from uptime import (
    DEFAULT_WINDOWS,
    BusinessHours,
    Question,
    Timeline,
    UptimeSummary,
    Window,
    parse_windows,
    summarise,
    timeline,
)
from uptime.instants import from_microseconds
from uptime.state.fleet import FleetState, fleet_state

MOST_POLLS = 20_000


class TooMany(Exception):
    """The days have more polls than a page can show."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """One window's numbers in microseconds, and what can be said of them."""

    title: str
    start: int
    end: int
    up: int
    down: int
    unknown: int
    covered: int
    longest_gap: int
    least_up: int
    most_up: int
    margin: int

    @property
    def known(self) -> int:
        return self.up + self.down

    @property
    def open(self) -> int:
        return self.known + self.unknown

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Each state of open time with its length."""
        return (("up", self.up), ("down", self.down), ("unknown", self.unknown))

    @property
    def is_certain(self) -> bool:
        """Whether no change of the status happened between two polls."""
        return self.least_up == self.most_up


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The state at as of, the numbers, and the timeline of the days."""

    state: FleetState
    numbers: Sequence[Number]
    line: Timeline
    hours: BusinessHours


def read_history(store: Store, asked: Asked, as_of: int) -> Shown:
    """Return what the page shows. Raises ``Gone``, ``PollsGone`` and ``TooMany``."""
    usual = question(
        as_of=from_microseconds(as_of), windows=parse_windows(DEFAULT_WINDOWS), full=True
    )
    drawn = _question_of_days(usual, asked)
    questions = [usual, drawn]
    if asked.window is not None:
        start, end = asked.window
        picked = Window(name="window", start=min(start, as_of), end=min(end, as_of))
        questions.append(replace(usual, windows=(picked,)))
    fleet = fleet_of(store, *questions)
    if len(fleet.polls.at) > MOST_POLLS:
        raise TooMany
    state = fleet_state(fleet, usual)
    numbers = _numbers(state.summary, ["hour", "day", "week"], usual)
    if asked.window is not None:
        numbers += _numbers(summarise(fleet, questions[2]), ["window"], questions[2])
    return Shown(state=state, numbers=numbers, line=timeline(fleet, drawn), hours=fleet.hours)


def _question_of_days(usual: Question, asked: Asked) -> Question:
    """Return the question of the timeline: over the days, with the polls that the numbers use."""
    start, end = asked.days[0].start, asked.days[-1].end
    # So that spans can be added up to the number of a week, which may begin before the first day.
    if asked.is_latest:
        start = min(start, usual.first_poll + usual.look_back)
    start = min(start, usual.as_of)
    look_back = start - usual.first_poll if asked.is_latest else usual.look_back
    window = Window(name="days", start=start, end=max(end, start))
    return replace(usual, windows=(window,), look_back=look_back, full=False)


def _numbers(summary: UptimeSummary, titles: list[str], asked: Question) -> list[Number]:
    quality = summary.quality
    if quality is None:
        raise ValueError("the numbers of one store need the full columns")
    found = []
    for place, title in enumerate(titles):
        opened = summary.windows[place].spans(asked.as_of, ["UTC"])
        found.append(
            Number(
                title=title,
                start=int(opened[0, 0]),
                end=int(opened[0, 1]),
                up=int(summary.up[place, 0]),
                down=int(summary.down[place, 0]),
                unknown=int(summary.unknown[place, 0]),
                covered=int(quality.covered[place, 0]),
                longest_gap=int(quality.longest_gap[place, 0]),
                least_up=int(quality.least_up[place, 0]),
                most_up=int(quality.most_up[place, 0]),
                margin=int(quality.margin[place, 0]),
            )
        )
    return found
