"""Uptime, downtime, unknown and open time for each store and window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.filling import Filling, fill
from uptime.evidence.quality import LastPolls, Quality, assess, find_last_polls
from uptime.evidence.selection import select_evidence, sort_polls
from uptime.fleet import Fleet
from uptime.open_time.clock import Clock, Horizon
from uptime.question import Question
from uptime.windows.bounds import AnyWindow, Bounds


@dataclass(frozen=True, kw_only=True)
class UptimeSummary:
    """``up``, ``down``, ``unknown``, ``open``: int64[windows, n] microseconds.

    ``up + down + unknown == open`` exactly, for each store and window (rule 9). ``quality`` is
    present if requested.
    """

    windows: tuple[AnyWindow, ...]
    up: NDArray[np.int64]
    down: NDArray[np.int64]
    unknown: NDArray[np.int64]
    open: NDArray[np.int64]
    quality: Quality | None = None


def summarise(fleet: Fleet, question: Question, clock: Clock | None = None) -> UptimeSummary:
    """Compute rules 2 to 9 and 19 for each store of a fleet; for full columns also 13 to 17.

    ``clock``: the result of ``fleet.open_time``, if somebody else needs it too. No loop runs over
    stores or polls.

    Raises ``ValueError`` for no window, an invalid window (``earliest_start``), an unknown zone,
    too many stores over too long a time (``Horizon``), and with ``full`` for a window of more than
    four years.
    """
    horizon = fleet.horizon(question)
    bounds = fleet.bounds(question)
    clock = fleet.open_time(question) if clock is None else clock
    seen = sort_polls(fleet.polls, horizon, bounds.start.min(axis=0) - question.look_back)
    last = find_last_polls(seen, horizon) if question.full else None
    evidence = select_evidence(seen, clock)
    del seen  # Large, and no longer needed.
    filling = fill(evidence, clock, horizon, question.max_gap, fleet.silences)
    return add_up(filling, bounds, question, last)


def add_up(
    filling: Filling, bounds: Bounds, question: Question, last: LastPolls | None
) -> UptimeSummary:
    """Add up each state in the windows, and judge the numbers if their last polls are given.

    ``bounds``: those of the windows, in microseconds of UTC.
    """
    opened = _in_open_time(bounds, filling.clock, filling.horizon)
    up, known, whole = opened.lasting(filling.up), opened.lasting(filling.known), opened.lasting()
    return UptimeSummary(
        windows=tuple(question.windows),
        up=up,
        down=known - up,
        unknown=whole - known,
        open=whole,
        quality=None if last is None else assess(filling, opened, last, question.fresh),
    )


def _in_open_time(bounds: Bounds, clock: Clock, horizon: Horizon) -> Bounds:
    """Return the bounds as readings of the clock of open time."""
    return bounds.as_keys(horizon).read_by(clock)
