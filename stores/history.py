"""Numbers and timeline of one store: the core of reports applied to its rows only."""

from dataclasses import dataclass

import numpy as np

from fleet.models import Store
from reports.build.selectors import load_fleet
from reports.request.kept import check_there
from uptime import Fleet, Question, Timeline, UptimeSummary, summarise, timeline


class TooManyPolls(Exception):
    """The interval has more polls than a timeline may have."""


class Gone(Exception):
    """The store was deleted while its history was read."""


@dataclass(frozen=True, kw_only=True)
class History:
    """A timeline, and the rows that it was made of."""

    fleet: Fleet
    timeline: Timeline


def uptime_of(store: Store, question: Question) -> tuple[Fleet, UptimeSummary]:
    """Return the numbers of one store, the only one of the fleet.

    Raises ``Gone``, ``PollsGone``, and ``ValueError`` for invalid windows.
    """
    fleet = _fleet_of(store, question)
    return fleet, summarise(fleet, question)


def timeline_of(store: Store, question: Question, *, most_polls: int | None = None) -> History:
    """Return the timeline of one store over the one window of the question, cut at as of.

    Raises ``Gone``, ``PollsGone``, and ``TooManyPolls`` for more than ``most_polls``.
    """
    fleet = _fleet_of(store, question)
    at, stretch = fleet.polls.at, question.stretch
    within = np.count_nonzero((at >= stretch.start) & (at < stretch.end))
    if most_polls is not None and within > most_polls:
        raise TooManyPolls
    return History(fleet=fleet, timeline=timeline(fleet, question))


def fleet_of(store: Store, *, start: int, end: int) -> Fleet:
    """Return the store with its polls from ``start`` to ``end``, both included; raises ``Gone``.

    Call ``check_there`` afterwards: pruned polls look like none.
    """
    fleet = load_fleet(start=start, end=end, keys=(store.key, store.key))
    if not len(fleet.store_ids):
        raise Gone
    return fleet


def _fleet_of(store: Store, question: Question) -> Fleet:
    """Return the store with the polls that count."""
    fleet = fleet_of(store, start=question.first_poll, end=question.as_of)
    check_there(question.first_poll)
    return fleet
