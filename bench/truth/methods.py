"""Three ways to fill the time between polls, and how their results compare with the truth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.truth.world import CLOSES, DAY, LENGTH, OPENS, WEEK, Observed, Stores
from uptime.evidence.selection import Polls
from uptime.fleet import Fleet
from uptime.open_time.hours import BusinessHours
from uptime.question import Question
from uptime.summary import UptimeSummary, summarise
from uptime.windows.elapsed import SECOND, Window

_WEEKDAYS = 7


@dataclass(frozen=True, kw_only=True)
class Result:
    """One method against the truth, over all stores.

    ``bias`` and ``error``: the mean, and the mean without its sign, of what uptime is off by, as a
    percentage of open time. ``rank``: Spearman's correlation of the stores' uptime with the true.
    """

    bias: float
    error: float
    rank: float


def compare(up: NDArray[np.float64], stores: Stores) -> Result:
    """Compare seconds of uptime with the truth; NaN where the method has no answer."""
    told, true = 100 * up / stores.open_seconds, 100 * stores.up_seconds / stores.open_seconds
    shares = pd.DataFrame({"told": told, "true": true}).dropna()
    off = shares["told"] - shares["true"]
    rank = shares.corr(method="spearman").to_numpy()[0, 1]
    return Result(bias=off.mean(), error=off.abs().mean(), rank=rank)


def nearest(stores: Stores, polls: Observed) -> UptimeSummary:
    """Return what the product's core says of the week, with the quality of its numbers."""
    count = len(stores.up)
    timed = np.repeat(np.arange(1, count, 2), _WEEKDAYS)
    fleet = Fleet(
        store_ids=[f"{number:06}" for number in range(count)],
        time_zones=np.zeros(count, dtype=np.int32),
        zone_names=["UTC"],
        hours=BusinessHours(
            store=timed.astype(np.int32),
            weekday=(np.arange(len(timed)) % _WEEKDAYS).astype(np.int8),
            opens=np.full(len(timed), OPENS * SECOND),
            closes=np.full(len(timed), CLOSES * SECOND),
        ),
        polls=Polls(store=polls.store, at=polls.instant * SECOND, active=polls.active),
    )
    week = Window(name="week", start=(LENGTH - WEEK) * SECOND, end=LENGTH * SECOND)
    question = Question(as_of=LENGTH * SECOND, windows=[week], look_back=DAY * SECOND, full=True)
    return summarise(fleet, question)


def holding(summary: UptimeSummary, stores: Stores) -> tuple[float, float]:
    """Return the percentages of stores whose margin, and whose bounds, hold the truth."""
    if summary.quality is None:
        raise ValueError("ask for full columns")
    true, quality = stores.up_seconds * SECOND, summary.quality
    near = np.abs(summary.up[0] - true) <= quality.margin[0]
    inside = (quality.least_up[0] <= true) & (true <= quality.most_up[0])
    return 100 * near.mean(), 100 * inside.mean()


def carried_forward(stores: Stores, polls: Observed) -> NDArray[np.float64]:
    """Return the seconds of uptime if each poll holds until the next, and the first before it."""
    store, at, active = _evidence(stores, polls)
    # The open seconds before each second, in the two kinds of hours.
    clocks = np.zeros((2, LENGTH + 1), dtype=np.int64)
    np.cumsum(stores.hours, axis=1, out=clocks[:, 1:])
    new = np.append(True, store[1:] != store[:-1])
    start = np.maximum(np.where(new, 0, at), LENGTH - WEEK)
    end = np.maximum(np.append(np.where(new[1:], LENGTH, at[1:]), LENGTH), LENGTH - WEEK)
    seconds = clocks[store % 2, end] - clocks[store % 2, start]
    count = len(stores.up)
    up = np.bincount(store, weights=seconds * active, minlength=count)
    return np.where(np.bincount(store, minlength=count) > 0, up, np.nan)


def share_of_polls(stores: Stores, polls: Observed) -> NDArray[np.float64]:
    """Return the open seconds of the week, times the share of its polls that were active."""
    store, at, active = _evidence(stores, polls)
    store, active = store[at >= LENGTH - WEEK], active[at >= LENGTH - WEEK]
    count = len(stores.up)
    polled = np.bincount(store, minlength=count)
    up = np.bincount(store, weights=active, minlength=count)
    return np.where(polled > 0, stores.open_seconds * up / np.maximum(polled, 1), np.nan)


def _evidence(
    stores: Stores, polls: Observed
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the polls in open time: store, instant, status."""
    counts = stores.are_open(polls.store, polls.instant)
    return polls.store[counts], polls.instant[counts], polls.active[counts]
