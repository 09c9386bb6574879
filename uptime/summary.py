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
    """``up``, ``down``, ``unknown``, ``excluded``, ``open``: int64[windows, n] microseconds.

    ``up + down + unknown + excluded == open`` exactly, for each store and window (rules 9 and 21).
    ``quality`` is present if requested, and about the time that is not excluded.
    """

    windows: tuple[AnyWindow, ...]
    up: NDArray[np.int64]
    down: NDArray[np.int64]
    unknown: NDArray[np.int64]
    excluded: NDArray[np.int64]
    open: NDArray[np.int64]
    quality: Quality | None = None

    @property
    def counted(self) -> NDArray[np.int64]:
        """Open time that is not excluded."""
        return self.open - self.excluded


def summarise(fleet: Fleet, question: Question, clock: Clock | None = None) -> UptimeSummary:
    """Compute rules 2 to 9 and 19 to 21 for each store of a fleet; for full columns also 13 to 17.

    ``clock``: the result of ``fleet.open_time``, if somebody else needs it too. No loop runs over
    stores or polls.

    Raises ``ValueError`` for no window, an invalid window (``earliest_start``), an unknown zone,
    too many stores over too long a time (``Horizon``), and with ``full`` for a window of more than
    four years.
    """
    horizon = fleet.horizon(question)
    bounds = fleet.bounds(question)
    clock = fleet.open_time(question) if clock is None else clock
    excluded = fleet.excluded_time(clock, horizon)
    counted = clock.without(excluded)
    seen = sort_polls(fleet.polls, horizon, bounds.start.min(axis=0) - question.look_back)
    last = find_last_polls(seen, horizon) if question.full else None
    evidence = select_evidence(seen, counted)
    del seen  # Large, and no longer needed.
    filling = fill(evidence, counted, horizon, question.max_gap, fleet.silences)
    return add_up(filling, excluded, bounds, question, last)


def add_up(
    filling: Filling, excluded: Clock, bounds: Bounds, question: Question, last: LastPolls | None
) -> UptimeSummary:
    """Add up each state in the windows, and judge the numbers if their last polls are given.

    ``excluded``: the clock of excluded time. ``bounds``: those of the windows, in microseconds of
    UTC.
    """
    keys = bounds.as_keys(filling.horizon)
    counted = keys.read_by(filling.clock)
    up, known, whole = (
        counted.lasting(filling.up),
        counted.lasting(filling.known),
        counted.lasting(),
    )
    left_out = _lasting(keys, excluded, filling.horizon)
    return UptimeSummary(
        windows=tuple(question.windows),
        up=up,
        down=known - up,
        unknown=whole - known,
        excluded=left_out,
        open=whole + left_out,
        quality=None if last is None else assess(filling, counted, last, question.fresh),
    )


def _lasting(keys: Bounds, clock: Clock, horizon: Horizon) -> NDArray[np.int64]:
    """Return how long a clock runs in each window; fast if it does for few stores."""
    lasting = np.zeros(keys.start.shape, dtype=np.int64)
    stores = np.unique(clock.starts // horizon.span)
    few = Bounds(start=keys.start[:, stores], end=keys.end[:, stores])
    lasting[:, stores] = few.lasting(clock)
    return lasting
