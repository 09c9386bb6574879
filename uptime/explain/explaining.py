"""From one store's rows to the explanation of its numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import numpy as np

from uptime.evidence.selection import Polls
from uptime.explain.explanation import (
    AFTER_AS_OF,
    BEFORE_LOOK_BACK,
    DECIDES,
    FARTHER,
    IN_EXCLUSION,
    OUTSIDE_HOURS,
    REPLACED,
    ExplainedOpening,
    ExplainedPoll,
    ExplainedWindow,
    Explanation,
    Midpoint,
)
from uptime.explain.rows import RowOfDate, closed_dates, special_rows, weekly_rows
from uptime.fleet import Fleet
from uptime.instants import from_microseconds
from uptime.open_time.zones import load_zone, zones_of_stores
from uptime.question import Question
from uptime.timelines.openings import Opening
from uptime.timelines.sketch import Sketch, Span, sketch
from uptime.windows.bounds import AnyWindow
from uptime.windows.elapsed import DAY

# Polls this near to those that may count are worth listing, to show why they do not.
NEIGHBOURS = DAY


def explain(fleet: Fleet, question: Question, replaced: Polls | None = None) -> Explanation:
    """Explain the numbers of the only store of ``fleet`` in every window of ``question``.

    A window is explained as part of that report: which polls count depends on its earliest window.
    ``fleet`` may have polls that do not count, which are then listed with the reason.
    ``replaced``: polls that another row of the same instant replaced (rule 10).

    Raises ``ValueError`` for any other number of stores, or what ``summarise`` refuses.
    """
    if len(fleet.time_zones) != 1:
        raise ValueError("An explanation is about one store.")
    bounds = fleet.bounds(question)
    starts, ends = bounds.start[:, 0].tolist(), bounds.end[:, 0].tolist()
    first = min(starts) - question.look_back
    drawn = sketch(fleet, first=first, as_of=question.as_of, max_gap=question.max_gap)
    zone = _zone_of(fleet)
    asked = (fleet, zone, min(starts), max(ends))
    polls = [*_polls(fleet, drawn, first, question.as_of), *_replaced(replaced)]
    polls.sort(key=lambda poll: (poll.at, poll.use == REPLACED))
    known = _Known(
        drawn=drawn,
        zone=load_zone(zone),
        rows=weekly_rows(*asked),
        special_rows=special_rows(*asked),
        closed_dates=closed_dates(fleet),
        polls=polls,
    )
    return Explanation(
        store_id=fleet.store_ids[0],
        as_of=question.as_of,
        time_zone=zone,
        is_default_zone=int(fleet.time_zones[0]) < 0,
        look_back=question.look_back,
        max_gap=question.max_gap,
        first_poll=first,
        windows=tuple(
            known.window(window, start, end)
            for window, start, end in zip(question.windows, starts, ends, strict=True)
        ),
    )


def _zone_of(fleet: Fleet) -> str:
    of_store, names = zones_of_stores(fleet.time_zones, fleet.zone_names)
    return names[int(of_store[0])]


def _polls(fleet: Fleet, drawn: Sketch, first: int, as_of: int) -> Iterator[ExplainedPoll]:
    """Yield every poll of the store; which of them decide depends on the window."""
    for poll in drawn.polls_between(first, as_of):
        left_out = IN_EXCLUSION if poll.is_excluded else OUTSIDE_HOURS
        use = FARTHER if poll.is_evidence else left_out
        yield ExplainedPoll(at=poll.at, active=poll.active, use=use)
    beyond = (fleet.polls.at < first) | (fleet.polls.at > as_of)
    columns = (fleet.polls.at[beyond].tolist(), fleet.polls.active[beyond].tolist())
    for at, active in zip(*columns, strict=True):
        use = BEFORE_LOOK_BACK if at < first else AFTER_AS_OF
        yield ExplainedPoll(at=at, active=active, use=use)


def _replaced(polls: Polls | None) -> Iterator[ExplainedPoll]:
    if polls is not None:
        for at, active in zip(polls.at.tolist(), polls.active.tolist(), strict=True):
            yield ExplainedPoll(at=at, active=active, use=REPLACED)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What all windows of an explanation share."""

    drawn: Sketch
    zone: ZoneInfo
    rows: Sequence[RowOfDate]
    special_rows: Sequence[RowOfDate]
    closed_dates: Sequence[date]
    polls: Sequence[ExplainedPoll]

    def window(self, window: AnyWindow, start: int, end: int) -> ExplainedWindow:
        spans = list(self.drawn.spans(start, end))
        deciding = {span.poll.at for span in spans if span.poll}
        polls = [
            replace(poll, use=DECIDES) if poll.use == FARTHER and poll.at in deciding else poll
            for poll in self.polls
        ]
        # The end itself is outside, unless the window is empty.
        edges = (start, max(start, end - 1))
        first, last = (from_microseconds(at).astimezone(self.zone).date() for at in edges)
        return ExplainedWindow(
            window=window,
            start=start,
            end=end,
            openings=tuple(self._openings(spans, polls)),
            closed_dates=tuple(day for day in self.closed_dates if first <= day <= last),
            polls=tuple(polls),
        )

    def _openings(
        self, spans: Sequence[Span], polls: Sequence[ExplainedPoll]
    ) -> Iterator[ExplainedOpening]:
        places = np.array([poll.at for poll in polls], dtype=np.int64)
        # An opening is one object, shared by its spans.
        for _, together in groupby(spans, key=lambda span: id(span.opening)):
            part = list(together)
            if part[0].opening is not None:
                inside = np.searchsorted(places, [part[0].start, part[-1].end]).tolist()
                yield self._opening(part, part[0].opening, polls[slice(*inside)])

    def _opening(
        self, spans: Sequence[Span], opening: Opening, polls: Sequence[ExplainedPoll]
    ) -> ExplainedOpening:
        start, end = spans[0].start, spans[-1].end
        return ExplainedOpening(
            start=start,
            end=end,
            opens=opening.start,
            closes=opening.end,
            rule=opening.rule,
            rows=tuple(_between(self.rows, start, end)),
            special_rows=tuple(_between(self.special_rows, start, end)),
            spans=tuple(spans),
            polls=tuple(polls),
            midpoints=tuple(_midpoints(spans)),
        )


def _between(rows: Sequence[RowOfDate], start: int, end: int) -> Iterator[RowOfDate]:
    return (row for row in rows if row.start < end and row.end > start)


def _midpoints(spans: Sequence[Span]) -> Iterator[Midpoint]:
    for one, other in pairwise(spans):
        if one.poll and other.poll:
            yield Midpoint(at=other.start, before=one.poll, after=other.poll)
