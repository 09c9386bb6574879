"""Silences of a scope that its own rhythm does not explain (rules 18 and 19)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from uptime.poller.scopes import FLEET, TAG, place
from uptime.poller.sightings import Sightings
from uptime.windows.elapsed import MINUTE

# How many silences of that length chance may make in a scope's polls, expected.
_BY_CHANCE = 1 / 1000


@dataclass(frozen=True, kw_only=True)
class PollerOutage:
    """From the last poll of a scope before a silence to the first one after it.

    ``start`` and ``end``: microseconds of UTC. ``lasts``: no poll has ended it; ``end`` is then the
    instant up to which polls are known. ``stores``: how many stores of the scope were being polled.
    """

    scope: str
    start: int
    end: int
    lasts: bool
    stores: int


def find_poller_outages(seen: Mapping[str, Sightings], end: int) -> list[PollerOutage]:
    """Return the outages of all scopes up to ``end``, by start, wider scopes first.

    An outage of a wider scope is left out of the narrower ones: of the fleet for all, of a zone
    for a tag whose stores are all in it.
    """
    found: dict[str, list[PollerOutage]] = {}
    for name in sorted(seen, key=place):
        sightings = seen[name]
        wider = [outage for scope in _wider(name, sightings) for outage in found.get(scope, [])]
        found[name] = _outages_of(name, sightings, _Stretches.of(wider), end)
    every = [outage for outages in found.values() for outage in outages]
    return sorted(every, key=lambda outage: (outage.start, place(outage.scope)))


def shortest_outage(sightings: Sightings) -> int | None:
    """Return the least silence that can be an outage, in microseconds (rule 18).

    At least one and a half usual distances: every store then misses a poll. At least the upper
    fence of the distances (Tukey): they are too long for what is usual between single polls. And
    at least a slot, in which nothing can be told apart. None without two polls of one store.
    """
    if not sightings.distances.sum():
        return None
    lower, usual, upper = (_quantile(sightings.distances, quarter) for quarter in (1, 2, 3))
    fence = upper + 3 * (upper - lower) // 2
    return max(3 * max(usual, MINUTE) // 2, fence, sightings.slot)


def patience(sightings: Sightings) -> int | None:
    """Return how long a silence after the last poll must be to be an outage of the poller.

    None if nothing was learned. It is an outage from then on, whatever comes.
    """
    least, last = shortest_outage(sightings), last_poll(sightings)
    if least is None or last is None:
        return None
    rate = _Polled.of(sightings).polls(np.array([last]), np.array([last - least])).item()
    if not rate:
        return None
    by_chance = math.log(int(sightings.count.sum()) / _BY_CHANCE) / rate
    return max(least, math.ceil(by_chance))


def last_poll(sightings: Sightings) -> int | None:
    """Return the last poll of the scope; None without one."""
    return int(sightings.ended.max()) if len(sightings.ended) else None


@dataclass(frozen=True, kw_only=True)
class _Stretches:
    """``start`` and ``end``: int64[k], in order; none begins before another ends."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]

    @classmethod
    def of(cls, outages: list[PollerOutage]) -> "_Stretches":
        ordered = sorted((outage.start, outage.end) for outage in outages)
        start, end = np.array(ordered, dtype=np.int64).reshape(-1, 2).T
        return cls(start=start, end=end)

    def hold(self, start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of these stretches lie inside one of them."""
        before = np.searchsorted(self.start, start, side="right") - 1
        held: NDArray[np.bool_] = (before >= 0) & (np.append(self.end, 0)[before] >= end)
        return held


def _wider(name: str, sightings: Sightings) -> list[str]:
    if name == FLEET:
        return []
    is_in_one_zone = name.startswith(TAG) and len(sightings.zones) == 1
    return [FLEET, *(sightings.zones if is_in_one_zone else ())]


def _outages_of(name: str, sightings: Sightings, wider: _Stretches, end: int) -> list[PollerOutage]:
    least, last = shortest_outage(sightings), last_poll(sightings)
    if least is None or last is None:
        return []
    silent = _silences(sightings, wider, end, least)
    open_ended = silent.end > last
    # Of a silence that nothing has ended, who was being polled is told by the time before it.
    until = np.where(open_ended, np.minimum(silent.start, last) - least, silent.end)
    polled = _Polled.of(sightings)
    stores = polled.stores(silent.start, until)
    expected = polled.polls(silent.start, until) * (silent.end - silent.start)
    is_outage = sightings.count.sum() * np.exp(-expected) <= _BY_CHANCE
    if name != FLEET:
        # One store that is no longer polled is not an outage of the poller.
        is_outage &= ~open_ended | (stores > 1)
    columns = (silent.start, silent.end, open_ended & (silent.end == end), stores)
    return [
        PollerOutage(scope=name, start=start, end=finish, lasts=lasts, stores=count)
        for start, finish, lasts, count in zip(
            *(column[is_outage].tolist() for column in columns), strict=True
        )
    ]


def _silences(sightings: Sightings, wider: _Stretches, end: int, least: int) -> _Stretches:
    """Return the stretches without a poll that are long enough and in no wider outage."""
    polled = sightings.last >= 0
    edges = (sightings.first[polled], sightings.last[polled], wider.start, wider.end)
    instants: NDArray[np.int64] = np.unique(np.concatenate([*edges, np.array([end])]))
    # Before the first poll nobody knows whether there was a poller.
    instants = instants[(instants >= sightings.begun.min()) & (instants <= end)]
    start, finish = instants[:-1], instants[1:]
    kept = (finish - start >= least) & ~wider.hold(start, finish)
    return _Stretches(start=start[kept], end=finish[kept])


@dataclass(frozen=True, kw_only=True)
class _Polled:
    """Running sums of stores and of their polls a microsecond, by first and by last poll."""

    begun: NDArray[np.int64]
    ended: NDArray[np.int64]
    rate_begun: NDArray[np.float64]
    rate_ended: NDArray[np.float64]

    @classmethod
    def of(cls, sightings: Sightings) -> "_Polled":
        lasting = sightings.ended - sightings.begun
        rate = (sightings.count - 1) / np.maximum(lasting, 1)
        by_begin, by_end = np.argsort(sightings.begun), np.argsort(sightings.ended)
        return cls(
            begun=sightings.begun[by_begin],
            ended=sightings.ended[by_end],
            rate_begun=np.append(0.0, np.cumsum(rate[by_begin])),
            rate_ended=np.append(0.0, np.cumsum(rate[by_end])),
        )

    def stores(self, begin: NDArray[np.int64], until: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many stores were polled by ``begin`` and also at ``until`` or later."""
        first, last = self._places(begin, until)
        return first - last

    def polls(self, begin: NDArray[np.int64], until: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how many polls these stores usually have in a microsecond."""
        first, last = self._places(begin, until)
        return np.maximum(self.rate_begun[first] - self.rate_ended[last], 0.0)

    def _places(
        self, begin: NDArray[np.int64], until: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return (
            np.searchsorted(self.begun, begin, side="right"),
            np.searchsorted(self.ended, until, side="left"),
        )


def _quantile(distances: NDArray[np.int64], quarter: int) -> int:
    """Return the least distance that so many quarters of all do not exceed, in microseconds."""
    reached = np.cumsum(distances) * 4 >= distances.sum() * quarter
    return int(np.argmax(reached)) * MINUTE
