"""One store's openings, polls and spans, as timelines and explanations show them.

They are the segments that a report adds up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from uptime.evidence.filling import spread
from uptime.evidence.selection import Polls, SortedPolls, select_evidence, sort_polls
from uptime.fleet import Fleet
from uptime.open_time.clock import Horizon
from uptime.timelines.openings import Opening, openings_of
from uptime.timelines.spans import Axis
from uptime.windows.elapsed import DAY

UP, DOWN, UNKNOWN, EXCLUDED, CLOSED = "up", "down", "unknown", "excluded", "closed"
NEAREST_POLL = "nearest_poll"
NO_EVIDENCE = "no_evidence"
MAX_GAP = "max_gap"
OUTSIDE_HOURS = "outside_hours"
POLLER_OUTAGE = "poller_outage"
EXCLUSION = "exclusion"

# Openings are shown whole, so the search covers a week more on each side, which finds every row of
# hours that never end. The odd microsecond keeps a real opening from beginning just where the
# search does.
_MARGIN = 7 * DAY + 1


@dataclass(frozen=True, kw_only=True)
class SeenPoll:
    """A poll; ``is_evidence`` is False for one in closed or excluded time (rules 6, 21).

    ``is_excluded``: whether it is in excluded time.
    """

    at: int
    active: bool
    is_evidence: bool
    is_excluded: bool = False


@dataclass(frozen=True, kw_only=True)
class Span:
    """``[start, end)`` of one state, and the reason for it.

    ``state``: up, down, unknown, excluded or closed. ``rule``: nearest_poll,
    no_evidence, max_gap, poller_outage, exclusion or outside_hours. ``poll``: the one that gives
    the status, None if it is not known. ``opening``: the opening around it, None if closed.
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
    axis: Axis
    openings: list[Opening]
    polls: Polls
    evidence: SortedPolls

    def spans(self, start: int, end: int) -> Iterator[Span]:
        """Yield spans that cover ``[start, end)`` in order and without a gap."""
        origin = self.horizon.start
        cuts = self.axis.cut(start - origin, end - origin)
        columns = (cuts.start + origin, cuts.end + origin, cuts.opening, cuts.segment)
        every = zip(*(c.tolist() for c in (*columns, cuts.excluded, cuts.silent)), strict=True)
        for begin, finish, opening, segment, excluded, silent in every:
            lies_in = self.openings[opening] if opening >= 0 else None
            if lies_in is None:
                state, rule, poll = CLOSED, OUTSIDE_HOURS, None
            elif excluded:
                state, rule, poll = EXCLUDED, EXCLUSION, None
            else:
                state, rule, poll = self._judge(segment, silent=silent)
            yield Span(start=begin, end=finish, state=state, rule=rule, poll=poll, opening=lies_in)

    def _judge(self, segment: int, *, silent: bool) -> tuple[str, str, SeenPoll | None]:
        """Return state, rule and poll of open time that is not excluded.

        Evidence and segments have the same indexes.
        """
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
        keys = self.polls.at[shown] - self.horizon.start
        counts = np.isin(keys, self.evidence.keys)
        excluded = self.axis.excluded.running(keys)
        columns = (self.polls.at[shown], self.polls.active[shown], counts, excluded)
        for at, active, counted, left_out in zip(*(c.tolist() for c in columns), strict=True):
            yield SeenPoll(at=at, active=active, is_evidence=counted, is_excluded=left_out)


def sketch(fleet: Fleet, *, first: int, as_of: int, max_gap: int | None) -> Sketch:
    """Return the data behind timelines of the only store of ``fleet``.

    Its polls count from ``first`` to ``as_of``, both included.
    """
    horizon = Horizon(start=first - _MARGIN, end=as_of + _MARGIN, stores=1)
    made = fleet.openings(horizon)
    clock = made.clock(horizon)
    excluded = fleet.excluded_time(clock, horizon)
    polls = _between(fleet.polls, first, as_of)
    seen = sort_polls(polls, horizon, np.array([first]))
    evidence = select_evidence(seen, clock.without(excluded))
    return Sketch(
        horizon=horizon,
        axis=Axis(
            clock=clock,
            segments=spread(evidence, horizon, max_gap),
            excluded=excluded,
            silent=fleet.silences.clock(horizon),
        ),
        openings=openings_of(made=made, clock=clock, horizon=horizon),
        polls=polls,
        evidence=evidence,
    )


def _between(polls: Polls, first: int, last: int) -> Polls:
    kept = (polls.at >= first) & (polls.at <= last)
    return Polls(store=polls.store[kept], at=polls.at[kept], active=polls.active[kept])
