"""One store's openings, polls and spans, as timelines and explanations show them.

They are the segments that a report adds up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from uptime.evidence.filling import Segments, spread
from uptime.evidence.selection import Polls, SortedPolls, select_evidence, sort_polls
from uptime.fleet import Fleet
from uptime.open_time.clock import Clock, Horizon
from uptime.open_time.hours import open_clock, opening_times
from uptime.timelines.openings import Opening, openings_of
from uptime.timelines.spans import cut
from uptime.windows.elapsed import DAY

UP, DOWN, UNKNOWN, CLOSED = "up", "down", "unknown", "closed"
NEAREST_POLL = "nearest_poll"
NO_EVIDENCE = "no_evidence"
MAX_GAP = "max_gap"
OUTSIDE_HOURS = "outside_hours"
POLLER_OUTAGE = "poller_outage"

# Openings are shown whole, so the search covers a week more on each side, which finds every row of
# hours that never end. The odd microsecond keeps a real opening from beginning just where the
# search does.
_MARGIN = 7 * DAY + 1


@dataclass(frozen=True, kw_only=True)
class SeenPoll:
    """A poll; ``is_evidence`` is False for one outside business hours (rule 6)."""

    at: int
    active: bool
    is_evidence: bool


@dataclass(frozen=True, kw_only=True)
class Span:
    """``[start, end)`` of one state, and the reason for it.

    ``state``: up, down, unknown or closed. ``rule``: nearest_poll, no_evidence, max_gap,
    poller_outage or outside_hours. ``poll``: the one that gives the status, None if it is not
    known. ``opening``: the opening around it, None if closed.
    """

    start: int
    end: int
    state: str
    rule: str
    poll: SeenPoll | None
    opening: Opening | None


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """The data behind a timeline. ``polls``: those that the report knows."""

    horizon: Horizon
    clock: Clock
    openings: list[Opening]
    polls: Polls
    evidence: SortedPolls
    segments: Segments
    silent: Clock

    def spans(self, start: int, end: int) -> Iterator[Span]:
        """Yield spans that cover ``[start, end)`` in order and without a gap."""
        origin = self.horizon.start
        cuts = cut(start - origin, end - origin, self.clock, self.segments, self.silent)
        columns = (cuts.start + origin, cuts.end + origin, cuts.opening, cuts.segment)
        every = zip(*(c.tolist() for c in (*columns, cuts.silent)), strict=True)
        for begin, finish, opening, segment, silent in every:
            state, rule, poll = self._judge(opening, segment, silent=silent)
            lies_in = self.openings[opening] if opening >= 0 else None
            yield Span(start=begin, end=finish, state=state, rule=rule, poll=poll, opening=lies_in)

    def _judge(
        self, opening: int, segment: int, *, silent: bool
    ) -> tuple[str, str, SeenPoll | None]:
        """Return state, rule and poll; evidence and segments have the same indexes."""
        if opening < 0:
            return CLOSED, OUTSIDE_HOURS, None
        if silent:
            return UNKNOWN, POLLER_OUTAGE, None
        if segment < 0:
            return UNKNOWN, MAX_GAP if len(self.evidence.keys) else NO_EVIDENCE, None
        at = int(self.evidence.keys[segment]) + self.horizon.start
        poll = SeenPoll(at=at, active=bool(self.evidence.active[segment]), is_evidence=True)
        return UP if poll.active else DOWN, NEAREST_POLL, poll

    def polls_between(self, start: int, end: int) -> Iterator[SeenPoll]:
        """Yield every poll from ``start`` to ``end``, both included."""
        shown = np.flatnonzero((self.polls.at >= start) & (self.polls.at <= end))
        shown = shown[np.argsort(self.polls.at[shown])]
        at = self.polls.at[shown]
        counts = np.isin(at - self.horizon.start, self.evidence.keys)
        columns = (at, self.polls.active[shown], counts)
        for instant, active, counted in zip(*(c.tolist() for c in columns), strict=True):
            yield SeenPoll(at=instant, active=active, is_evidence=counted)


def sketch(fleet: Fleet, *, first: int, as_of: int, max_gap: int | None) -> Sketch:
    """Return the data behind timelines of the only store of ``fleet``.

    Its polls count from ``first`` to ``as_of``, both included.
    """
    horizon = Horizon(start=first - _MARGIN, end=as_of + _MARGIN, stores=1)
    clock = open_clock(
        time_zones=fleet.time_zones, zone_names=fleet.zone_names, hours=fleet.hours, horizon=horizon
    )
    times = opening_times(
        time_zones=fleet.time_zones, zone_names=fleet.zone_names, hours=fleet.hours, horizon=horizon
    )
    polls = _between(fleet.polls, first, as_of)
    evidence = select_evidence(sort_polls(polls, horizon, np.array([first])), clock)
    return Sketch(
        horizon=horizon,
        clock=clock,
        openings=openings_of(times=times, clock=clock, horizon=horizon),
        polls=polls,
        evidence=evidence,
        segments=spread(evidence, horizon, max_gap),
        silent=fleet.silences.clock(horizon),
    )


def _between(polls: Polls, first: int, last: int) -> Polls:
    kept = (polls.at >= first) & (polls.at <= last)
    return Polls(store=polls.store[kept], at=polls.at[kept], active=polls.active[kept])
