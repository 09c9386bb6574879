"""What is kept of the polls of a scope to find its silences.

Sightings of parts of a fleet can be joined, so no computation needs all polls at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from uptime.evidence.selection import Polls
from uptime.open_time.clock import Horizon
from uptime.poller.scopes import FLEET, ZONE, Scope
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


def see(polls: Polls, scopes: Sequence[Scope], horizon: Horizon) -> dict[str, Sightings]:
    """Return the sightings of each scope by its name; ``scopes``: those of ``scopes_of``.

    Polls outside ``horizon`` are ignored. Loops run over scopes, not over stores or polls.
    """
    zones = [scope for scope in scopes if scope.name.startswith(ZONE)]
    # Numbered by zone, the polls of a zone are one slice, and need not be gathered.
    number = np.empty(horizon.stores, dtype=np.int64)
    number[np.concatenate([number[:0], *(zone.stores for zone in zones)])] = np.arange(len(number))
    seen = _by_store(polls, number, horizon)
    found = {
        scope.name: _of_scope(seen, number[scope.stores], scope.zones, horizon)
        for scope in scopes
        if scope.name != FLEET
    }
    nobody = _of_scope(seen, number[:0], frozenset(), horizon)
    # Every store is in one zone.
    return {FLEET: sum((found[zone.name] for zone in zones), nobody), **found}


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
    ``slots``: int64[p].
    """

    at: NDArray[np.int64]
    edges: NDArray[np.int64]
    minutes: NDArray[np.int64]
    slots: NDArray[np.int64]

    def places(self, stores: NDArray[np.int64]) -> NDArray[np.int64] | slice:
        """Return where all polls of some stores are."""
        if len(stores) and (np.diff(stores) == 1).all():
            return slice(int(self.edges[stores[0]]), int(self.edges[stores[-1] + 1]))
        sizes = self.edges[stores + 1] - self.edges[stores]
        before = np.cumsum(sizes) - sizes
        places: NDArray[np.int64] = np.repeat(self.edges[stores] - before, sizes)
        return places + np.arange(len(places))


def _by_store(polls: Polls, number: NDArray[np.int64], horizon: Horizon) -> _ByStore:
    inside = (polls.at >= horizon.start) & (polls.at < horizon.end)
    keys = horizon.keys(number[polls.store[inside]], polls.at[inside])
    keys.sort()
    bases = np.arange(horizon.stores + 1) * horizon.span
    edges = np.searchsorted(keys, bases)
    minutes = np.full(len(keys), _DISTANCES)
    minutes[1:] = np.minimum(np.diff(keys) // MINUTE, _DISTANCES - 1)
    minutes[edges[:-1][edges[:-1] < len(keys)]] = _DISTANCES
    at = keys - np.repeat(bases[:-1] - horizon.start, np.diff(edges))
    slots = (at - horizon.start) // slot_of(horizon)
    return _ByStore(at=at, edges=edges, minutes=minutes, slots=slots)


def _of_scope(
    seen: _ByStore, stores: NDArray[np.int64], zones: frozenset[str], horizon: Horizon
) -> Sightings:
    """Return the sightings of stores by their numbers in ``seen``."""
    places, slot = seen.places(stores), slot_of(horizon)
    count = -(-(horizon.end - horizon.start) // slot)
    first, last = np.full(count, _NEVER), np.full(count, -1)
    np.minimum.at(first, seen.slots[places], seen.at[places])
    np.maximum.at(last, seen.slots[places], seen.at[places])
    begin, end = seen.edges[stores], seen.edges[stores + 1]
    polled = end > begin
    return Sightings(
        zones=zones,
        slot=slot,
        distances=np.bincount(seen.minutes[places], minlength=_DISTANCES + 1)[:_DISTANCES],
        first=first,
        last=last,
        begun=seen.at[begin[polled]],
        ended=seen.at[end[polled] - 1],
        count=(end - begin)[polled],
    )
