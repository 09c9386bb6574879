"""Made-up stores whose status is known for every second, and their polls.

Up and down alternate, and each lasts exponentially long: nothing tells when the next change comes.
Whole seconds make the truth a count, which needs no code of the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MINUTE, HOUR, DAY = 60, 3600, 86_400
WEEK = 7 * DAY
# A day before the week, as the look-back of rule 6.
LENGTH = DAY + WEEK
# Every other store is always open; the rest at these seconds of each day.
OPENS, CLOSES = 10 * HOUR, 22 * HOUR
LOST = 0.03  # Of all polls.
JITTER = 0.2  # Of the distance between two polls.


@dataclass(frozen=True)
class Kind:
    """Stores of one kind: the mean seconds of an outage, and between two of them."""

    name: str
    outage: int
    between: int


KINDS = (
    Kind("6 h, one in a week", 6 * HOUR, WEEK),
    Kind("2 h, one in 2 days", 2 * HOUR, 2 * DAY),
    Kind("30 min, one a day", 30 * MINUTE, DAY),
)


@dataclass(frozen=True, kw_only=True)
class Stores:
    """``up``: bool[n, LENGTH], for every second. ``hours``: bool[2, LENGTH], when stores are open.

    Stores of even number have the first row of ``hours``, which is always open, the others the
    second.
    """

    up: NDArray[np.bool_]
    hours: NDArray[np.bool_]

    def are_open(self, store: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self.hours[store % 2, at]

    @cached_property
    def open_seconds(self) -> NDArray[np.int64]:
        """The open seconds of each store's week: int64[n]."""
        seconds: NDArray[np.int64] = self.hours[:, -WEEK:].sum(axis=1, dtype=np.int64)
        return seconds[np.arange(len(self.up)) % 2]

    @cached_property
    def up_seconds(self) -> NDArray[np.int64]:
        """The open seconds of the week at which each store was up, the truth: int64[n]."""
        week = self.hours[:, -WEEK:]
        return np.array(
            [np.count_nonzero(up[-WEEK:] & week[n % 2]) for n, up in enumerate(self.up)]
        )


@dataclass(frozen=True, kw_only=True)
class Observed:
    """Polls by store and instant: ``store`` int32[p], ``instant`` int64[p] seconds.

    ``active``: bool[p], False in closed time, as a platform tells it.
    """

    store: NDArray[np.int32]
    instant: NDArray[np.int64]
    active: NDArray[np.bool_]


def made_stores(kind: Kind, count: int, rng: np.random.Generator) -> Stores:
    """Return ``count`` stores of a kind, half of them always open."""
    hours = np.ones((2, LENGTH), dtype=bool)
    of_day = np.arange(LENGTH) % DAY
    hours[1] = (of_day >= OPENS) & (of_day < CLOSES)
    return Stores(up=np.stack([_status(kind, rng) for _ in range(count)]), hours=hours)


def _status(kind: Kind, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return one store's status at each second, as if it had been running for ever."""
    is_up = rng.random() < kind.between / (kind.between + kind.outage)
    means = [kind.between, kind.outage] if is_up else [kind.outage, kind.between]
    pairs = 4 * LENGTH // sum(means) + 20
    changes = np.cumsum(rng.exponential(np.tile(means, pairs))).astype(np.int64)
    if changes[-1] < LENGTH:
        raise AssertionError(f"the changes of {kind.name!r} end too early; make more")
    flips = np.bincount(changes[changes < LENGTH], minlength=LENGTH)
    status: NDArray[np.bool_] = (np.cumsum(flips) % 2 == 0) == is_up
    return status


def poll(
    stores: Stores, every: int, rng: np.random.Generator, silent: Sequence[range] = ()
) -> Observed:
    """Poll each store about every ``every`` seconds; the poller itself fails in ``silent``."""
    count, rounds = len(stores.up), LENGTH // every + 1
    at = np.arange(rounds) * every + rng.integers(0, every, (count, 1))
    at = at + np.rint(rng.uniform(-JITTER, JITTER, at.shape) * every / 2).astype(np.int64)
    taken = (at >= 0) & (at < LENGTH) & (rng.random(at.shape) >= LOST)
    for stretch in silent:
        taken &= (at < stretch.start) | (at >= stretch.stop)
    store = np.nonzero(taken)[0].astype(np.int32)
    instants = at[taken]
    active = stores.up[store, instants] & stores.are_open(store, instants)
    return Observed(store=store, instant=instants, active=active)
