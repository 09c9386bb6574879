"""What one store was, in numbers and as a timeline: the core of reports over its rows only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings

from fleet.models import Store
from reports.build.selectors import load_fleet
from reports.request.kept import check_there
from reports.request.parameters import microseconds
from uptime import AnyWindow, Fleet, Timeline, UptimeSummary, earliest_start, timeline


class TooManyPolls(Exception):
    """More polls lie in the stretch than a timeline may have."""


class Gone(Exception):
    """The store was deleted while it was being looked at."""


@dataclass(frozen=True, kw_only=True)
class Viewpoint:
    """What a report is computed from, all in microseconds (rules 1 and 8)."""

    as_of: int
    max_gap: int | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """A timeline, and the rows that it was made of."""

    fleet: Fleet
    timeline: Timeline


def uptime_of(
    store: Store, windows: Sequence[AnyWindow], viewpoint: Viewpoint
) -> tuple[Fleet, UptimeSummary]:
    """Return the full numbers of one store, the only one of the fleet.

    Raises ``Gone``, ``PollsGone``, and ``ValueError`` for windows that cannot be asked for.
    """
    fleet = _fleet_of(store, earliest_start(windows, viewpoint.as_of), viewpoint)
    summary = fleet.summarise(
        as_of=viewpoint.as_of,
        windows=windows,
        look_back=_look_back(),
        max_gap=viewpoint.max_gap,
        fresh=microseconds(settings.UPTIME_FRESH),
        full=True,
    )
    return fleet, summary


def timeline_of(  # noqa: PLR0913 - a stretch of time, and what it is seen by
    store: Store,
    start: int,
    end: int,
    viewpoint: Viewpoint,
    *,
    most_polls: int | None = None,
    evidence_from: int | None = None,
) -> History:
    """Return the timeline of one store over ``[start, end)``, cut at as of.

    Polls from ``evidence_from`` on count; None is the look-back before ``start``.

    Raises ``Gone``, ``PollsGone``, and ``TooManyPolls`` where more than ``most_polls`` lie in it.
    """
    fleet = _fleet_of(store, start, viewpoint)
    within = np.count_nonzero((fleet.polls.at >= start) & (fleet.polls.at < end))
    if most_polls is not None and within > most_polls:
        raise TooManyPolls
    drawn = timeline(
        fleet,
        as_of=viewpoint.as_of,
        start=start,
        end=end,
        look_back=_look_back() if evidence_from is None else start - evidence_from,
        max_gap=viewpoint.max_gap,
    )
    return History(fleet=fleet, timeline=drawn)


def _fleet_of(store: Store, start: int, viewpoint: Viewpoint) -> Fleet:
    """Return the store with its polls from the look-back before ``start`` up to as of."""
    fleet = load_fleet(start=start - _look_back(), end=viewpoint.as_of, keys=(store.key, store.key))
    if not len(fleet.store_ids):
        raise Gone
    check_there(start - _look_back())
    return fleet


def _look_back() -> int:
    return microseconds(settings.UPTIME_LOOK_BACK)
