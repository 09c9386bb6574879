"""Eight days of made-up polls with known outages, and how many of these are found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tests.reference import DAY, HOUR, MINUTE
from tests.unit.uptime.poller.fleets import polls_of
from uptime.open_time.clock import Horizon
from uptime.poller.outages import find_poller_outages
from uptime.poller.scopes import FLEET, scopes_of
from uptime.poller.sightings import see

BEGIN = 19_000 * DAY
LENGTH = 8 * DAY
# In usual distances: from one and a half to six times as long.
OUTAGES = (2.0, 3.0, 6.0)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of fleet: its stores, and how they are polled.

    ``every``: the distances, in turn. ``spread``: how far a poll may be from its time, as a share
    of the distance. ``burst``: all stores have the same phase. ``dropped``: the share of polls
    missing for no reason. ``random``: no rhythm at all. ``changing``: the share of stores that
    come or go in between.
    """

    name: str
    stores: int
    every: Sequence[int] = (HOUR,)
    spread: float = 0.1
    burst: bool = False
    dropped: float = 0.02
    random: bool = False
    changing: float = 0.0


KINDS = [
    Kind(name="hourly", stores=200),
    Kind(name="hourly, in a burst", stores=200, burst=True, spread=0.2),
    Kind(name="every 5 minutes", stores=20, every=(5 * MINUTE,)),
    Kind(name="every 4 hours", stores=200, every=(4 * HOUR,)),
    Kind(name="5 minutes to 4 hours", stores=60, every=(5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR)),
    Kind(name="one poll in six missing", stores=200, dropped=0.17),
    Kind(name="half come or go", stores=200, changing=0.5),
    Kind(name="at random", stores=200, random=True),
    Kind(name="ten stores", stores=10),
    Kind(name="four stores", stores=4),
    Kind(name="one store", stores=1),
]


@dataclass(kw_only=True)
class Score:
    """What was found in some fleets of one kind. ``caught``: for each of ``OUTAGES``."""

    fleets: int
    false_alarms: int
    caught: list[int]


def score(kind: Kind, fleets: int) -> Score:
    """Count what is found in fleets without an outage, and in the same fleets with three."""
    result = Score(fleets=fleets, false_alarms=0, caught=[0] * len(OUTAGES))
    usual = int(np.min(kind.every))
    for seed in range(fleets):
        random = np.random.default_rng([seed, kind.stores])
        stores = [_polls(kind, number, random) for number in range(kind.stores)]
        result.false_alarms += len(_found(stores))
        holes = _holes(usual, random)
        found = _found([_without(instants, holes) for instants in stores])
        for place, (start, end) in enumerate(holes):
            result.caught[place] += any(a < end and start < b for a, b in found)
        result.false_alarms += sum(
            not any(a < end and start < b for start, end in holes) for a, b in found
        )
    return result


def _polls(kind: Kind, number: int, random: Generator) -> NDArray[np.int64]:
    distance = kind.every[number % len(kind.every)]
    phase = 0 if kind.burst else random.integers(distance)
    at = np.arange(phase, LENGTH, distance)
    if kind.random:
        at = np.sort(random.integers(LENGTH, size=len(at)))
    else:
        at += random.integers(int(kind.spread * distance) + 1, size=len(at))
    at = np.unique(at[random.random(len(at)) >= kind.dropped])
    if random.random() < kind.changing:
        turn = random.integers(LENGTH)
        at = at[at > turn] if random.random() < 0.5 else at[at < turn]
    return BEGIN + at[at < LENGTH]


def _holes(usual: int, random: Generator) -> list[tuple[int, int]]:
    starts = BEGIN + np.array([2, 4, 6]) * DAY + random.integers(DAY // 2, size=len(OUTAGES))
    lengths = [int(usual * times) for times in OUTAGES]
    return [(int(start), int(start) + long) for start, long in zip(starts, lengths, strict=True)]


def _without(instants: NDArray[np.int64], holes: list[tuple[int, int]]) -> NDArray[np.int64]:
    for start, end in holes:
        instants = instants[(instants < start) | (instants >= end)]
    return instants


def _found(stores: Sequence[NDArray[np.int64]]) -> list[tuple[int, int]]:
    horizon = Horizon(start=BEGIN, end=BEGIN + LENGTH + 1, stores=len(stores))
    scopes = scopes_of(np.full(len(stores), -1, dtype=np.int32), [], {})
    seen = see(polls_of([instants.tolist() for instants in stores]), scopes, horizon)
    found = find_poller_outages(seen, BEGIN + LENGTH)
    return [(one.start, one.end) for one in found if one.scope == FLEET]
