"""From the polls of a fleet to what they say of its poller, and back to its stores."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from uptime.fleet import Fleet
from uptime.open_time.clock import Clock, Horizon
from uptime.poller.outages import PollerOutage
from uptime.poller.scopes import Scope, scopes_of
from uptime.poller.sightings import Sightings, see
from uptime.poller.silences import Silences
from uptime.question import Question


def sightings_of(fleet: Fleet, start: int, end: int) -> Mapping[str, Sightings]:
    """Return what the polls between two instants, both included, say of each scope.

    ``fleet`` may be a part of the fleet: see ``sightings.joined``. Raises ``ValueError`` for too
    many stores over too long a time (``Horizon``).
    """
    horizon = Horizon(start=start, end=end + 1, stores=len(fleet.time_zones))
    return see(fleet.polls, scopes(fleet), horizon)


def silences_of(fleet: Fleet, outages: Iterable[PollerOutage]) -> Silences:
    """Return the outages as silences of the stores of a fleet, or of a part of it."""
    stores = {scope.name: scope.stores for scope in scopes(fleet)}
    concerned = [one for one in outages if one.scope in stores]
    counts = [len(stores[one.scope]) for one in concerned]
    return Silences(
        store=np.concatenate([np.empty(0, np.int64), *(stores[one.scope] for one in concerned)]),
        start=np.repeat(np.array([one.start for one in concerned], dtype=np.int64), counts),
        end=np.repeat(np.array([one.end for one in concerned], dtype=np.int64), counts),
    )


def time_in(
    fleet: Fleet, question: Question, outages: Iterable[PollerOutage], clock: Clock
) -> tuple[list[int], list[int]]:
    """Return the open time of all stores in each window, and how much of it is in the outages.

    Excluded time is left out. ``clock``: ``fleet.open_time``. Both are microseconds, as Python's
    integers: those of a large fleet do not fit into 64 bits.
    """
    horizon = fleet.horizon(question)
    clock = clock.without(fleet.excluded_time(clock, horizon))
    opened = fleet.bounds(question).as_keys(horizon).read_by(clock)
    silent = silences_of(fleet, outages).clock(horizon)
    within = Clock.over(clock.read(silent.starts), clock.read(silent.ends))
    return _sums(opened.lasting()), _sums(opened.lasting(within))


def _sums(lengths: NDArray[np.int64]) -> list[int]:
    return [sum(row) for row in lengths.tolist()]


def scopes(fleet: Fleet) -> Sequence[Scope]:
    """Return the scopes that stores of the fleet are in."""
    return scopes_of(fleet.time_zones, fleet.zone_names, fleet.tags)
