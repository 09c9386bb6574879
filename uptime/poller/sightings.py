"""What is kept of the polls of a scope to find its silences.

Sightings of parts of a fleet can be joined, so no computation needs all polls at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import Polls, sort_polls
from uptime.open_time.clock import Horizon
from uptime.poller.scopes import Scope
from uptime.windows.elapsed import MINUTE

# Whole minutes up to a week; the last item counts all that are longer.
_DISTANCES = 7 * 24 * 60 + 1
_MOST_SLOTS = 1 << 14
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Sightings:
    """The polls of one scope between two instants.

    ``distances``: int64[10081], how many pairs of consecutive polls of a store are that many whole
    minutes apart. ``first`` and ``last``: int64[slots], the first and last poll in each slot of
    ``slot`` microseconds, the largest int64 and -1 for none. ``begun``, ``ended`` and ``count``:
    int64[s], the first and last poll of each polled store, and how many it has. ``zones``: see
    ``Scope``.
    """

    zones: frozenset[str]
    slot: int
    distances: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    begun: NDArray[np.int64]
    ended: NDArray[np.int64]
    count: NDArray[np.int64]

    def __add__(self, other: "Sightings") -> "Sightings":
        """Join those of two parts of the scope, which have no store in common."""
        return Sightings(
            zones=self.zones | other.zones,
            slot=self.slot,
            distances=self.distances + other.distances,
            first=np.minimum(self.first, other.first),
            last=np.maximum(self.last, other.last),
            begun=np.append(self.begun, other.begun),
            ended=np.append(self.ended, other.ended),
            count=np.append(self.count, other.count),
        )


def see(polls: Polls, scopes: Iterable[Scope], horizon: Horizon) -> dict[str, Sightings]:
    """Return the sightings of each scope, by its name, in the order of ``scopes``.

    Polls outside ``horizon`` are ignored. Loops run over scopes, not over stores or polls.
    """
    seen = _by_store(polls, horizon)
    return {scope.name: _of_scope(seen, scope, horizon) for scope in scopes}


def joined(parts: Iterable[Mapping[str, Sightings]]) -> dict[str, Sightings]:
    """Return the sightings of all parts of a fleet as one; a scope need not be in every part."""
    found: dict[str, list[Sightings]] = {}
    for part in parts:
        for name, sightings in part.items():
            found.setdefault(name, []).append(sightings)
    return {name: reduce(Sightings.__add__, each) for name, each in found.items()}


def slot_of(horizon: Horizon) -> int:
    """Return the length of a slot: a minute, more if the horizon would have over 16,384."""
    return max(MINUTE, -(-(horizon.end - horizon.start) // _MOST_SLOTS))


@dataclass(frozen=True, kw_only=True)
class _ByStore:
    """``at``: int64[p], by store and time. ``edges``: int64[n + 1], where each store's begin.

    ``minutes``: int64[p], since the store's previous poll; beyond all distances for its first.
    """

    at: NDArray[np.int64]
    edges: NDArray[np.int64]
    minutes: NDArray[np.int64]

    def places(self, stores: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the indexes of all polls of some stores."""
        sizes = self.edges[stores + 1] - self.edges[stores]
        before = np.cumsum(sizes) - sizes
        places: NDArray[np.int64] = np.repeat(self.edges[stores] - before, sizes)
        return places + np.arange(len(places))


def _by_store(polls: Polls, horizon: Horizon) -> _ByStore:
    keys = sort_polls(polls, horizon, np.array([horizon.start])).keys
    bases = np.arange(horizon.stores + 1) * horizon.span
    edges = np.searchsorted(keys, bases)
    minutes = np.full(len(keys), _DISTANCES)
    minutes[1:] = np.minimum(np.diff(keys) // MINUTE, _DISTANCES - 1)
    minutes[edges[:-1][edges[:-1] < len(keys)]] = _DISTANCES
    at = keys - np.repeat(bases[:-1] - horizon.start, np.diff(edges))
    return _ByStore(at=at, edges=edges, minutes=minutes)


def _of_scope(seen: _ByStore, scope: Scope, horizon: Horizon) -> Sightings:
    at, minutes = seen.at, seen.minutes
    if len(scope.stores) < horizon.stores:
        places = seen.places(scope.stores)
        at, minutes = at[places], minutes[places]
    slot = slot_of(horizon)
    place = (at - horizon.start) // slot
    slots = -(-(horizon.end - horizon.start) // slot)
    first, last = np.full(slots, _NEVER), np.full(slots, -1)
    np.minimum.at(first, place, at)
    np.maximum.at(last, place, at)
    begin, end = seen.edges[scope.stores], seen.edges[scope.stores + 1]
    polled = end > begin
    return Sightings(
        zones=scope.zones,
        slot=slot,
        distances=np.bincount(minutes, minlength=_DISTANCES + 1)[:_DISTANCES],
        first=first,
        last=last,
        begun=seen.at[begin[polled]],
        ended=seen.at[end[polled] - 1],
        count=(end - begin)[polled],
    )
